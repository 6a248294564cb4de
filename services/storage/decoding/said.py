"""What an event says, in the columns of the table `events`, which are those of a report. What fits none stays in the raw bytes."""

from typing import Final

from services.contracts.event_data import ReportData
from services.contracts.events import (
    Adjustment,
    AnyEvent,
    Decision,
    EvaluationDue,
    EvaluationPublished,
    Fact,
    Hold,
    PeriodClosed,
    PeriodReopened,
    Release,
    Reply,
    Report,
    Retraction,
)

_NOTHING: Final = ReportData(indicator="", period="")


def said_by(event: AnyEvent) -> ReportData:
    """A fact's day is its period and its amount its value; an adjustment's points are its value; reasons and words are notes."""
    match event:
        case Report(data=report):
            return report
        case Fact(data=fact):
            return ReportData(
                indicator=fact.indicator,
                period=fact.occurred.isoformat(),
                value=fact.amount,
                evidence=fact.evidence,
                note=fact.note,
                simulated=fact.simulated,
            )
        case Retraction(data=back):
            return ReportData(indicator=back.indicator, period=back.period)
        case EvaluationDue(data=due):
            return ReportData(indicator="", period=due.period, note=due.reason)
        case PeriodClosed(data=act) | PeriodReopened(data=act):
            return ReportData(indicator="", period=act.period, note=act.reason)
        case Adjustment(data=given):
            return ReportData(indicator="", period=given.period, value=given.points, note=given.reason)
        case Reply(data=reply):
            return ReportData(indicator="", period="", evidence=reply.evidence, note=reply.text)
        case Hold(data=reasoned) | Release(data=reasoned) | Decision(data=reasoned):
            return ReportData(indicator="", period="", note=reasoned.reason)
        case EvaluationPublished(data=published):
            return ReportData(indicator="", period="", note=published.evaluation)
        case _:
            return _NOTHING
