"""What the owner of a block appends to the log: hourly ticks, and official evaluations by the pack's schedule."""

from datetime import datetime, timedelta
from typing import Final

from services.contracts.events import (
    AnyEvent,
    EvaluationDue,
    EvaluationDueData,
    Tick,
    TickData,
    evaluation_id,
)
from services.contracts.ids import BlockId
from services.contracts.pack.model import Pack, Schedule
from services.contracts.periods import parse_period
from services.scoring.engine import BlockState

SOURCE: Final = "/thidua/scoring"
_HOUR: Final = timedelta(hours=1)


def due_events(state: BlockState, pack: Pack, now: datetime) -> list[AnyEvent]:
    """Events that the block's log lacks at `now` (aware wall-clock time): evaluations first, in the order of their periods, then a tick.

    Ids are functions of what the event says, so appending one twice is harmless.
    """
    due: list[AnyEvent] = []
    schedule = pack.block_by_id[state.block].schedule
    if schedule is not None:
        due.extend(_evaluations(state, pack, schedule, now))
    hour = now.replace(minute=0, second=0, microsecond=0)
    if state.clock is None or state.clock < hour:
        due.append(_tick(state.block, hour, now))
    return due


def _evaluations(state: BlockState, pack: Pack, schedule: Schedule, now: datetime) -> list[AnyEvent]:
    span = parse_period(pack.campaign.span)
    period = parse_period(schedule.first)
    due: list[AnyEvent] = []
    while span.contains(period):
        as_of = period.end(pack.campaign.zone) + timedelta(days=schedule.after_days)
        if as_of > now:
            break
        if evaluation_id(state.block, period.text, as_of, 1) not in state.evaluated:
            due.append(_evaluation_due(state.block, period.text, as_of, now))
        period = period.following()
    return due


def _evaluation_due(block: BlockId, period: str, as_of: datetime, now: datetime) -> EvaluationDue:
    return EvaluationDue(
        specversion="1.0",
        id=f"evaluation/{evaluation_id(block, period, as_of, 1)}",
        source=SOURCE,
        subject=block,
        time=now,
        receivedtime=now,
        data=EvaluationDueData(period=period, as_of=as_of, edition=1),
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
