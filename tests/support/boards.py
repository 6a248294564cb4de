"""Builds packs, rankings, evaluations and flags as the worker would publish them, for any number of units. Everything in them is invented."""

import random
from datetime import UTC, datetime, timedelta

from services.contracts.event_data import Place
from services.contracts.events import evaluation_id
from services.contracts.flags import FLAG_SCHEMA, Flag, FlagKind, FlagState, Mover
from services.contracts.following import Record
from services.contracts.ids import BlockId, EvaluationId, FlagId, PackHash, UnitId
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.model import Pack
from services.contracts.records import SHOWS, result_headers
from services.contracts.results import (
    DEAD_LETTER_SCHEMA,
    EVALUATION_SCHEMA,
    RANKING_SCHEMA,
    Baseline,
    CriterionResult,
    DeadLetter,
    Evaluation,
    Ranking,
    UnitResult,
    encode_result,
)
from services.contracts.steps import Showing, encode_showing
from services.contracts.topics import DEAD_LETTERS, EVALUATIONS, FLAGS, PACKS, RANKINGS

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
ENGINE = "engine/1"

_FIRST = tuple(
    "An Bình Cẩm Đông Đức Gia Hà Hòa Hương Khánh Kim Kỳ Lộc Mai Nghi Phúc Quang Sơn Thạch Thiên Toàn Trường Vĩnh Xuân Yên".split()  # noqa: SIM905
)
_SECOND = ["Giang", "Hải", "Lạc", "Lâm", "Minh", "Phong", "Thịnh", "Thủy", "Trung", "Vượng"]

GROUPS = (
    ("kt", "Kinh tế", "Economy", "KT", "EC", 30),
    ("xh", "Xã hội", "Society", "XH", "SO", 25),
    ("nt", "Nông thôn mới", "New rural areas", "NT", "RU", 20),
    ("cc", "Cải cách hành chính", "Administrative reform", "CC", "AD", 15),
    ("mt", "Môi trường", "Environment", "MT", "EN", 10),
)


def unit_id(number: int) -> UnitId:
    return UnitId(f"u{number:03d}")


def unit_name(number: int) -> str:
    kind = "Phường" if number % 7 == 0 else "Xã"
    return f"{kind} {_FIRST[number % len(_FIRST)]} {_SECOND[number * 3 % len(_SECOND)]}"


def build_pack(
    campaign: str, units: int, *, flags: bool = True, simulated: bool = True, title: str = "xã, phường"
) -> CompiledPack:
    """One block `main` of that many units, five weighted groups of one criterion each, on a scale of 100."""
    return compile_pack(
        Pack.model_validate(
            {
                "campaign": {
                    "id": campaign,
                    "title": {"vi": "Thi đua 2026", "en": "Campaign 2026"},
                    "span": "2026",
                    "live_cadence": "month",
                    "simulated": simulated,
                },
                "blocks": [
                    {
                        "id": "main",
                        "title": {"vi": f"khối {units} {title}", "en": f"block of {units} communes"},
                        "scheme": "all",
                        "flags": _flag_rules() if flags else {},
                    }
                ],
                "schemes": [
                    {"id": "all", "title": _text("Tất cả", "All"), "min_coverage": 0.6, "root": _root()}
                ],
                "indicators": [_indicator(*group[:3]) for group in GROUPS],
                "units": [
                    {"id": unit_id(n), "name": unit_name(n), "kind": "xã", "block": "main"}
                    for n in range(units)
                ],
            }
        )
    )


def _text(vi: str, en: str) -> dict[str, str]:
    return {"vi": vi, "en": en}


def _flag_rules() -> dict[str, object]:
    rule = {"enter": 0.1, "leave": 0.2, "k": 4, "n": 5}
    return {"leader": rule, "underperformer": rule}


def _root() -> dict[str, object]:
    members = [
        {
            "group": group,
            "title": _text(vi, en),
            "short": _text(short_vi, short_en),
            "weight": weight,
            "members": [
                {
                    "criterion": f"{group}-c",
                    "indicator": f"{group}-i",
                    "weight": 1,
                    "scoring": {"method": "min_max"},
                }
            ],
        }
        for group, vi, en, short_vi, short_en, weight in GROUPS
    ]
    return {"group": "root", "title": _text("Điểm chung", "Score"), "members": members}


