"""A worker is killed (-9) with 100,000 cells and 1,000,000 facts in its state, and started again at once: how long until it applies a new event.

    python -m bench.restart             # starts an embedded broker of its own; several minutes, most of them to build the state
    python -m bench.restart one-block   # all of it in one block, so in one partition

Timed from the start of the new process (imports included) to the first new event applied, and to the last: one event stands on each partition that
has blocks before the process starts. Some of the starts share the two cores with two processes that do nothing but turn.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from kafka import KafkaProducer

from bench.restart_campaign import Size, block_of, large_pack, records, report
from bench.scoring import Worker, create_topics
from bench.stacks import temporary_stack
from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker
from services.cli.publishing import publish_packs
from services.contracts.events import EVENT_SCHEMA, encode_record
from services.contracts.routing import DEFAULT_PARTITIONS, partition_of
from services.contracts.topics import EVENTS

SIZES: Final = {
    "": Size(blocks=100, units_a_block=50, indicators=20, facts_a_block=10_000),
    "one-block": Size(blocks=1, units_a_block=2_000, indicators=50, facts_a_block=1_000_000),
    "small": Size(blocks=20, units_a_block=10, indicators=10, facts_a_block=500),
}
STARTS: Final = 3
BUSY_STARTS: Final = 2
WANTED_S: Final = 5.0
WITHIN_S: Final = 240.0
"""Bounds every wait; the state is built within it."""


class Restart(NamedTuple):
    """Seconds from the start of the process: to the first new event applied, and to the last."""

    first: float
    last: float


def main() -> int:
    """Prints a line for each start; 1 when the median of the quiet ones is above the bar."""
    size = SIZES[sys.argv[1] if len(sys.argv) > 1 else ""]
    with temporary_stack(("kafka",)) as stack:
        bench = _Bench(stack, stack.layout.data_dir, size)
        with bench.start() as worker:
            built = bench.build(worker)
            print(
                f"{size.cells:,} cells and {size.facts:,} facts applied in {built:.0f} s, and saved; {worker.megabytes:,.0f} MB",
                flush=True,
            )
            worker.kill()
        quiet = [bench.restart(number) for number in range(STARTS)]
        with _turning(2):
            busy = [bench.restart(number) for number in range(STARTS, STARTS + BUSY_STARTS)]
    for name, starts in (("alone", quiet), ("beside two that turn", busy)):
        for start in starts:
            print(
                f"start {name:24} first event after {start.first:.2f} s, the last of all partitions after {start.last:.2f} s"
            )
    median = statistics.median(start.first for start in quiet)
    print(f"first event applied {median:.2f} s after the start (at most {WANTED_S:g}), median of {STARTS}")
    return int(median > WANTED_S)


class _Bench:
    def __init__(self, stack: Stack, folder: Path, size: Size) -> None:
        self._stack, self._folder, self._size = stack, folder, size
        self._broker = KafkaBroker([stack.urls["kafka"]])
        create_topics(stack)
        publish_packs(self._broker, [large_pack(size)])

    def start(self) -> Worker:
        return Worker(self._stack, self._folder)

    def build(self, worker: Worker) -> float:
        """Seconds until the whole log is applied. Returns once a checkpoint holds all of it."""
        started = time.monotonic()
        producer = self._producer()
        for block in range(self._size.blocks):
            for value in records(self._size, block):
                self._send(producer, block, value)
        producer.close()
        ends = self._ends()
        _until(lambda: _reached(worker.offsets("next_offset"), ends) == set(ends))
        took = time.monotonic() - started
        _until(lambda: _reached(worker.offsets("saved"), ends) == set(ends))
        time.sleep(
            1.0
        )  # the place of the newest checkpoint is committed with the offset, within a third of a second
        return took

    def restart(self, number: int) -> Restart:
        """One event for each partition that has blocks, then the start; the worker is killed again when all are applied."""
        before = self._ends()
        producer, seen = self._producer(), set[int]()
        for block in range(self._size.blocks):
            partition = partition_of(block_of(block), DEFAULT_PARTITIONS)
            if partition not in seen:
                seen.add(partition)
                self._send(producer, block, encode_record([report(block, 10**6 + number, 0, "i0")]))
        producer.close()
        started = time.monotonic()
        with self.start() as worker:
            wanted = {partition: before[partition] + 1 for partition in seen}
            _until(lambda: bool(_reached(worker.offsets("next_offset"), wanted)))
            first = time.monotonic() - started
            _until(lambda: _reached(worker.offsets("next_offset"), wanted) == seen)
            last = time.monotonic() - started
            worker.kill()
        return Restart(first, last)

    def _producer(self) -> KafkaProducer:
        return KafkaProducer(
            bootstrap_servers=self._stack.urls["kafka"], acks="all", max_request_size=8 * 1024 * 1024
        )

    def _send(self, producer: KafkaProducer, block: int, value: bytes) -> None:
        key = block_of(block)
        partition = partition_of(key, DEFAULT_PARTITIONS)
        producer.send(
            EVENTS.name,
            key=key.encode(),
            value=value,
            partition=partition,
            headers=[("schema", EVENT_SCHEMA)],
        )

    def _ends(self) -> dict[int, int]:
        return {partition: span.end for partition, span in self._broker.spans(EVENTS).items() if span.end}


def _reached(offsets: dict[int, int], wanted: dict[int, int]) -> set[int]:
    """The partitions whose offset is as far as wanted."""
    return {partition for partition, end in wanted.items() if offsets.get(partition, 0) >= end}


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {WITHIN_S:g} s")
        time.sleep(0.02)


@contextmanager
def _turning(count: int) -> Iterator[None]:
    """So many processes that take what processor they get."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
