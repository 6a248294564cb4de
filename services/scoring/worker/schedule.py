"""What the owner of a block appends to the log: hourly ticks, and official evaluations by the pack's schedule."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from services.contracts.event_data import EvaluationDueData, TickData
from services.contracts.events import AnyEvent, EvaluationDue, Tick, evaluation_id
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.pack.calendar import Days, ends_at
from services.contracts.pack.model import Pack, Schedule
from services.contracts.periods import Period, parse_period
from services.scoring.engine import BlockState, PackSource, plan_for

SOURCE: Final = "/thidua/scoring"
_HOUR: Final = timedelta(hours=1)


class _Scheduled(NamedTuple):
    """An evaluation that the schedule asks for."""

    id: EvaluationId
    period: Period
    as_of: datetime


def due_events(state: BlockState, pack: Pack, packs: PackSource, now: datetime) -> list[AnyEvent]:
    """Events that the block's log lacks at `now` (aware wall-clock time): evaluations first, in the order of their periods, then a tick.

    `pack` is the one whose schedule the block follows. Ids are functions of what the event says, so appending one twice is harmless. An
    evaluation that the fold would refuse is not asked for: it would be asked for, and refused, for ever.
    """
    schedule = pack.block_by_id[state.block].schedule
    due: list[AnyEvent] = [] if schedule is None else list(_evaluations(state, pack, schedule, packs, now))
    hour = now.replace(minute=0, second=0, microsecond=0)
    if state.clock is None or state.clock < hour:
        due.append(_tick(state.block, hour, now))
    return due


def _evaluations(
    state: BlockState, pack: Pack, schedule: Schedule, packs: PackSource, now: datetime
) -> Iterator[EvaluationDue]:
    campaign = pack.campaign
    for one in _scheduled(state.block, schedule.first, schedule.after_days, campaign.span, campaign.days):
        if one.as_of > now:
            return
        was_made = one.id in state.evaluated or one.period.text in state.published
        if not was_made and _can_be_made(state, packs, one.period):
            yield _evaluation_due(state.block, one, now)


@lru_cache(maxsize=4096)
def _scheduled(block: BlockId, first: str, after_days: int, span: str, days: Days) -> tuple[_Scheduled, ...]:
    """All of the campaign's span. Kept, as every block is looked at every second and a campaign of days has thousands."""
    campaign, period = parse_period(span), parse_period(first)
    scheduled = []
    while campaign.contains(period):
        as_of = ends_at(period, days) + timedelta(days=after_days)
        scheduled.append(_Scheduled(evaluation_id(block, period.text, as_of, 1), period, as_of))
        period = period.following()
    return tuple(scheduled)


def _can_be_made(state: BlockState, packs: PackSource, period: Period) -> bool:
    """Whether a pack is valid for the period, spans it, and has units in the block at its end."""
    plan = plan_for(state, packs, period)
    return (
        plan is not None
        and parse_period(plan.pack.campaign.span).contains(period)
        and bool(plan.units_on(period.last))
    )


def _evaluation_due(block: BlockId, one: _Scheduled, now: datetime) -> EvaluationDue:
    return EvaluationDue(
        specversion="1.0",
        id=f"evaluation/{one.id}",
        source=SOURCE,
        subject=block,
        time=now,
        receivedtime=now,
        data=EvaluationDueData(period=one.period.text, as_of=one.as_of, edition=1),
    )


def _tick(block: BlockId, hour: datetime, now: datetime) -> Tick:
    return Tick(
        specversion="1.0",
        id=f"tick/{hour.isoformat()}",
        source=SOURCE,
        subject=block,
        time=now,
        receivedtime=now,
        data=TickData(as_of=hour),
    )