def _indicator(group: str, vi: str, en: str) -> dict[str, object]:
    return {
        "id": f"{group}-i",
        "title": _text(f"Chỉ tiêu {vi.lower()}", f"{en} indicator"),
        "unit_of_measure": "%",
        "measure": "value",
        "cadence": "month",
    }


class BoardBuilder:
    """The rankings of one block. The same seed gives the same scores; `push` changes one unit's."""

    def __init__(
        self,
        pack: CompiledPack,
        block: str | None = None,
        *,
        seed: int = 1,
        unranked: int = 0,
        missing: bool = False,
    ) -> None:
        self.pack = pack
        self.block = BlockId(block or next(iter(pack.pack.block_by_id)))
        scheme = pack.pack.scheme_of(self.block)
        self.scale, self.decimals = scheme.scale, scheme.decimals
        self.criteria = len(scheme.criteria())
        draw = random.Random(seed)
        members = scheme.top_groups()
        weight = sum(member.weight for member in members)
        self.shares = [member.weight / weight for member in members]
        units = pack.pack.units_of(self.block, NOON.date())
        self.names = {UnitId(unit.id): unit.name for unit in units}
        self.groups: dict[UnitId, list[float]] = {}
        for unit in self.names:
            base = draw.uniform(0.35, 0.95)
            self.groups[unit] = [min(1.0, max(0.02, base + draw.gauss(0, 0.08))) for _ in members]
        self.coverage = {unit: draw.choice([1.0, 1.0, 1.0, 0.98, 0.96, 0.93, 0.88]) for unit in self.names}
        for unit in draw.sample(sorted(self.names), unranked):
            self.coverage[unit] = draw.choice([0.38, 0.51])
        self.missing: dict[UnitId, str] = {}
        if missing:
            states = ["not_reported", "not_due", "not_applicable", "zero"]
            self.missing = dict(zip(draw.sample(sorted(self.names), 4), states, strict=True))
        self.moves = {unit: draw.choice([0, 0, 0, 1, -1, 2, -2, 5]) for unit in self.names}
        self.deltas = {
            unit: round(draw.gauss(0, 0.4) * self.scale / 100, self.decimals) for unit in self.names
        }
        self.offset = 100
        self.events = 1000

    def push(self, unit: str, group_scores: float) -> None:
        """A report that sets all groups of the unit."""
        self.groups[UnitId(unit)] = [group_scores] * len(self.shares)
        self.offset += 1
        self.events += 1

    def ranking(self, as_of: datetime = NOON, *, period: str = "2026-11", baseline: bool = True) -> Ranking:
        return Ranking(
            block=self.block,
            period=period,
            pack=self.pack.hash,
            engine=ENGINE,
            as_of=as_of,
            cause=Place(3, self.offset, 0),
            events=self.events,
            chain="0" * 64,
            baseline=Baseline(EvaluationId("e" * 32), "2026-10") if baseline else None,
            intervals_at=Place(3, self.offset, 0),
            units=self.units(baseline=baseline),
        )

    def evaluation(self, period: str, edition: int = 1, as_of: datetime = NOON) -> Evaluation:
        return Evaluation(
            id=evaluation_id(self.block, period, as_of, edition),
            block=self.block,
            period=period,
            as_of=as_of,
            edition=edition,
            pack=self.pack.hash,
            engine=ENGINE,
            cause=Place(3, self.offset, 0),
            events=self.events,
            chain="0" * 64,
            seed=1,
            baseline=None,
            units=self.units(baseline=False),
        )

    def units(self, *, baseline: bool) -> list[UnitResult]:
        scores = {unit: self._score(unit) for unit in self.names}
        ranked = sorted(
            (unit for unit in scores if self.coverage[unit] >= 0.6), key=lambda u: (-scores[u], self.names[u])
        )
        unranked = sorted((unit for unit in scores if self.coverage[unit] < 0.6), key=self.names.__getitem__)
        ordered = [scores[unit] for unit in ranked]
        results = []
        for unit in ranked:
            rank = ordered.index(scores[unit]) + 1
            spread = min(rank - 1, len(ranked) - rank, 2 + len(ranked) // 12)
            interval = (max(1, rank - spread), min(len(ranked), rank + spread))
            results.append(
                self._result(
                    unit, rank, ordered.count(scores[unit]) > 1, scores[unit], interval, baseline=baseline
                )
            )
        return results + [self._result(unit, None, False, None, None, baseline=False) for unit in unranked]

    def _score(self, unit: UnitId) -> float:
        total = sum(share * score for share, score in zip(self.shares, self._scores(unit), strict=True))
        return round(total * self.scale, self.decimals)

    def _scores(self, unit: UnitId) -> list[float]:
        scores = list(self.groups[unit])
        if unit in self.missing:
            scores[1 % len(scores)] = 0.0
        return scores

    def _result(
        self,
        unit: UnitId,
        rank: int | None,
        tied: bool,
        score: float | None,
        interval: tuple[int, int] | None,
        *,
        baseline: bool,
    ) -> UnitResult:
        scores: list[float | None] = [round(value, 4) for value in self._scores(unit)]
        criteria = [
            CriterionResult(
                "reported", 50.0, scores[min(i, len(scores) - 1)], "2026-11", "self", "//u", f"r{i}"
            )
            for i in range(self.criteria)
        ]
        state = self.missing.get(unit)
        if state in ("not_reported", "not_due", "not_applicable"):
            criteria[1] = CriterionResult(state)  # type: ignore[arg-type]
            scores[1 % len(scores)] = None
        return UnitResult(
            unit=unit,
            rank=rank,
            tied=tied,
            score=score,
            coverage=self.coverage[unit],
            interval=interval,
            groups=scores,
            criteria=criteria,
            moved=self.moves[unit] if baseline else None,
            delta=self.deltas[unit] if baseline else None,
        )

    def flag(
        self,
        kind: FlagKind,
        *,
        place: int,
        state: FlagState = "proposed",
        as_of: datetime = NOON,
        cause: int = 50,
    ) -> Flag:
        """A flag on the unit at that place of the board; -1 is the last ranked."""
        ranked = [unit for unit in self.units(baseline=False) if unit.rank is not None]
        unit = ranked[place]
        return Flag(
            id=FlagId(f"{self.block}:{kind}:{unit.unit}:{'e' * 32}"),
            block=self.block,
            unit=unit.unit,
            kind=kind,
            state=state,
            evaluation=EvaluationId("e" * 32),
            period="2026-10",
            since="2026-07",
            as_of=as_of,
            rank=unit.rank,
            of=len(ranked),
            interval=unit.interval,
            score=unit.score,
            gap=5.0,
            coverage=unit.coverage,
            hits=4,
            window=5,
            movers=[Mover(self.pack.pack.scheme_of(self.block).criteria()[0].criterion, 2.5)],
            evidence=[("//u", "r0")],
            rule=f"{kind}/1",
            pack=self.pack.hash,
            engine=ENGINE,
            cause=Place(3, cause, 0),
        )


class Topics:
    """Makes the records of the followed topics, with offsets that grow as Kafka's do."""

    def __init__(self, partition: int = 3) -> None:
        self.partition = partition
        self._next: dict[str, int] = {}

    def pack(self, pack: CompiledPack) -> Record:
        return self._record(PACKS.name, pack.hash, pack.body, [])

    def showing(self, ranking: Ranking, showing: Showing) -> Record:
        """The ranking with what it is the first to show."""
        headers = [*result_headers(RANKING_SCHEMA, ranking.cause, 0), (SHOWS, encode_showing(showing))]
        return self._record(RANKINGS.name, ranking.block, encode_result(ranking), headers)

    def result(self, result: Ranking | Evaluation | Flag | DeadLetter) -> Record:
        if isinstance(result, DeadLetter):
            headers = result_headers(DEAD_LETTER_SCHEMA, result.place, 0)
            return self._record(DEAD_LETTERS.name, result.key, encode_result(result), headers)
        topic, schema, key = {
            Ranking: (RANKINGS.name, RANKING_SCHEMA, result.block),
            Evaluation: (EVALUATIONS.name, EVALUATION_SCHEMA, result.block),
            Flag: (FLAGS.name, FLAG_SCHEMA, getattr(result, "id", "")),
        }[type(result)]
        return self._record(topic, key, encode_result(result), result_headers(schema, result.cause, 0))

    def raw(self, topic: str, key: str, value: bytes | None) -> Record:
        return self._record(topic, key, value, [])

    def _record(self, topic: str, key: str, value: bytes | None, headers: list[tuple[str, bytes]]) -> Record:
        offset = self._next.get(topic, 0)
        self._next[topic] = offset + 1
        return Record(topic, self.partition, offset, key, value, tuple(headers), 0)


class Clock:
    """A clock that a test turns."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def turn(self, **by: float) -> None:
        self.at += timedelta(**by)


UNKNOWN_PACK = PackHash("f" * 64)
