"""A run of reports and facts of one record, applied at once: the same as `apply` for each, with what is the same for all asked once. The hot path."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.contracts.event_data import Place
from services.contracts.events import Fact, Report
from services.scoring.engine.log.reports import apply_fact, apply_report
from services.scoring.engine.log.state import BlockState
from services.scoring.engine.scoring.plan import PackSource


class Run(NamedTuple):
    """`end` is the index of the first event of the record that is not applied; of those that are, so many changed nothing or corrected something."""

    end: int
    repeats: int = 0
    corrections: int = 0


def apply_run(state: BlockState, events: Sequence[object], first: Place, packs: PackSource) -> Run:
    """Applies the reports and facts from `first.index` on, up to the first event that needs `apply`.

    `apply` then decides about that event as though nothing had happened: a figure that is kept twice is kept once. It is one of another type,
    or one that is refused; all are, while a period is closed or where the active pack knows of units that change.
    """
    if state.closed or not _stays_here(state, packs):
        return Run(first.index)
    clock, index = state.clock, first.index
    repeats = corrections = 0
    for event in events[index:] if index else events:
        try:
            if type(event) is Report:
                effect = apply_report(state, event)
            elif type(event) is Fact:
                effect = apply_fact(state, event)
            else:
                break
        except Exception:  # `apply` meets it again, and says what and where it is
            break
        received = event.receivedtime
        if received is not None and (clock is None or received > clock):
            clock = received
        if effect is not None:
            if effect == "repeat":
                repeats += 1
            else:
                corrections += 1
        index += 1
    _note(state, first, index, clock)
    return Run(index, repeats, corrections)


def _stays_here(state: BlockState, packs: PackSource) -> bool:
    """Whether no figure of the block is carried into another one."""
    if not state.activations:
        return True
    pack = packs(state.activations[-1].pack)
    return pack is not None and not pack.lineage


def _note(state: BlockState, first: Place, end: int, clock: datetime | None) -> None:
    """That the events below index `end` were applied."""
    if end > first.index:
        state.clock = clock
        state.events += end - first.index
        state.last = Place(first.partition, first.offset, end - 1)
