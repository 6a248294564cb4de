"""The worker's own fold, as every loop of `bench.peers` drives it, and what a loop tells: the clock at its first event and at each mark.

The clock is `time.monotonic`, which all processes of a machine share, so that the bench may compare it with its own.
"""

import os
import sys
import time
from datetime import UTC, datetime
from typing import Final, NamedTuple

from bench.door_campaign import bench_pack
from services.cli.publishing import activation
from services.contracts.event_data import Place
from services.contracts.events import PackActivated, decode_event
from services.contracts.ids import BlockId
from services.contracts.routing import DEFAULT_PARTITIONS, partition_of
from services.scoring.engine import BlockState, apply
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.fold import PartitionFold
from services.scoring.worker.garbage import collect_seldom
from services.scoring.worker.ports import LogRecord

BLOCK: Final = BlockId("bench/b0")
PARTITION: Final = partition_of(BLOCK, DEFAULT_PARTITIONS)


class Job(NamedTuple):
    """What one loop is to do: fold so many events of a topic of one partition, or of that partition of a topic, and tell at each `mark`."""

    bootstrap: str
    topic: str
    partition: int
    shape: str
    """`packed` or `single`."""
    events: int
    mark: int

    @classmethod
    def from_arguments(cls) -> "Job":
        bootstrap, topic, partition, shape, events, mark = sys.argv[1:]
        return cls(bootstrap, topic, int(partition), shape, int(events), int(mark))

    @property
    def arguments(self) -> list[str]:
        return [str(one) for one in self]


class Folding:
    """Give it each record, once, in order. Ends the process after the last mark: a peer has no other way to stop in the middle."""

    def __init__(self, job: Job) -> None:
        collect_seldom()
        self._job = job
        self._seen = 0
        self._next_mark = job.mark
        self._fold = _packed_fold() if job.shape == "packed" else _SingleFold()

    def take(self, offset: int, key: bytes, value: bytes, timestamp_ms: int) -> None:
        if not self._seen:
            _tell(0)
        self._fold.apply(LogRecord(offset, key, value, timestamp_ms))
        self._seen = self._fold.events
        if self._seen >= self._next_mark:
            _tell(self._next_mark)
            self._next_mark += self._job.mark
            if self._seen >= self._job.events:
                os._exit(0)


class _SingleFold:
    """One event a record, without what packed records have for the sake of checks: no chain, no dead letters, no routing."""

    def __init__(self) -> None:
        pack = bench_pack()
        self._packs = {pack.hash: pack.pack}.get
        self._state = BlockState.new(BLOCK)
        self.events = 0
        apply(self._state, bench_activation(), Place(0, 0, 0), self._packs)

    def apply(self, record: LogRecord) -> None:
        apply(self._state, decode_event(record.value), Place(0, record.offset + 1, 0), self._packs)
        self.events += 1


def _packed_fold() -> PartitionFold:
    pack = bench_pack()
    limit = DeadLetterLimit(in_a_row=10**9, window=10**9, share=1.0)
    return PartitionFold(PARTITION, DEFAULT_PARTITIONS, {pack.hash: pack.pack}.get, limit, halts={})


def bench_activation() -> PackActivated:
    """Of the bench's pack in its block."""
    return activation(bench_pack(), BLOCK, datetime.now(UTC))


def _tell(events: int) -> None:
    print(f"mark {events} {time.monotonic():.6f}", flush=True)
