"""The door in batches of 200 against the same server with one record an event, and against a bare kafka-python producer: one broker, one run.

    python -m bench.door        # starts an embedded broker of its own, in a temporary folder

All sides wait for every acknowledgement (acks=all). Rounds alternate, so that a slow moment of the machine hits all.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import httpx
from kafka import KafkaProducer

from bench.door_campaign import bench_pack, bench_principal
from bench.door_load import BATCH, CONNECTIONS
from bench.stacks import temporary_stack
from deploy.embedded.stack import Stack
from services.contracts.pack.compiled import CompiledPack
from services.contracts.principals import encode_principal
from services.contracts.topics import PACKS, PRINCIPALS

ROUNDS: Final = 5
EVENTS_THROUGH_THE_DOOR: Final = 200_000
EVENTS_ONE_BY_ONE: Final = 60_000
LEAST_RATIO: Final = 3.0
"""The bar that issue 3 sets, against a bare producer."""

LEAST_RATIO_TO_SINGLE: Final = 4.0
"""The bar that issue 6 sets, against the same server with one record an event."""

ONE_KEY_FOR_ALL: Final = {"THIDUA_INGEST_DEPARTMENT_EVENTS_PER_S": "10000000"}
"""One key stands for a whole province here, so its share is no limit."""

_READY_WITHIN_S: Final = 30.0


class DoorMeasurement(NamedTuple):
    """Events a second, the median of the rounds."""

    door: float
    single: float
    producer: float

    @property
    def ratio(self) -> float:
        return self.door / self.producer

    @property
    def ratio_to_single(self) -> float:
        return self.door / self.single


def measure(rounds: int = ROUNDS) -> DoorMeasurement:
    """Starts a broker and both doors, and runs the loads in turn."""
    rates: list[tuple[float, float, float]] = []
    with temporary_stack(("kafka",)) as stack:
        bootstrap, ports = stack.urls["kafka"], stack.layout.ports
        _create_topics(stack)
        publish(bootstrap)
        with _door(stack, "services.ingest", ports.ingest), _door(stack, "bench.door_single", ports.api):
            for port in (ports.ingest, ports.api):
                _load("door", "127.0.0.1", str(port), "warm", "20000")
            for run in range(rounds):
                single = _load("producer", bootstrap, f"run{run}", str(EVENTS_ONE_BY_ONE))
                packed = _load(
                    "door", "127.0.0.1", str(ports.ingest), f"run{run}", str(EVENTS_THROUGH_THE_DOOR)
                )
                apart = _load("door", "127.0.0.1", str(ports.api), f"run{run}", str(EVENTS_ONE_BY_ONE))
                rates.append((packed, apart, single))
    return DoorMeasurement(*(statistics.median(of_kind) for of_kind in zip(*rates, strict=True)))


def _create_topics(stack: Stack) -> None:
    command = [sys.executable, "-m", "services.cli.main", "topics", "create"]
    subprocess.run(command, env=os.environ | stack.environment, check=True)


@contextmanager
def _door(stack: Stack, module: str, port: int) -> Iterator[None]:
    """A door as a process, ready."""
    environment = os.environ | stack.environment | ONE_KEY_FOR_ALL | {"THIDUA_INGEST_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", module], env=environment)
    try:
        _wait_ready(f"http://127.0.0.1:{port}")
        yield
    finally:
        process.terminate()
        process.wait()


def publish(bootstrap: str, pack: CompiledPack | None = None) -> None:
    """The bench campaign's pack and key, as the door wants them."""
    producer = KafkaProducer(bootstrap_servers=[bootstrap], max_request_size=8 * 1024 * 1024)
    pack, principal = pack or bench_pack(), bench_principal()
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
    print(f"the same server, one record an event:        {measured.single:>9,.0f} events/s")
    print(f"kafka-python, one record an event:           {measured.producer:>9,.0f} events/s")
    print(f"ratio to the same server {measured.ratio_to_single:.1f} (at least {LEAST_RATIO_TO_SINGLE:g})")
    print(f"ratio to kafka-python {measured.ratio:.1f} (at least {LEAST_RATIO:g})")
    is_met = measured.ratio >= LEAST_RATIO and measured.ratio_to_single >= LEAST_RATIO_TO_SINGLE
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
