"""What each live ranking shows first, with its times: noted once a record, told once a ranking."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from services.contracts.events import Event
from services.contracts.ids import BlockId
from services.contracts.metrics import ScoringMetrics
from services.contracts.steps import (
    COUNTED_WITHIN_US,
    MAX_STRETCHES,
    Micros,
    Showing,
    Stretch,
    Tally,
    door_of,
    merged,
    micros_of,
)
from services.scoring.worker.fold import PartitionFold
from services.scoring.worker.ports import LogRecord

MOST_NOTED: Final = 8 * MAX_STRETCHES
"""Records of one block that are held one by one; more, as in a backlog, are merged to an eighth, which costs 0.4 us a record."""

_MILLISECOND: Final[Micros] = 1_000


class _Noted(NamedTuple):
    """As cheap as it can be: once a record, on the path of every event of a sender that does not batch."""

    offset: int
    events: int
    door: datetime
    logged_ms: int
    applied_s: float


class Showings:
    """The records of one gained partition that no ranking has covered yet, by block: boundedly many, however long none is made.

    Records below the fold's `emit_from` were shown by whoever owned the partition before, so they are not measured again; what that
    owner had confirmed and not yet ranked, a fifth of a second's events, is not measured at all.
    """

    def __init__(
        self, fold: PartitionFold, wall_s: Callable[[], float], metrics: ScoringMetrics | None = None
    ) -> None:
        """From here on the fold tells this object what it applies."""
        self._fold = fold
        self._wall_s = wall_s
        self._metrics = metrics or ScoringMetrics()
        self._noted: dict[BlockId, list[_Noted]] = {}
        self._stretches: dict[BlockId, list[Stretch]] = {}
        self._old: dict[BlockId, int] = {}
        self._told = {block: self._counted(block) for block in fold.blocks}  # a kept fold counts on
        fold.on_applied = self.note

    def note(self, block: BlockId, record: LogRecord, events: Sequence[object]) -> None:
        """A record was applied just now. Its events came in one request: the first one that can be read tells for all."""
        if record.offset < self._fold.emit_from:
            return
        first = events[0] if events else None
        if not isinstance(first, Event):
            first = next((event for event in events if isinstance(event, Event)), None)
        door = None if first is None else door_of(first)
        if door is None:
            return
        noted = self._noted.setdefault(block, [])
        noted.append(_Noted(record.offset, len(events), door, record.timestamp_ms, self._wall_s()))
        if len(noted) >= MOST_NOTED:
            self._take_up(block)

    def show(self, block: BlockId) -> Showing | None:
        """What a ranking of the block that leaves now shows first; None when that is nothing."""
        self._take_up(block)
        ranked, stretches = self._now(), self._stretches.pop(block, [])
        tally = self._since(block)
        if not stretches and not tally:
            return None
        self._measure(stretches, ranked)
        return Showing(ranked, tuple(stretches), tally)

    def _take_up(self, block: BlockId) -> None:
        """Of the noted records those that are not old, merged with those before as far as they are too many."""
        noted, since = self._noted.pop(block, []), self._now() - COUNTED_WITHIN_US
        held = [*self._stretches.pop(block, []), *(_stretch(one) for one in noted)]
        counted = [one for one in held if one.door >= since]
        if len(counted) < len(held):
            self._leave_out(block, sum(one.events for one in held if one.door < since))
        self._stretches[block] = merged(counted)

    def _leave_out(self, block: BlockId, events: int) -> None:
        """They are old, and so are their copies and corrections: those are not of this minute."""
        told = self._told.get(block, Tally())
        self._old[block] = self._old.get(block, 0) + events
        self._told[block] = self._counted(block)._replace(old=told.old)

    def _since(self, block: BlockId) -> Tally:
        """Of the fold's counters, what was not told yet."""
        told, now = self._told.get(block, Tally()), self._counted(block)
        self._told[block] = now
        return Tally(*(count - before for count, before in zip(now, told, strict=True)))

    def _counted(self, block: BlockId) -> Tally:
        return Tally(self._old.get(block, 0), self._fold.repeats[block], self._fold.corrections[block])

    def _measure(self, stretches: Sequence[Stretch], ranked: Micros) -> None:
        steps = self._metrics.steps
        for one in stretches:
            steps["door_to_log"].add(one.logged - one.door, one.events)
            steps["log_to_applied"].add(one.applied - one.logged, one.events)
            steps["applied_to_ranked"].add(ranked - one.applied, one.events)

    def _now(self) -> Micros:
        return round(self._wall_s() * 1_000_000)


def _stretch(noted: _Noted) -> Stretch:
    """In order: the broker's clock has milliseconds, and is not the door's."""
    door = micros_of(noted.door)
    logged = max(door, noted.logged_ms * _MILLISECOND)
    return Stretch(noted.offset, noted.events, door, logged, max(logged, round(noted.applied_s * 1_000_000)))
