"""The results of the stored campaign: pack, evaluations, rankings, flags, alerts and dead letters, through storage's own decoding."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bench.stored_shape import BLOCKS, CAMPAIGN, CRITERIA, GROUPS, LOG, PERIODS, RANGE, UNITS
from services.contracts.alerts import Alert, AlertStep, alert_id, encode_alert
from services.contracts.event_data import Place
from services.contracts.events import evaluation_id
from services.contracts.flags import Flag
from services.contracts.following import Record
from services.contracts.ids import BlockId, FlagId, UnitId
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.model import Pack
from services.contracts.results import (
    CriterionResult,
    DeadLetter,
    Evaluation,
    Ranking,
    UnitResult,
    encode_result,
)
from services.contracts.topics import ALERTS, DEAD_LETTERS, EVALUATIONS, EVENTS, FLAGS, PACKS, RANKINGS
from services.storage.decoding import DECODERS, Origin
from services.storage.rows import TABLES, Row
from services.storage.store import ClickHouseStore


def store_results(store: ClickHouseStore, now: datetime) -> None:
    """Inserts everything, as of `now`."""
    origin = Origin(LOG, 1)
    by_table: dict[type[Row], list[Row]] = {row_class: [] for row_class in TABLES}
    for record in _records(_pack(), now):
        for row in DECODERS[record.topic](record, origin):
            by_table[type(row)].append(row)
    for row_class, rows in by_table.items():
        if rows:
            store.insert(rows, f"panels-{row_class.__name__}")


def _records(pack: CompiledPack, now: datetime) -> Iterator[Record]:
    yield _record(PACKS.name, pack.hash, pack.body, now)
    for number, block in enumerate(pack.pack.block_by_id):
        units = _units(block)
        for month in range(PERIODS):
            evaluation = _evaluation(pack, block, month, units, now)
            yield _record(EVALUATIONS.name, block, encode_result(evaluation), now, month)
        yield _record(RANKINGS.name, block, encode_result(_ranking(pack, block, number, units, now)), now)
        flags = list(_flags(pack, block, units, now))
        for offset, flag in enumerate(flags):
            yield _record(FLAGS.name, flag.id, encode_result(flag), now, offset)
        for offset, alert in enumerate(_alerts(block, flags, now)):
            yield _record(ALERTS.name, alert.id, encode_alert(alert), now, offset)
        for offset in range(20):
            letter = _dead_letter(block, offset, now - timedelta(minutes=offset))
            yield _record(DEAD_LETTERS.name, block, encode_result(letter), now, number * 20 + offset)


def _record(topic: str, key: str, value: bytes, now: datetime, offset: int = 0) -> Record:
    return Record(topic, 0, offset, key, value, (), int(now.timestamp() * 1000))


def _pack() -> CompiledPack:
    title = {"vi": "Khối thử", "en": "Trial block"}
    share = CRITERIA // GROUPS
    groups = [
        {
            "group": f"g{g}",
            "title": {"vi": f"Nhóm {g}", "en": f"Group {g}"},
            "members": [_criterion(g * share + c) for c in range(share)],
        }
        for g in range(GROUPS)
    ]
    root = {"group": "total", "title": title, "members": groups}
    indicator = {"title": title, "unit_of_measure": "%", "measure": "value", "cadence": "month"}
    content = {
        "campaign": {
            "id": CAMPAIGN,
            "title": {"vi": "Phong trào thử", "en": "Trial campaign"},
            "span": "2024/2030",
            "live_cadence": "month",
            "simulated": True,
        },
        "blocks": [{"id": b, "title": title, "scheme": "s"} for b in BLOCKS],
        "schemes": [{"id": "s", "title": title, "root": root}],
        "indicators": [{"id": f"i{c}", **indicator} for c in range(CRITERIA)],
        "units": [
            {"id": f"{b}-u{n}", "name": f"Đơn vị {b} {n}", "kind": "unit", "block": b}
            for b in BLOCKS
            for n in range(1, UNITS + 1)
        ],
    }
    return compile_pack(Pack.model_validate(content))


def _criterion(number: int) -> dict[str, object]:
    scoring = {"method": "target_ratio", "target": 100 + number}
    return {"criterion": f"c{number}", "indicator": f"i{number}", "weight": 1, "scoring": scoring}


def _units(block: BlockId) -> list[UnitResult]:
    name = block.partition("/")[2]
    return [_unit(f"{name}-u{n}", n) for n in range(1, UNITS + 1)]


def _unit(unit: str, rank: int) -> UnitResult:
    """The last unit is not ranked, and every 10th criterion has no figure."""
    ranked = rank < UNITS
    reported = CriterionResult("reported", 80.0 + rank, 0.8, "2025-12", "self", f"/{CAMPAIGN}/{unit}", "r1")
    criteria = [CriterionResult("not_reported") if c % 10 == 9 else reported for c in range(CRITERIA)]
    return UnitResult(
        unit=UnitId(unit),
        rank=rank if ranked else None,
        tied=False,
        score=100.0 - rank if ranked else None,
        coverage=0.9 if ranked else 0.2,
        interval=(max(rank - 2, 1), rank + 3) if ranked else None,
        groups=[0.9 - rank / 100] * GROUPS if ranked else [None] * GROUPS,
        criteria=criteria,
        moved=rank % 5 - 2 if ranked else None,
        delta=0.5 if ranked else None,
        simulated=True,
    )


def _evaluation(
    pack: CompiledPack, block: BlockId, month: int, units: list[UnitResult], now: datetime
) -> Evaluation:
    period = f"{2024 + month // 12}-{month % 12 + 1:02}"
    as_of = now - RANGE + timedelta(minutes=10 * month)
    return Evaluation(
        id=evaluation_id(block, period, as_of, 1),
        block=block,
        period=period,
        as_of=as_of,
        edition=1,
        pack=pack.hash,
        engine="1",
        cause=Place(0, month, 0),
        events=month + 1,
        chain="c" * 64,
        seed=1,
        baseline=None,
        units=units,
        simulated=True,
    )


def _ranking(
    pack: CompiledPack, block: BlockId, number: int, units: list[UnitResult], now: datetime
) -> Ranking:
    """The last block is halted, half a minute behind its log."""
    return Ranking(
        block=block,
        period="2026-01",
        pack=pack.hash,
        engine="1",
        as_of=now - timedelta(seconds=15 * number),
        cause=Place(number, 10, 0),
        events=11,
        chain="c" * 64,
        baseline=None,
        intervals_at=None,
        units=units,
        simulated=True,
        halted=number == len(BLOCKS) - 1,
    )


def _flags(pack: CompiledPack, block: BlockId, units: list[UnitResult], now: datetime) -> Iterator[Flag]:
    """Three units lead and three are behind; of each three one has ended."""
    for number, unit in enumerate([*units[:3], *units[-4:-1]]):
        kind: Any = "leader" if number < 3 else "underperformer"
        states: tuple[Any, ...] = ("proposed", "ended") if number % 3 == 2 else ("proposed",)
        for step, state in enumerate(states):
            yield Flag(
                id=FlagId(f"{block}:{kind}:{unit.unit}:1"),
                block=block,
                unit=unit.unit,
                kind=kind,
                state=state,
                evaluation=evaluation_id(block, "2025-12", now, 1),
                period="2025-12",
                since="2025-11",
                as_of=now - RANGE + timedelta(minutes=30 * number + 60 * step),
                rank=unit.rank,
                of=UNITS - 1,
                interval=unit.interval,
                score=unit.score,
                gap=1.5,
                coverage=0.9,
                hits=2,
                window=3,
                movers=[],
                evidence=[],
                rule="rank_share",
                pack=pack.hash,
                engine="1",
                cause=Place(0, 100 + number, step),
                simulated=True,
            )


def _alerts(block: BlockId, flags: list[Flag], now: datetime) -> Iterator[Alert]:
    """One message to each of two roles: one arrived, one failed."""
    ends: tuple[tuple[str, AlertStep], ...] = (("chair", "sent"), ("member-1", "failed"))
    for role, end in ends:
        for number, step in enumerate(("sending", end), 1):
            yield Alert(
                id=alert_id(block, flags[0].evaluation, "evaluation", role, "email"),
                block=block,
                evaluation=flags[0].evaluation,
                occasion="evaluation",
                role=role,
                channel="email",
                step="sending" if step == "sending" else end,
                number=number,
                attempts=1,
                at=now - timedelta(minutes=10 - number),
                flags=flags[:2],
                reason="the mail server does not answer" if step == "failed" else None,
                simulated=True,
            )


def _dead_letter(block: BlockId, offset: int, at: datetime) -> DeadLetter:
    return DeadLetter(
        topic=EVENTS.name,
        place=Place(0, offset, 0),
        key=block,
        reason="unknown-unit" if offset % 2 else "bad-event",
        detail="no such unit",
        hint="correct the subject",
        body=b"{}",
        at=at,
    )
