"""Short ways to write facts and acts in the engine's tests."""

from datetime import date, datetime
from itertools import count
from typing import Any

from services.contracts.event_data import (
    AdjustmentData,
    DecisionData,
    EvaluationDueData,
    EvaluationPublishedData,
    FactData,
    HoldData,
    Origin,
    PeriodClosedData,
    PeriodReopenedData,
    ReleaseData,
    ReplyData,
    RetractionData,
)
from services.contracts.events import (
    Adjustment,
    Decision,
    EvaluationDue,
    EvaluationPublished,
    Fact,
    Hold,
    PeriodClosed,
    PeriodReopened,
    Release,
    Reply,
    Retraction,
)
from services.contracts.ids import EvaluationId
from tests.unit.scoring.engine.events import BLOCK, START, at

_numbers = count()


def envelope(kind: str, subject: str, id: str | None, received: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id or f"{kind}{next(_numbers)}",
        "source": f"/test/{kind}",
        "time": received,
        "receivedtime": received,
        "subject": subject,
    }


def fact(
    unit: str,
    indicator: str,
    occurred: str,
    amount: float = 1.0,
    *,
    id: str | None = None,
    origin: Origin = "self",
    received: datetime = START,
    **data: Any,
) -> Fact:
    said = FactData(indicator=indicator, occurred=date.fromisoformat(occurred), amount=amount, **data)
    return Fact(**envelope("fact", unit, id, received), origin=origin, data=said)


def fact_taken_back(of: Fact, day: str | None = None) -> Retraction:
    """`day` is that of the fact, unless it is told wrongly."""
    said = RetractionData(
        source=of.source,
        id=of.id,
        indicator=of.data.indicator,
        period=day or of.data.occurred.isoformat(),
        reason="counted twice",
    )
    return Retraction(**envelope("retraction", str(of.subject), f"x-{of.id}", START), data=said)


def closed(period: str, id: str | None = None) -> PeriodClosed:
    said = PeriodClosedData(period=period, reason="figures are final")
    return PeriodClosed(**envelope("closed", BLOCK, id, START), data=said)


def reopened(period: str, id: str | None = None) -> PeriodReopened:
    said = PeriodReopenedData(period=period, reason="a file was lost")
    return PeriodReopened(**envelope("reopened", BLOCK, id, START), data=said)


def published(evaluation: EvaluationId, id: str | None = None) -> EvaluationPublished:
    said = EvaluationPublishedData(evaluation=evaluation, actor="office")
    return EvaluationPublished(**envelope("published", BLOCK, id, START), data=said)


def signed(
    period: str,
    as_of: str,
    edition: int,
    reason: str | None = "a file was lost",
    principal: str | None = "office-1",
) -> EvaluationDue:
    said = EvaluationDueData(period=period, as_of=at(as_of), edition=edition, reason=reason)
    return EvaluationDue(**envelope("due", BLOCK, None, at(as_of)), principal=principal, data=said)


def hold(unit: str, received: str = "2025-03-01", id: str | None = None) -> Hold:
    return Hold(**envelope("hold", unit, id, at(received)), data=HoldData(reason="inspection 12"))


def release(unit: str, received: str = "2025-04-01", id: str | None = None) -> Release:
    return Release(**envelope("release", unit, id, at(received)), data=ReleaseData(reason="it is over"))


def decision(flag: str, says: Any, id: str | None = None) -> Decision:
    said = DecisionData(flag=flag, decision=says, reason="seen on the spot")
    return Decision(**envelope("decision", flag.split(":")[2], id, START), data=said)


def reply(flag: str, text: str = "The register was late.", id: str | None = None) -> Reply:
    said = ReplyData(flag=flag, text=text, evidence=["https://example.org/register"])
    return Reply(**envelope("reply", flag.split(":")[2], id, at("2025-03-02")), data=said)


def adjustment(
    unit: str, criterion: str, points: float, period: str = "2025-01", id: str | None = None
) -> Adjustment:
    said = AdjustmentData(criterion=criterion, period=period, points=points, reason="decided by the council")
    return Adjustment(**envelope("adjustment", unit, id, START), data=said)
