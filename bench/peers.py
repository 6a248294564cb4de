"""The worker beside what others would write: the same fold under a plain kafka-python loop, Faust and Quix Streams, over the same packed log.

    make peers      # sets up .venv-peers from bench/peers.lock, and runs this

One embedded broker, one run, rounds alternating, medians.

- Live: the same producer feeds the worker, then the plain loop, as fast as it can, on the same cores; timed from the first record sent to the last
  event folded.
- Backlog: each drains a log that stands there already, timed from its first record to its last. The worker does so on its start, over the very
  partition that the plain loop reads.
- One event a record: Faust, Quix Streams and the plain loop drain a prepared topic. The worker's bar against Quix Streams is of like and like: each
  drains what stands there. How the worker that is fed live, with its producer beside it, compares with that is printed too, without a bar.
"""

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

from kafka import KafkaProducer

from bench.door import publish
from bench.door_campaign import BLOCKS, bench_pack, reports
from bench.peer_loops.folding import BLOCK, PARTITION, Job, bench_activation
from bench.scoring import Worker, create_topics, end_of_log, send_packed
from bench.stacks import temporary_stack
from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker
from services.cli.publishing import publish_packs
from services.contracts.events import encode_record
from services.contracts.topics import CHECKPOINTS, EVENTS, Topic

PEERS_PYTHON: Final = Path(".venv-peers/bin/python")
ROUNDS: Final = 3
PACKED: Final = 200_000
SINGLE: Final = {"quix_loop": 60_000, "plain": 60_000, "faust_loop": 10_000}
WITHIN_S: Final = 90
LIVE_TOPIC: Final = Topic("bench.live", by_block=False)
SINGLE_TOPIC: Final = Topic("bench.single", by_block=False)

LEAST_LIVE: Final = 0.7
LEAST_BACKLOG: Final = 0.9
LEAST_TO_QUIX: Final = 2.0


class Rates(NamedTuple):
    """Events a second, of each round. Each is printed as it is measured."""

    name: str
    of_rounds: list[float]

    def add(self, rate: float) -> None:
        self.of_rounds.append(rate)
        print(f"  {self.name:36}{rate:>9,.0f} events/s", flush=True)

    @property
    def median(self) -> float:
        return statistics.median(self.of_rounds)


