"""The door in batches of 200 against a bare kafka-python producer that sends one record an event: one broker, one run.

    python -m bench.door        # starts an embedded broker of its own, in a temporary folder

Both sides wait for every acknowledgement (acks=all). Rounds alternate, so that a slow moment of the machine hits both.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import httpx
from kafka import KafkaProducer

from bench.door_campaign import bench_pack, bench_principal
from bench.door_load import BATCH, CONNECTIONS
from deploy.embedded.stack import Stack
from services.contracts.principals import encode_principal
from services.contracts.topics import PACKS, PRINCIPALS

ROUNDS: Final = 5
EVENTS_THROUGH_THE_DOOR: Final = 200_000
EVENTS_BY_PRODUCER: Final = 60_000
LEAST_RATIO: Final = 3.0
"""The bar that issue 3 sets."""

ONE_KEY_FOR_ALL: Final = {"THIDUA_INGEST_DEPARTMENT_EVENTS_PER_S": "10000000"}
"""One key stands for a whole province here, so its share is no limit."""

_READY_WITHIN_S: Final = 30.0


class DoorMeasurement(NamedTuple):
    """Events a second, the median of the rounds."""

    door: float
    producer: float

    @property
    def ratio(self) -> float:
        return self.door / self.producer


def measure(rounds: int = ROUNDS) -> DoorMeasurement:
    """Starts a broker and a door, and runs both loads in turn."""
    door, producer = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder), programs=("kafka",)) as stack,
        _door(stack),
    ):
        bootstrap, port = stack.urls["kafka"], str(stack.layout.ports.ingest)
        _load("door", "127.0.0.1", port, "warm", "20000")
        for number in range(rounds):
            run = f"run{number}"
            producer.append(_load("producer", bootstrap, run, str(EVENTS_BY_PRODUCER)))
            door.append(_load("door", "127.0.0.1", port, run, str(EVENTS_THROUGH_THE_DOOR)))
    return DoorMeasurement(statistics.median(door), statistics.median(producer))


@contextmanager
def _door(stack: Stack) -> Iterator[None]:
    """The door as a process, with topics, a pack and a key published; ready."""
    environment = os.environ | stack.environment | ONE_KEY_FOR_ALL
    subprocess.run(
        [sys.executable, "-m", "services.cli.main", "topics", "create"], env=environment, check=True
    )
    publish(stack.urls["kafka"])
    process = subprocess.Popen([sys.executable, "-m", "services.ingest"], env=environment)
    try:
        _wait_ready(stack.urls["ingest"])
        yield
    finally:
        process.terminate()
        process.wait()


def publish(bootstrap: str) -> None:
    """The bench campaign's pack and key, as the door wants them."""
    producer = KafkaProducer(bootstrap_servers=[bootstrap], max_request_size=8 * 1024 * 1024)
    pack, principal = bench_pack(), bench_principal()
    producer.send(PACKS.name, key=pack.hash.encode(), value=pack.body).get(timeout=10)
    producer.send(PRINCIPALS.name, key=principal.id.encode(), value=encode_principal(principal)).get(
        timeout=10
    )
    producer.close()


def _wait_ready(url: str) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"the door was not ready within {_READY_WITHIN_S:g} s")


def _load(*arguments: str) -> float:
    command = [sys.executable, "-m", "bench.door_load", *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> int:
    measured = measure()
    print(f"door, batches of {BATCH} over {CONNECTIONS} connections: {measured.door:>9,.0f} events/s")
    print(f"kafka-python, one record an event:           {measured.producer:>9,.0f} events/s")
    print(f"ratio {measured.ratio:.1f} (at least {LEAST_RATIO:g})")
    return 0 if measured.ratio >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
