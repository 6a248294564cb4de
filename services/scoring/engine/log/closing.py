"""Closed periods: what comes for one is late. It is kept, does not count, and counts once the period is opened again.

A report, a fact or a retraction is late when its own period lies inside a closed one: closing 2025 closes its months and days, closing
2025-06 closes neither the second quarter nor the year. What counts is decided by the order of the log alone, and what came before the
closing counts whatever its order. A copy of what counts already is not late: nothing is to be corrected.
"""

from bisect import insort
from collections.abc import Iterator
from contextlib import suppress

from services.contracts.events import PeriodClosed, PeriodReopened, Report
from services.contracts.periods import Period
from services.scoring.engine.log.refusal import NotApplicable
from services.scoring.engine.log.reports import (
    apply_figure,
    check_known,
    fact_displaced,
    is_known,
    period_named,
    period_of_event,
)
from services.scoring.engine.log.state import BlockState, LateEvent


def close_period(state: BlockState, event: PeriodClosed) -> None:
    """Raises `NotApplicable` for what is no period. One that is closed already stays so."""
    period = period_named(event.data.period)
    if period not in state.closed:
        insort(state.closed, period)


def reopen_period(state: BlockState, event: PeriodReopened) -> None:
    """What came late for the period counts now, unless another closed period holds it still. One that is open already stays so."""
    period = period_named(event.data.period)
    if period not in state.closed:
        return
    state.closed.remove(period)
    late, state.late = state.late, {}
    for same_key in late.values():
        for kept in same_key:
            _take(state, kept)


def keep_if_late(state: BlockState, event: LateEvent) -> bool:
    """Whether the event is late; then it is kept. Raises `NotApplicable`, as when it had come in time."""
    if not any(is_closed(state, period) for period in _periods_of(state, event)):
        return False
    if not is_known(state, event):
        same_key = state.late.setdefault((event.source, event.id), [])
        if not any(_says_the_same(event, held) for held in same_key):
            same_key.append(event)
    check_known(state, str(event.subject), event.data.indicator)
    return True


def is_closed(state: BlockState, period: Period) -> bool:
    """Whether the period lies in a closed one. For what is newer than every closed period, one comparison."""
    if not state.closed or period.first > state.closed[-1].last:
        return False
    return any(closed.contains(period) for closed in reversed(state.closed))


def _periods_of(state: BlockState, event: LateEvent) -> Iterator[Period]:
    """What the event is for; where it takes out a fact of another day, that day too."""
    yield period_of_event(event)
    if not isinstance(event, Report):
        held = fact_displaced(state, event)
        if held is not None:
            yield period_named(held.day.isoformat())


def _take(state: BlockState, event: LateEvent) -> None:
    """As when the event came now; a refusal was told when it came first."""
    with suppress(NotApplicable):
        if not keep_if_late(state, event):
            apply_figure(state, event)


def _says_the_same(one: LateEvent, other: LateEvent) -> bool:
    return (type(one), one.subject, one.time, one.origin, one.data) == (
        type(other),
        other.subject,
        other.time,
        other.origin,
        other.data,
    )