class Loop:
    """A peer's process, and the marks that it prints."""

    def __init__(self, name: str, job: Job) -> None:
        python = str(PEERS_PYTHON) if name == "quix_loop" else sys.executable
        command = [python, "-m", f"bench.peer_loops.{name}", *job.arguments]
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open for as long as the process
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._errors, text=True)
        assert self._process.stdout is not None
        self._output: IO[str] = self._process.stdout

    def mark(self) -> float:
        """The clock at the next mark. Raises `RuntimeError` when the loop ends before it; one that hangs is ended."""
        limit = threading.Timer(WITHIN_S, self._process.kill)
        limit.start()
        try:
            for line in self._output:
                if (at := line.find("mark ")) >= 0:  # Faust prints escapes to the terminal before it
                    return float(line[at:].split()[2])
        finally:
            limit.cancel()
        self._errors.seek(0)
        code, said = self._process.wait(5), self._errors.read()[-2000:]
        raise RuntimeError(f"{self._process.args!r} ended with {code} before its mark:\n{said}")

    def end(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._errors.close()


def main() -> int:
    """Prints the table; 1 when a bar is missed."""
    if not PEERS_PYTHON.exists():
        print("Quix Streams has an environment of its own, which is not here; run: make peers")
        return 1
    with temporary_stack(("kafka",)) as stack:
        live, plain_live = _live(stack, stack.layout.data_dir)
        drained = _drained(stack, stack.layout.data_dir)
    return _report(live, plain_live, drained)


def _live(stack: Stack, folder: Path) -> tuple[Rates, Rates]:
    bootstrap = stack.urls["kafka"]
    _prepare(stack)
    of_worker, of_plain = Rates("worker, fed live", []), Rates("plain loop, fed live", [])
    job = Job(bootstrap, LIVE_TOPIC.name, 0, "packed", ROUNDS * PACKED, PACKED)
    with Worker(stack, folder) as worker, _running("plain", job) as plain:
        worker.wait_ready()
        plain.mark()
        for number in range(ROUNDS):
            started = send_packed(bootstrap, EVENTS.name, PARTITION, f"worker{number}", PACKED)
            worker.wait_applied(end_of_log(bootstrap))
            of_worker.add(PACKED / (time.monotonic() - started))
            started = send_packed(bootstrap, LIVE_TOPIC.name, 0, f"plain{number}", PACKED)
            of_plain.add(PACKED / (plain.mark() - started))
    return of_worker, of_plain


def _prepare(stack: Stack) -> None:
    """Topics, the pack, and the events that stand one by one."""
    bootstrap = stack.urls["kafka"]
    broker = KafkaBroker([bootstrap])
    create_topics(stack)
    broker.create([LIVE_TOPIC, SINGLE_TOPIC], partitions=1, replication=1)
    publish(bootstrap)
    publish_packs(broker, [bench_pack()])
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    producer.send(LIVE_TOPIC.name, key=BLOCK.encode(), value=encode_record([bench_activation()]))
    for _, event in reports("single", max(SINGLE.values()) * BLOCKS, BLOCKS):
        producer.send(SINGLE_TOPIC.name, key=BLOCK.encode(), value=event)
    producer.close()


def _drained(stack: Stack, folder: Path) -> list[Rates]:
    bootstrap, all_packed = stack.urls["kafka"], ROUNDS * PACKED
    same_log = Job(bootstrap, EVENTS.name, PARTITION, "packed", all_packed, all_packed)
    packed = Job(bootstrap, LIVE_TOPIC.name, 0, "packed", PACKED, PACKED)
    rates = {name: Rates(title, []) for name, title in _DRAINED.items()}
    for _ in range(ROUNDS):
        rates["worker"].add(all_packed / _catch_up_s(stack, folder))
        rates["plain, packed"].add(_drain("plain", same_log))
        for name in ("faust_loop", "quix_loop"):
            rates[f"{name}, packed"].add(_drain(name, packed))
        for name, count in SINGLE.items():
            rates[f"{name}, single"].add(
                _drain(name, Job(bootstrap, SINGLE_TOPIC.name, 0, "single", count, count))
            )
    return list(rates.values())


_DRAINED: Final = {
    "worker": "worker, backlog on its start",
    "plain, packed": "plain loop, the same backlog",
    "faust_loop, packed": "Faust, packed backlog",
    "quix_loop, packed": "Quix Streams, packed backlog",
    "plain, single": "plain loop, one event a record",
    "quix_loop, single": "Quix Streams, one event a record",
    "faust_loop, single": "Faust, one event a record",
}


def _catch_up_s(stack: Stack, folder: Path) -> float:
    KafkaBroker([stack.urls["kafka"]]).cut(CHECKPOINTS)  # or the start would read next to nothing
    with Worker(stack, folder) as worker:
        worker.wait_ready()
        worker.wait_applied(end_of_log(stack.urls["kafka"]))
        return worker.load_seconds()


def _drain(name: str, job: Job) -> float:
    with _running(name, job) as loop:
        first = loop.mark()
        return job.events / (loop.mark() - first)


@contextmanager
def _running(name: str, job: Job) -> Iterator[Loop]:
    loop = Loop(name, job)
    try:
        yield loop
    finally:
        loop.end()


def _report(live: Rates, plain_live: Rates, drained: list[Rates]) -> int:
    for rates in (live, plain_live, *drained):
        rounds = ", ".join(f"{rate:,.0f}" for rate in rates.of_rounds)
        print(f"{rates.name:36}{rates.median:>9,.0f} events/s   ({rounds})")
    catch_up, plain = drained[0], drained[1]
    quix = next(rates for rates in drained if rates.name == _DRAINED["quix_loop, single"])
    bars = (
        ("worker to plain loop, both fed live", live.median / plain_live.median, LEAST_LIVE),
        ("worker to plain loop, the same backlog", catch_up.median / plain.median, LEAST_BACKLOG),
        (
            "worker to Quix Streams on one event a record, backlogs",
            catch_up.median / quix.median,
            LEAST_TO_QUIX,
        ),
    )
    print(f"worker fed live to Quix Streams draining one event a record: {live.median / quix.median:.2f}")
    for name, ratio, least in bars:
        print(f"{name}: {ratio:.2f} (at least {least:g}){'' if ratio >= least else ' MISSED'}")
    return int(any(ratio < least for _, ratio, least in bars))


if __name__ == "__main__":
    sys.exit(main())
