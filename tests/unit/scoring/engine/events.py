"""Short ways to write events and packs in the engine's tests."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from services.contracts.event_data import (
    EvaluationDueData,
    Origin,
    PackActivatedData,
    Place,
    ReportData,
    RetractionData,
    TickData,
)
from services.contracts.events import AnyEvent, EvaluationDue, PackActivated, Report, Retraction, Tick
from services.contracts.ids import BlockId, PackHash
from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.model import Pack
from services.scoring.engine import BlockState, NotApplicable, Outcome, apply, begin_record

BLOCK = BlockId("test/b1")
START = datetime(2025, 1, 1, tzinfo=UTC)

_numbers = count()


def at(text: str) -> datetime:
    """An instant in UTC: `2025-02-01` or `2025-02-01T08:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def report(
    unit: str,
    indicator: str,
    period: str,
    value: float | None = None,
    *,
    id: str | None = None,
    source: str = "/test",
    time: datetime = START,
    received: datetime | None = None,
    origin: Origin | None = "self",
    **data: Any,
) -> Report:
    return Report(
        specversion="1.0",
        id=id or f"r{next(_numbers)}",
        source=source,
        time=time,
        subject=unit,
        receivedtime=received or time,
        origin=origin,
        data=ReportData(indicator=indicator, period=period, value=value, **data),
    )


def retraction(of: Report) -> Retraction:
    return Retraction(
        specversion="1.0",
        id=f"x-{of.id}",
        source=of.source,
        time=of.time,
        subject=of.subject,
        receivedtime=of.receivedtime,
        origin=of.origin,
        data=RetractionData(
            source=of.source, id=of.id, indicator=of.data.indicator, period=of.data.period, reason="wrong"
        ),
    )


def due(period: str, as_of: str, edition: int = 1) -> EvaluationDue:
    return EvaluationDue(
        specversion="1.0",
        id=f"e{next(_numbers)}",
        source="/thidua/scoring",
        time=at(as_of),
        receivedtime=at(as_of),
        data=EvaluationDueData(period=period, as_of=at(as_of), edition=edition),
    )


def activation(pack: PackHash, valid_from: str = "1900-01-01", id: str | None = None) -> PackActivated:
    return PackActivated(
        specversion="1.0",
        id=id or f"a{next(_numbers)}",
        source="/office",
        time=START,
        receivedtime=START,
        data=PackActivatedData(pack=pack, valid_from=valid_from),
    )


def tick(received: str) -> Tick:
    return Tick(
        specversion="1.0",
        id=f"t{next(_numbers)}",
        source="/thidua/scoring",
        time=at(received),
        receivedtime=at(received),
        data=TickData(as_of=at(received)),
    )


class Log:
    """A block's log, one event a record, folded as it grows. Collects outcomes and refusals."""

    def __init__(self, *packs: Pack, block: BlockId = BLOCK) -> None:
        self.state = BlockState.new(block)
        self.published: dict[PackHash, Pack] = {}
        self.hashes = [self.publish(pack) for pack in packs]
        self.outcomes: list[Outcome] = []
        self.refused: list[NotApplicable] = []
        self._places = count()

    def publish(self, pack: Pack) -> PackHash:
        compiled = compile_pack(pack)
        self.published[compiled.hash] = pack
        return compiled.hash

    def packs(self, hash: PackHash) -> Pack | None:
        return self.published.get(hash)

    def activate(self, pack: int = 0, valid_from: str = "1900-01-01") -> "Log":
        return self.add(activation(self.hashes[pack], valid_from))

    def add(self, *events: AnyEvent) -> "Log":
        for event in events:
            place = Place(0, next(self._places), 0)
            begin_record(self.state, place.offset.to_bytes(8, "big"))
            try:
                self.outcomes.append(apply(self.state, event, place, self.packs))
            except NotApplicable as refusal:
                self.refused.append(refusal)
        return self

    def evaluate(self, period: str, as_of: str, edition: int = 1) -> Outcome:
        """The outcome of an evaluation that is due now. The test fails when it is refused."""
        made, refused = len(self.outcomes), len(self.refused)
        self.add(due(period, as_of, edition))
        assert len(self.outcomes) == made + 1, self.refused[refused:]
        return self.outcomes[-1]


TEXT = {"vi": "Chữ", "en": "Text"}


def indicator(id: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": TEXT,
        "unit_of_measure": "x",
        "measure": "value",
        "cadence": "month",
        "origins": ["automatic", "department", "self"],
    } | fields


def criterion(id: str, scoring: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A criterion of the indicator of the same name; its figure divided by 100 is its score."""
    return {
        "criterion": id,
        "indicator": id,
        "weight": 1.0,
        "scoring": scoring or {"method": "goalposts", "low": 0.0, "high": 100.0},
    } | fields


def group(id: str, *members: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"group": id, "title": TEXT, "members": list(members)} | fields


def pack(
    *,
    units: Iterable[str | dict[str, Any]] = ("u1", "u2", "u3"),
    indicators: Iterable[dict[str, Any]] | None = None,
    root: dict[str, Any] | None = None,
    flags: dict[str, Any] | None = None,
    schedule: dict[str, Any] | None = None,
    campaign: dict[str, Any] | None = None,
    feed_checks: dict[str, Any] | None = None,
    lineage: Iterable[dict[str, Any]] = (),
    **scheme: Any,
) -> Pack:
    """One block of units scored on monthly indicator `i`, unless told otherwise."""
    return Pack.model_validate(
        {
            "campaign": {
                "id": "test",
                "title": TEXT,
                "span": "2021/2025",
                "live_cadence": "month",
                "zone": "UTC",
            }
            | (campaign or {}),
            "blocks": [
                {
                    "id": "b1",
                    "title": TEXT,
                    "scheme": "s",
                    "flags": flags or {},
                    "schedule": schedule,
                    "feed_checks": feed_checks,
                }
            ],
            "schemes": [
                {
                    "id": "s",
                    "title": TEXT,
                    "root": root or group("all", criterion("i")),
                    "uncertainty": {"draws": 100},
                }
                | scheme
            ],
            "indicators": list(indicators or [indicator("i")]),
            "units": [
                {"id": unit, "name": unit.upper(), "kind": "commune", "block": "b1"}
                if isinstance(unit, str)
                else {"name": unit["id"].upper(), "kind": "commune", "block": "b1"} | unit
                for unit in units
            ],
            "lineage": list(lineage),
        }
    )
