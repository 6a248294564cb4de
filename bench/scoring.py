"""The scoring worker on packed records, against a bare Faust loop at one event a record and a plain kafka-python loop with the same fold.

    python -m bench.scoring     # starts an embedded broker of its own, in a temporary folder

One broker, one run, one after the other, rounds alternating. The worker is the real process, `python -m services.scoring`, timed from the first
record produced to the last one applied (its health endpoint says so), and once more when it starts on the whole backlog.
"""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import httpx
import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from bench.door import publish
from bench.door_campaign import BLOCKS, bench_pack, reports
from bench.stacks import temporary_stack
from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker
from services.cli.publishing import publish_packs
from services.contracts.events import EVENT_SCHEMA
from services.contracts.ids import BlockId
from services.contracts.routing import DEFAULT_PARTITIONS, partition_of
from services.contracts.topics import CHECKPOINTS, EVENTS, Topic
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.fold import PartitionFold
from services.scoring.worker.ports import LogRecord

BLOCK: Final = BlockId("bench/b0")
PARTITION: Final = partition_of(BLOCK, DEFAULT_PARTITIONS)
PER_RECORD: Final = 200
PACKED: Final = 200_000
"""Packed events in each round."""
SINGLE_EVENTS: Final = 60_000
ROUNDS: Final = 3
WITHIN_S: Final = 90.0
"""Bounds every wait."""
LEAST_RATIO: Final = 3.0
"""The bar that issue 3 sets against the bare Faust loop."""


class ScoringMeasurement(NamedTuple):
    """Events a second."""

    worker: float
    catch_up: float
    plain_loop: float
    bare_faust: float


class Worker:
    """A scoring process of its own, with its log in a file."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._health = f"http://127.0.0.1:{stack.layout.ports.scoring}/readyz"
        # `httpx.get` reads the machine's certificate authorities at each call: 30 ms of one of the two cores that are measured
        self._client = httpx.Client(verify=False, trust_env=False)
        self._log = folder / f"scoring-{time.monotonic_ns()}.log"
        with self._log.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.scoring"],
                env=os.environ | stack.environment,
                stdout=output,
                stderr=output,
            )

    def wait_ready(self) -> None:
        _poll(lambda: self._state() is not None, "the worker is ready")

    def wait_applied(self, end: int) -> None:
        _poll(lambda: self._next_offset() >= end, f"offset {end} is applied")

    def offsets(self, kind: str) -> dict[int, int]:
        """`next_offset`, `confirmed` or `saved` of every partition that is owned, loaded or not."""
        answer = self._ask()
        owned = {} if answer is None else answer.json().get("partitions", {})
        return {int(partition): int(state[kind]) for partition, state in owned.items()}

    @property
    def megabytes(self) -> float:
        """Resident memory now."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def kill(self) -> None:
        """Without a word, as kill -9 does."""
        self._process.kill()
        self._process.wait(30)

    def load_seconds(self) -> float:
        """How long the load of the block's partition took, as the worker logs it."""
        lines = [
            msgspec.json.decode(line)
            for line in self._log.read_text().splitlines()
            if '"partition loaded"' in line
        ]
        return float(next(line["took_s"] for line in lines if line["partition"] == PARTITION))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._process.terminate()
        self._process.wait(30)

    def _next_offset(self) -> int:
        state = self._state()
        return -1 if state is None else int(state["partitions"][str(PARTITION)]["next_offset"])

    def _state(self) -> Any:
        answer = self._ask()
        return answer.json() if answer is not None and answer.status_code == 200 else None

    def _ask(self) -> httpx.Response | None:
        try:
            return self._client.get(self._health)
        except httpx.TransportError:
            return None


def measure() -> ScoringMeasurement:
    """Medians over `ROUNDS` rounds; the catch-up is one start on the whole log."""
    with temporary_stack(("kafka",)) as stack:
        bootstrap = stack.urls["kafka"]
        broker = KafkaBroker([bootstrap])
        create_topics(stack)
        publish(bootstrap)
        publish_packs(broker, [bench_pack()])
        with Worker(stack, stack.layout.data_dir) as worker:
            worker.wait_ready()
            rounds = [
                (_worker_rate(worker, bootstrap, n), _bare_faust_rate(broker, bootstrap, n))
                for n in range(ROUNDS)
            ]
        broker.cut(CHECKPOINTS)  # or the start would read next to nothing
        with Worker(stack, stack.layout.data_dir) as worker:
            worker.wait_ready()
            worker.wait_applied(end_of_log(bootstrap))
        live, faust = (statistics.median(rates) for rates in zip(*rounds, strict=True))
        return ScoringMeasurement(
            live, ROUNDS * PACKED / worker.load_seconds(), _plain_loop_rate(bootstrap), faust
        )


