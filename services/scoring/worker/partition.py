"""One gained partition: loads its fold, applies what is delivered or missing, and confirms offsets only behind acknowledged outputs.

The order of effects is fixed: apply -> publish -> acknowledged -> confirmed -> (by the owner's loop) committed. After each await the object
asks whether the partition is still owned; when it is not, it stops there, and the fold stays at a record's end for whoever gains it next.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

import structlog

from services.contracts.metrics import ScoringMetrics
from services.scoring.worker.fold import MissingPack, PartitionFold
from services.scoring.worker.ports import (
    Confirmed,
    ConfirmedOffsets,
    LogReader,
    LogRecord,
    NotSaved,
    OutputLog,
    Packs,
)
from services.scoring.worker.saving import Checkpoints

PUBLISH_EVERY: Final = 1_000
"""Outputs collected on a catch-up before they are published, so that a long one does not hold them all."""

BREATH_EVERY_S: Final = 0.02
"""How long applying may keep the loop: heartbeats, the watchdog and the other partitions go on during a long read."""


log = structlog.get_logger("thidua.scoring")


class PartitionWorker:
    """Serialises delivery, gap reads, sweeps and loading of one partition by one lock. One object per gain; never used again after a loss."""

    def __init__(
        self,
        fold: PartitionFold,
        log: LogReader,
        outputs: OutputLog,
        offsets: ConfirmedOffsets,
        packs: Packs,
        checkpoints: Checkpoints,
        metrics: ScoringMetrics | None = None,
    ) -> None:
        self.fold = fold
        self.checkpoints = checkpoints
        self._metrics = metrics or ScoringMetrics()
        self._counted = fold.records, fold.events
        self.owned = True
        self.loaded = False
        self._log = log
        self._outputs = outputs
        self._offsets = offsets
        self._packs = packs
        self._lock = asyncio.Lock()
        self._breathed = 0.0
        self._looked = -1, 0

    @property
    def partition(self) -> int:
        return self.fold.partition

    def lose(self) -> None:
        """The partition belongs to somebody else from now on. Takes effect at the next await of whatever is under way."""
        self.owned = False

    async def load(self, after: asyncio.Lock | None = None) -> None:
        """Takes up the newest checkpoint where it is ahead of the fold, and reads on to the high watermark.

        `after` is the lock of the object that held the partition last in this process: its work ends first, and so does all that waits
        here for it, since whoever gains the partition next waits for this lock. Any exception must end the process.
        """
        async with self._lock:
            if after is not None:
                async with after:
                    pass
            committed = await self._offsets.load(self.partition)
            end = (await self._log.high_watermarks([self.partition]))[self.partition]
            await self.checkpoints.restore(self.fold, committed.checkpoint, end)
            self.fold.resume_emission_at(committed.offset)
            await self._read_to(end)
            await self._publish()
            self.loaded = self.owned

    async def deliver(self, records: Sequence[LogRecord]) -> None:
        """Applies what the consumer group delivered, in order. What was applied before is skipped; a gap is read from the log first."""
        async with self._lock:
            if not self.loaded:
                return  # the load, or the next sweep, reads it from the log
            for record in records:
                if not self.owned:
                    return
                if record.offset > self.fold.next_offset:
                    await self._read_to(record.offset)
                if self.owned and record.offset == self.fold.next_offset:
                    await self._apply(record)
            await self._publish()

    def stands_still(self, high_watermark: int) -> bool:
        """Whether records stood in the log when this was asked last, and nothing was applied since. While anything is delivered a gap is
        seen without a sweep, which would only read a second time what is on its way."""
        at, (before, end) = self.fold.next_offset, self._looked
        self._looked = at, high_watermark
        return before == at < end

    async def sweep(self, high_watermark: int) -> None:
        """Reads what stands in the log below `high_watermark` and was never delivered."""
        if high_watermark <= self.fold.next_offset:
            return
        async with self._lock:
            if self.loaded and self.owned:
                await self._read_to(high_watermark)
                await self._publish()

    async def save(self) -> None:
        """Writes a checkpoint, of what is confirmed only. Delivery waits while the changed blocks are encoded, not while they are sent."""
        async with self._lock:
            if not self._is_at_rest():
                return
            capture = await self.checkpoints.capture(self.fold, self._breathe)
        try:
            await self.checkpoints.write(capture, lambda: self.owned)
        except NotSaved as why:
            self.fold.unsaved.update(block for block, _ in capture.changed)
            log.warning("checkpoint not written; the next one is tried later", error=str(why))

    def _is_at_rest(self) -> bool:
        """Whether everything that was applied is confirmed."""
        return self.loaded and self.owned and self.fold.confirmed == self.fold.next_offset

    def confirmed(self) -> Confirmed:
        """What may be committed."""
        return Confirmed(self.fold.confirmed, self.checkpoints.at)

    @property
    def lock(self) -> asyncio.Lock:
        return self._lock

    async def _read_to(self, end: int) -> None:
        """Applies the records of the log below `end`, straight from the broker."""
        start = self.fold.next_offset
        if start >= end:
            return
        async with aclosing(self._log.read(self.partition, start, end)) as batches:  # type: ignore[type-var]
            async for records in batches:
                for record in records:
                    if not self.owned:
                        return
                    await self._apply(record)
                if len(self.fold.unconfirmed) >= PUBLISH_EVERY:
                    await self._publish()
        if self.owned:
            self.fold.skip_to(end)

    async def _apply(self, record: LogRecord) -> None:
        """Applies one record; waits for its pack when the log was faster than the pack's topic."""
        while self.owned:
            try:
                self.fold.apply(record)
            except MissingPack as missing:
                await self._packs.wait_for(missing.pack)
            else:
                await self._breathe()
                return

    async def _breathe(self) -> None:
        if time.monotonic() - self._breathed > BREATH_EVERY_S:
            await asyncio.sleep(0)
            self._breathed = time.monotonic()

    async def _publish(self) -> None:
        """Publishes what is unconfirmed and moves `confirmed` behind it."""
        upto, outputs = self.fold.next_offset, list(self.fold.unconfirmed)
        self._count()
        if not self.owned:
            return
        if outputs:
            await self._outputs.publish(self.partition, outputs)
        self.fold.confirm(len(outputs), upto)

    def _count(self) -> None:
        """Once a batch: a counter for each event would cost more than its fold."""
        (records, events), self._counted = self._counted, (self.fold.records, self.fold.events)
        self._metrics.records.inc(self.fold.records - records)
        self._metrics.events.inc(self.fold.events - events)
