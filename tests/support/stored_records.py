"""Records as other services write them, for tests of what storage makes of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.contracts.alerts import Alert, AlertStep, alert_id, encode_alert
from services.contracts.event_data import EvaluationPublishedData, Place, ReportData
from services.contracts.events import AnyEvent, EvaluationPublished, Report, encode_record, evaluation_id
from services.contracts.flags import FLAG_SCHEMA, Flag, Mover
from services.contracts.following import Record
from services.contracts.ids import BlockId, EvaluationId, FlagId, PackHash, UnitId
from services.contracts.records import result_headers
from services.contracts.results import (
    EVALUATION_SCHEMA,
    RANKING_SCHEMA,
    CriterionResult,
    DeadLetter,
    Evaluation,
    Ranking,
    UnitResult,
    encode_result,
)
from services.contracts.topics import ALERTS, DEAD_LETTERS, EVALUATIONS, EVENTS, FLAGS, RANKINGS

NOW = datetime.now(UTC).replace(microsecond=123456)  # live history is dropped after 90 days
BLOCK = BlockId("tiny/a")
PACK = PackHash("f" * 64)
ENGINE = "1"
SENT_US = int(NOW.timestamp()) * 1_000_000 + 200_000


def report(number: int, value: float = 1.0, **more: Any) -> Report:
    return Report(
        specversion="1.0",
        id=f"r{number}",
        source="tiny/u1",
        time=NOW,
        subject="u1",
        receivedtime=NOW + timedelta(milliseconds=number),
        principal="p1",
        origin="self",
        data=ReportData(indicator="x", period="2026-02", value=value, **more),
    )


def published(evaluation: EvaluationId, id: str) -> EvaluationPublished:
    return EvaluationPublished(
        specversion="1.0",
        id=id,
        source="tiny/office",
        time=NOW,
        subject=BLOCK,
        receivedtime=NOW,
        principal="office-1",
        data=EvaluationPublishedData(evaluation=evaluation, actor="office"),
    )


def unit_result(name: str, rank: int | None, score: float | None) -> UnitResult:
    return UnitResult(
        unit=UnitId(name),
        rank=rank,
        tied=False,
        score=score,
        coverage=1.0 if rank else 0.0,
        interval=(rank, rank + 1) if rank else None,
        groups=[score and score / 100],
        median_rank=rank,
        p_top=0.75 if rank else None,
        p_bottom=0.125 if rank else None,
        score_interval=(score - 2.0, score + 1.5) if score else None,
        shrunk=score and score - 0.5,
        criteria=[CriterionResult("reported", 7.5, 0.5, "2026-02", "self", "tiny/" + name, "r1")],
    )


def units() -> list[UnitResult]:
    return [unit_result("u2", 1, 90.0), unit_result("u1", 2, 80.5), unit_result("u3", None, None)]


def evaluation(
    period: str = "2026-02", edition: int = 1, cause: Place = Place(0, 5, 0), **more: Any
) -> Evaluation:
    fields: dict[str, Any] = {
        "id": evaluation_id(BLOCK, period, NOW, edition),
        "block": BLOCK,
        "period": period,
        "as_of": NOW,
        "edition": edition,
        "pack": PACK,
        "engine": ENGINE,
        "cause": cause,
        "events": 6,
        "chain": "c" * 64,
        "seed": 7,
        "baseline": None,
        "units": units(),
    }
    return Evaluation(**fields | more)


def ranking(cause: Place, as_of: datetime = NOW, **more: Any) -> Ranking:
    fields: dict[str, Any] = {
        "block": BLOCK,
        "period": "2026-02",
        "pack": PACK,
        "engine": ENGINE,
        "as_of": as_of,
        "cause": cause,
        "events": cause.offset + 1,
        "chain": "c" * 64,
        "baseline": None,
        "intervals_at": None,
        "units": units(),
    }
    return Ranking(**fields | more)


def flag(cause: Place, **more: Any) -> Flag:
    of = evaluation()
    fields: dict[str, Any] = {
        "id": FlagId(f"{BLOCK}:leader:u2:{of.id}"),
        "block": BLOCK,
        "unit": UnitId("u2"),
        "kind": "leader",
        "state": "proposed",
        "evaluation": of.id,
        "period": "2026-02",
        "since": "2026-02",
        "as_of": NOW,
        "rank": 1,
        "of": 2,
        "interval": (1, 2),
        "score": 90.0,
        "gap": 4.75,
        "coverage": 1.0,
        "hits": 2,
        "window": 3,
        "movers": [Mover("cx", 4.75)],
        "evidence": [("tiny/u2", "r1")],
        "rule": "rank_share",
        "pack": PACK,
        "engine": ENGINE,
        "cause": cause,
    }
    return Flag(**fields | more)


def dead_letter(place: Place, **more: Any) -> DeadLetter:
    fields: dict[str, Any] = {
        "topic": EVENTS.name,
        "place": place,
        "key": BLOCK,
        "reason": "unknown-unit",
        "detail": "no unit u9",
        "hint": "check the subject",
        "body": b'{"id":"r1"}',
        "at": NOW,
    }
    return DeadLetter(**fields | more)


def event_record(offset: int, events: list[AnyEvent]) -> Record:
    return record(EVENTS.name, encode_record(events), offset)


def evaluation_record(offset: int, of: Evaluation) -> Record:
    headers = result_headers(EVALUATION_SCHEMA, of.cause, SENT_US)
    return record(EVALUATIONS.name, encode_result(of), offset, headers=headers)


def ranking_record(offset: int, of: Ranking, sent_us: int = SENT_US) -> Record:
    headers = result_headers(RANKING_SCHEMA, of.cause, sent_us)
    return record(RANKINGS.name, encode_result(of), offset, headers=headers)


def flag_record(offset: int, of: Flag) -> Record:
    headers = result_headers(FLAG_SCHEMA, of.cause, SENT_US)
    return record(FLAGS.name, encode_result(of), offset, key=of.id, headers=headers)


def dead_letter_record(offset: int, of: DeadLetter) -> Record:
    return record(DEAD_LETTERS.name, encode_result(of), offset)


def record(
    topic: str,
    value: bytes | None,
    offset: int = 0,
    *,
    key: str = BLOCK,
    partition: int = 0,
    headers: list[tuple[str, bytes]] | None = None,
) -> Record:
    return Record(
        topic, partition, offset, key, value, tuple(headers or ()), int(NOW.timestamp() * 1000) + offset
    )


def alert(step: AlertStep = "sent", number: int = 2, **more: Any) -> Alert:
    flags = [flag(Place(0, 6, 0))]
    fields: dict[str, Any] = {
        "id": alert_id(BLOCK, flags[0].evaluation, "evaluation", "chair", "email"),
        "block": BLOCK,
        "evaluation": flags[0].evaluation,
        "occasion": "evaluation",
        "role": "chair",
        "channel": "email",
        "step": step,
        "number": number,
        "attempts": 1,
        "at": NOW,
        "flags": flags,
    }
    return Alert(**fields | more)


def alert_record(offset: int, of: Alert) -> Record:
    return record(ALERTS.name, encode_alert(of), offset, key=of.id)