def create_topics(stack: Stack) -> None:
    command = [sys.executable, "-m", "services.cli.main", "topics", "create"]
    subprocess.run(command, env=os.environ | stack.environment, check=True)


def _worker_rate(worker: Worker, bootstrap: str, number: int) -> float:
    started = send_packed(bootstrap, EVENTS.name, PARTITION, f"round{number}", PACKED)
    worker.wait_applied(end_of_log(bootstrap))
    return PACKED / (time.monotonic() - started)


def send_packed(bootstrap: str, topic: str, partition: int, run: str, count: int) -> float:
    """Sends `count` events of the block, packed, as fast as a producer can. The clock just before the first one was sent."""
    values = _packed_values(run, count)
    started = time.monotonic()
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=8 * 1024 * 1024)
    for value in values:
        headers = [("schema", EVENT_SCHEMA)]
        producer.send(topic, key=BLOCK.encode(), value=value, partition=partition, headers=headers)
    producer.close()
    return started


def _packed_values(run: str, count: int) -> list[bytes]:
    events = [event for _, event in reports(run, count * BLOCKS, BLOCKS)]
    return [
        b"[" + b",".join(events[first : first + PER_RECORD]) + b"]" for first in range(0, count, PER_RECORD)
    ]


def _plain_loop_rate(bootstrap: str) -> float:
    """The ceiling: kafka-python and the very fold of the worker, over the whole log, nothing else."""
    pack = bench_pack()
    limit = DeadLetterLimit(in_a_row=10**9, window=10**9, share=1.0)
    fold = PartitionFold(PARTITION, DEFAULT_PARTITIONS, lambda _: pack.pack, limit, halts={})
    consumer, end = _reader(bootstrap), end_of_log(bootstrap)
    started = time.monotonic()
    while fold.next_offset < end:
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                fold.apply(LogRecord(record.offset, record.key, record.value, record.timestamp))
    return ROUNDS * PACKED / (time.monotonic() - started)


def _bare_faust_rate(broker: KafkaBroker, bootstrap: str, number: int) -> float:
    topic = Topic(f"bench.single.{number}", by_block=False)
    broker.create([topic], partitions=1, replication=1)
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for _, event in reports(f"single{number}", SINGLE_EVENTS):
        producer.send(topic.name, value=event)
    producer.close()
    command = [sys.executable, "-m", "bench.bare_faust", bootstrap, topic.name, str(SINGLE_EVENTS)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    return float(re.findall(r"\d+", printed)[-1])  # Faust prints escapes to the terminal before it


def _reader(bootstrap: str) -> Any:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, max_partition_fetch_bytes=4 * 1024 * 1024)
    consumer.assign([TopicPartition(EVENTS.name, PARTITION)])
    consumer.seek_to_beginning(TopicPartition(EVENTS.name, PARTITION))
    return consumer


def end_of_log(bootstrap: str) -> int:
    """The offset after the last record of the block's partition."""
    consumer = _reader(bootstrap)
    try:
        return int(
            consumer.end_offsets([TopicPartition(EVENTS.name, PARTITION)])[
                TopicPartition(EVENTS.name, PARTITION)
            ]
        )
    finally:
        consumer.close()


def _poll(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {WITHIN_S:g} s: {what}")
        time.sleep(0.02)


def main() -> int:
    measured = measure()
    rows = (
        (f"worker, {PER_RECORD} events a record", measured.worker),
        ("worker, catching up on start", measured.catch_up),
        ("plain kafka-python loop, same fold (ceiling)", measured.plain_loop),
        ("bare Faust loop, one event a record", measured.bare_faust),
    )
    for name, rate in rows:
        print(f"{name:46}{rate:>9,.0f} events/s   {rate / measured.plain_loop:5.2f} of the ceiling")
    ratio = measured.worker / measured.bare_faust
    print(f"worker to bare Faust loop: {ratio:.1f} (at least {LEAST_RATIO:g})")
    return 0 if ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
