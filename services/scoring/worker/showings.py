"""What each live ranking shows first, with its times: noted once a record, told once a ranking."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from services.contracts.ids import BlockId
from services.contracts.metrics import ScoringMetrics
from services.contracts.steps import (
    COUNTED_WITHIN_US,
    MAX_STRETCHES,
    Micros,
    Showing,
    Stretch,
    Tally,
    merged,
    micros_of,
)
from services.scoring.worker.fold import AppliedRecord, PartitionFold

_MILLISECOND: Final[Micros] = 1_000


class Showings:
    """The records of one gained partition that no ranking has covered yet, by block. At most `2 * MAX_STRETCHES` of a block are held.

    Records below the fold's `emit_from` were shown by whoever owned the partition before, so they are not measured again; what that
    owner had confirmed and not yet ranked, a fifth of a second's events, is not measured at all.
    """

    def __init__(
        self, fold: PartitionFold, now: Callable[[], datetime], metrics: ScoringMetrics | None = None
    ) -> None:
        self._fold = fold
        self._now = now
        self._metrics = metrics or ScoringMetrics()
        self._waiting: dict[BlockId, list[Stretch]] = {}
        self._old: dict[BlockId, int] = {}
        self._told = {block: self._counted(block) for block in fold.blocks}  # a kept fold counts on

    def note(self, record: AppliedRecord | None) -> None:
        """Call it right after the record was applied."""
        if record is None or record.door is None or record.offset < self._fold.emit_from:
            return
        door, applied = micros_of(record.door), micros_of(self._now())
        if applied - door > COUNTED_WITHIN_US:
            self._leave_out(record)
            return
        logged = max(door, record.logged_ms * _MILLISECOND)
        waiting = self._waiting.setdefault(record.block, [])
        waiting.append(Stretch(record.offset, record.events, door, logged, max(applied, logged)))
        if len(waiting) >= 2 * MAX_STRETCHES:
            self._waiting[record.block] = merged(waiting)

    def _leave_out(self, record: AppliedRecord) -> None:
        """It is old, and so are its copies and corrections: they are not of this minute."""
        block = record.block
        told = self._told.get(block, Tally())
        self._old[block] = self._old.get(block, 0) + record.events
        self._told[block] = self._counted(block)._replace(old=told.old)

    def show(self, block: BlockId) -> Showing | None:
        """What a ranking of the block that leaves now shows first; None when that is nothing."""
        ranked, stretches = micros_of(self._now()), self._waiting.pop(block, [])
        while stretches and ranked - stretches[0].door > COUNTED_WITHIN_US:
            self._old[block] = self._old.get(block, 0) + stretches.pop(0).events
        if len(stretches) > MAX_STRETCHES:
            stretches = merged(stretches)
        tally = self._since(block)
        if not stretches and not tally:
            return None
        self._measure(stretches, ranked)
        return Showing(ranked, tuple(stretches), tally)

    def _since(self, block: BlockId) -> Tally:
        """Of the fold's counters, what was not told yet."""
        told, now = self._told.get(block, Tally()), self._counted(block)
        self._told[block] = now
        return Tally(*(count - before for count, before in zip(now, told, strict=True)))

    def _counted(self, block: BlockId) -> Tally:
        return Tally(self._old.get(block, 0), self._fold.repeats[block], self._fold.corrections[block])

    def _measure(self, stretches: list[Stretch], ranked: Micros) -> None:
        steps = self._metrics.steps
        for one in stretches:
            steps["door_to_log"].add(one.logged - one.door, one.events)
            steps["log_to_applied"].add(one.applied - one.logged, one.events)
            steps["applied_to_ranked"].add(ranked - one.applied, one.events)
