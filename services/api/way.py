"""How long events take for each step of their way to a board, measured as rankings arrive, over the last minutes: by block and in all."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.contracts.ids import BlockId
from services.contracts.spread import Percentiles, Spread, total
from services.contracts.steps import COUNTED_WITHIN_US, Micros, Showing, Step, Stretch, Tally, micros_of

SLOT_US: Final[Micros] = 10_000_000
"""What came within 10 s is forgotten together: a window is up to so much longer than its name."""

LONGEST_WINDOW_S: Final = 300
_SLOTS: Final = LONGEST_WINDOW_S * 1_000_000 // SLOT_US + 1

MEASURED: Final[tuple[Step, ...]] = (
    "door_to_log",
    "log_to_applied",
    "applied_to_ranked",
    "ranked_to_board",
    "door_to_board",
)
"""What can be told here without the store."""


@dataclass(frozen=True, slots=True)
class Way:
    """What came to the board within a window. A step without an event has no percentiles."""

    events: int
    steps: Mapping[Step, Percentiles | None]
    tally: Tally


@dataclass(slots=True)
class _Slot:
    number: int
    spreads: dict[Step, Spread] = field(default_factory=lambda: {step: Spread() for step in MEASURED})
    tally: Tally = field(default_factory=Tally)


class WayMeter:
    """`take` is called with each ranking that reached the streams, from any thread; read from any.

    Holds at most 31 slots of each block, and 31 of all together, so that the whole is not added up of all blocks while the streams wait.
    """

    def __init__(self, now: Callable[[], datetime], metrics: Mapping[Step, Spread]) -> None:
        """`metrics`: where the waits until the board are added up for ever."""
        self._now = now
        self._metrics = metrics
        self._slots: dict[BlockId | None, deque[_Slot]] = {}
        """None: all blocks together."""
        self._covered: dict[BlockId, int] = {}
        self._lock = threading.Lock()

    def take(self, block: BlockId, showing: Showing, board: Micros) -> None:
        """A new owner of a partition may tell again what the one before had shown already: up to `_covered` it is not counted again."""
        with self._lock:
            covered = self._covered.get(block, -1)
            new = [one for one in showing.stretches if one.offset > covered]
            fresh = [one for one in new if board - one.door <= COUNTED_WITHIN_US]
            old = sum(one.events for one in new) - sum(one.events for one in fresh)
            slots = [self._slot(block, board), self._slot(None, board)]
            for one in fresh:
                self._add(slots, one, showing.ranked, board)
            for slot in slots:
                slot.tally = _sum([slot.tally, showing.tally, Tally(old=old)])
            self._covered[block] = max([covered, *(one.offset for one in new)])

    def of(self, window_s: int, block: BlockId | None = None) -> Way:
        """Of one block, or of all."""
        since = micros_of(self._now()) // SLOT_US - window_s * 1_000_000 // SLOT_US
        with self._lock:
            slots = [slot for slot in self._slots.get(block, ()) if slot.number >= since]
            spreads = {step: total(slot.spreads[step] for slot in slots) for step in MEASURED}
            tally = _sum(slot.tally for slot in slots)
        steps = {step: spread.percentiles() for step, spread in spreads.items()}
        return Way(spreads["door_to_board"].events, steps, tally)

    def _slot(self, block: BlockId | None, at: Micros) -> _Slot:
        """A clock that was set back adds to the newest slot."""
        slots = self._slots.setdefault(block, deque(maxlen=_SLOTS))
        number = at // SLOT_US
        if not slots or slots[-1].number < number:
            slots.append(_Slot(number))
        return slots[-1]

    def _add(self, slots: Sequence[_Slot], one: Stretch, ranked: Micros, board: Micros) -> None:
        waits: dict[Step, Micros] = {
            "door_to_log": one.logged - one.door,
            "log_to_applied": one.applied - one.logged,
            "applied_to_ranked": ranked - one.applied,
            "ranked_to_board": board - ranked,
            "door_to_board": board - one.door,
        }
        for step, wait in waits.items():
            for slot in slots:
                slot.spreads[step].add(wait, one.events)
            if (spread := self._metrics.get(step)) is not None:
                spread.add(wait, one.events)


def _sum(tallies: Iterable[Tally]) -> Tally:
    return Tally(*(sum(counts) for counts in zip(Tally(), *tallies, strict=True)))
