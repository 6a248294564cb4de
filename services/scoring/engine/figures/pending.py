"""What came late for a closed period ("correction pending"), for each unit and criterion of an evaluation that would look at it."""

from collections import Counter
from datetime import datetime

import msgspec

from services.contracts.ids import UnitId
from services.contracts.pack.indicator import Indicator
from services.contracts.periods import Period, parse_period
from services.contracts.results import PendingCorrection
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.figures.cells import Request, request
from services.scoring.engine.figures.fact_sums import stretches_back
from services.scoring.engine.log.reports import told_period
from services.scoring.engine.log.state import BlockState


def pending_of(
    state: BlockState, assessment: Assessment, as_of: datetime
) -> list[PendingCorrection] | msgspec.UnsetType:
    """Units in pack order, criteria in the scheme's; unset where nothing is pending. An event counts once, whatever it would change."""
    if not state.late:
        return msgspec.UNSET
    plan, period = assessment.plan, assessment.period
    asked = [
        [request(one, plan.pack.campaign, period, as_of, live=False) for one in _indicators(assessment, at)]
        for at in range(len(plan.criteria))
    ]
    counts: Counter[tuple[str, int]] = Counter()
    for (unit, indicator, period_text), events in _late_events(state).items():
        of = parse_period(period_text)
        for column, requests in enumerate(asked):
            if any(_looks_at(one, indicator, of) for one in requests):
                counts[unit, column] += events
    found = [
        PendingCorrection(UnitId(unit.id), plan.criteria[column].criterion, counts[unit.id, column])
        for unit in assessment.units
        for column in range(len(plan.criteria))
        if counts[unit.id, column]
    ]
    return found or msgspec.UNSET


def _late_events(state: BlockState) -> Counter[tuple[str, str, str]]:
    """By unit, indicator and period. Late events pile up until their period is opened again: each is looked at once, and no more."""
    late = (same_key[0] for same_key in state.late.values())
    return Counter((str(event.subject), event.data.indicator, told_period(event)) for event in late)


def _indicators(assessment: Assessment, column: int) -> list[Indicator]:
    """The criterion's own, and the one that it is divided by."""
    plan = assessment.plan
    return [plan.indicators[column], *(under.indicator for at, under in plan.denominators if at == column)]


def _looks_at(wanted: Request, indicator: str, period: Period) -> bool:
    if indicator != wanted.indicator:
        return False
    if wanted.measure == "facts":
        back = stretches_back(wanted.last, wanted.since, *wanted.shift)
        return back[-1].first <= period.first <= back[0].last
    return period.cadence == wanted.cadence and wanted.since <= period.first and period <= wanted.last
