"""Hand-written stand-ins for the worker's ports, with the log in memory."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime

from services.contracts.event_data import Place
from services.contracts.events import AnyEvent, encode_record
from services.contracts.ids import BlockId, PackHash
from services.contracts.metrics import ScoringMetrics
from services.contracts.pack.compiled import CompiledPack
from services.contracts.pack.model import Pack
from services.contracts.routing import partition_of
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.fold import PartitionFold
from services.scoring.worker.halting import Crash
from services.scoring.worker.partition import PartitionWorker
from services.scoring.worker.ports import (
    CheckpointLog,
    Confirmed,
    ConfirmedOffsets,
    EventLog,
    LogReader,
    LogRecord,
    NotSaved,
    Output,
    OutputLog,
    PackNeverCame,
    Packs,
)
from services.scoring.worker.saving import Checkpoints, SavePolicy
from services.scoring.worker.showings import Showings

PARTITIONS = 3


class MemoryLog(LogReader):
    """One partition's records. `holes` are offsets that hold none. `reads` notes each direct read."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.records: list[LogRecord] = []
        self.end = 0
        self.reads: list[tuple[int, int]] = []

    def append(self, block: BlockId, *events: AnyEvent) -> LogRecord:
        return self.append_bytes(block, encode_record(events))

    def append_bytes(self, block: str, value: bytes) -> LogRecord:
        record = LogRecord(self.end, block.encode(), value, 1_770_000_000_000 + self.end)
        self.records.append(record)
        self.end += 1
        return record

    def hole(self) -> None:
        self.end += 1

    async def high_watermarks(self, partitions: Sequence[int]) -> dict[int, int]:
        return {self.partition: self.end}

    async def read(self, partition: int, start: int, end: int) -> AsyncIterator[list[LogRecord]]:
        self.reads.append((start, end))
        for record in [r for r in self.records if start <= r.offset < end]:
            yield [record]


class MemoryOutputs(OutputLog, EventLog):
    """Keeps what was published. `fail` makes the next publish fail; `hold` is awaited before each acknowledgement."""

    def __init__(self) -> None:
        self.published: list[Output] = []
        self.live: list[Output] = []
        self.appended: list[tuple[int, bytes, bytes]] = []
        self.fail = False
        self.hold = None

    async def publish(self, partition: int, outputs: Sequence[Output]) -> None:
        if self.hold is not None:
            await self.hold.wait()
        if self.fail:
            raise ConnectionError("the broker did not acknowledge")
        self.published.extend(outputs)

    def publish_soon(self, partition: int, output: Output) -> None:
        self.live.append(output)

    async def append(self, partition: int, key: bytes, value: bytes) -> None:
        self.appended.append((partition, key, value))

    def of(self, topic: str) -> list[bytes]:
        return [output.value for output in self.published if output.topic == topic]


class MemoryOffsets(ConfirmedOffsets):
    def __init__(self) -> None:
        self.committed: dict[int, Confirmed] = {}

    async def load(self, partition: int) -> Confirmed:
        return self.committed.get(partition, Confirmed())

    async def commit(self, offsets: Mapping[int, Confirmed]) -> None:
        self.committed.update(offsets)


class MemoryCheckpoints(CheckpointLog):
    """The compacted topic; offsets go on through all partitions. `fail` makes the next writing fail."""

    def __init__(self) -> None:
        self.records: dict[int, tuple[int, bytes, bytes]] = {}
        self.end = 0
        self.fail = False

    async def append(self, partition: int, records: Sequence[tuple[bytes, bytes]]) -> list[int]:
        if self.fail:
            raise NotSaved("the broker did not acknowledge")
        offsets = list(range(self.end, self.end + len(records)))
        self.end += len(records)
        self.records.update({at: (partition, *record) for at, record in zip(offsets, records, strict=True)})
        return offsets

    async def read(self, partition: int, offsets: Sequence[int]) -> dict[int, bytes]:
        held = {offset: self.records.get(offset) for offset in offsets}
        return {offset: one[2] for offset, one in held.items() if one is not None and one[0] == partition}

    def compact(self) -> None:
        """Takes every record whose key has a newer one."""
        newest = {record[:2]: offset for offset, record in self.records.items()}
        self.records = {at: record for at, record in self.records.items() if newest[record[:2]] == at}


class MemoryPacks(Packs):
    """`late` packs become known when they are waited for."""

    def __init__(self, *packs: CompiledPack, late: tuple[CompiledPack, ...] = ()) -> None:
        self._known = {pack.hash: pack.pack for pack in packs}
        self._late = {pack.hash: pack.pack for pack in late}
        self.waited_for: list[PackHash] = []

    def get(self, pack: PackHash) -> Pack | None:
        return self._known.get(pack)

    async def wait_for(self, pack: PackHash) -> None:
        self.waited_for.append(pack)
        if pack not in self._late:
            raise PackNeverCame(pack)
        self._known[pack] = self._late[pack]


def block_on(partition: int, campaign: str = "tiny") -> str:
    """A block name whose id stands on that partition."""
    return next(
        b for b in "abcdefghijklmnop" if partition_of(BlockId(f"{campaign}/{b}"), PARTITIONS) == partition
    )


class Bench:
    """One partition with everything around it in memory."""

    def __init__(
        self, *packs: CompiledPack, partition: int = 0, halts: dict[BlockId, int] | None = None
    ) -> None:
        self.log = MemoryLog(partition)
        self.outputs = MemoryOutputs()
        self.offsets = MemoryOffsets()
        self.checkpoints = MemoryCheckpoints()
        self.packs = MemoryPacks(*packs)
        self.limit = DeadLetterLimit(in_a_row=50, window=1000, share=0.5)
        self.fold = self.new_fold(halts)
        self.now = datetime(2026, 11, 24, tzinfo=UTC)
        """The wall clock, which a test turns."""

    def new_fold(self, halts: dict[BlockId, int] | None = None) -> PartitionFold:
        """`halts`: blocks with the offset at which the engine crashed three times."""
        crashes = {
            block: Crash(Place(self.log.partition, offset, 0), "ZeroDivisionError: by zero")
            for block, offset in (halts or {}).items()
        }
        return PartitionFold(self.log.partition, PARTITIONS, self.packs.get, self.limit, crashes)

    def worker(
        self, fold: PartitionFold | None = None, metrics: ScoringMetrics | None = None
    ) -> PartitionWorker:
        checkpoints = Checkpoints(self.log.partition, self.checkpoints, SavePolicy(), time.monotonic)
        return PartitionWorker(
            fold or self.fold,
            self.log,
            self.outputs,
            self.offsets,
            self.packs,
            checkpoints,
            metrics,
        )

    def showings(self, fold: PartitionFold | None = None) -> Showings:
        return Showings(fold or self.fold, lambda: self.now.timestamp())

    async def loaded(self, fold: PartitionFold | None = None) -> PartitionWorker:
        worker = self.worker(fold)
        await worker.load()
        return worker

    def offline(self) -> list[Output]:
        """What a fold of the whole log publishes: the truth that every delivery must give."""
        fold = self.new_fold()
        for record in self.log.records:
            fold.apply(record)
        return fold.unconfirmed


__all__ = ["PARTITIONS", "Bench", "MemoryLog", "MemoryOutputs", "block_on"]
