"""One history, played for the worker's core under each driver: two workers start on a backlog, records come live, one is killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.publishing import publish_packs
from services.cli.topics import create_topics
from services.contracts.events import EVENT_SCHEMA, AnyEvent, encode_record
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.results import DeadLetter, decode_dead_letter, decode_evaluation
from services.contracts.routing import DEFAULT_PARTITIONS
from services.contracts.topics import DEAD_LETTERS, EVALUATIONS, EVENTS, TOPICS
from tests.support import asking
from tests.support.packs import evaluation_due, report, small_pack

DRIVERS: Final = {"faust": "services.scoring", "plain_loop": "tests.contract.scoring.plain_loop"}
NAMES: Final = tuple("abcdef")
MONTHS: Final = 3
WITHIN_S: Final = 60.0
POISON: Final = b'[{"type":"nobody.knows"}]'


class Worker:
    """A process of the driver, with a health port and a log of its own."""

    def __init__(self, module: str, stack: Stack, folder: Path) -> None:
        self.port = _free_port()
        ours = {"THIDUA_SCORING_PORT": str(self.port), "THIDUA_DATA_DIR": str(folder)}
        with (folder / f"{self.port}.log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                env={**os.environ, **stack.environment, **ours},
                stdout=log,
                stderr=log,
            )

    def partitions(self) -> dict[int, dict[str, Any]]:
        """What it owns, when all of that is loaded."""
        try:
            answer = asking.get(f"http://127.0.0.1:{self.port}/readyz")
        except httpx.TransportError:
            return {}
        owned = answer.json()["partitions"] if answer.status_code == 200 else {}
        return {int(partition): state for partition, state in owned.items()}


class History:
    """What was played, and what came of it."""

    def __init__(self, driver: str, stack: Stack, folder: Path) -> None:
        self.campaign = driver.replace("_", "-")
        self.blocks = [BlockId(f"{self.campaign}/{name}") for name in NAMES]
        self.broker = KafkaBroker([stack.urls["kafka"]])
        self.shares: list[set[int]] = []
        self.exit_codes: list[int] = []
        self._start: Callable[[], Worker] = lambda: Worker(DRIVERS[driver], stack, folder)
        self._workers: list[Worker] = []

    def play(self) -> None:
        publish_packs(self.broker, [small_pack(self.campaign, blocks=NAMES)])
        self._append_month(1)
        self._workers = [self._start(), self._start()]
        self._wait_applied()
        self.shares = [set(worker.partitions()) for worker in self._workers]
        self._append_month(2)
        self._wait_applied()
        victim = self._workers.pop()
        victim.process.kill()
        victim.process.wait(10)
        self._append_month(3)
        self.broker.append(EVENTS, [Outgoing(self.blocks[0], POISON, EVENT_SCHEMA)])
        self._workers.append(self._start())
        self._wait_applied()
        self._end(signal.SIGTERM)

    def clean_up(self) -> None:
        self._end(signal.SIGKILL)

    def evaluations(self) -> dict[BlockId, dict[EvaluationId, list[bytes]]]:
        """By block, every copy of every evaluation."""
        copies: dict[BlockId, dict[EvaluationId, list[bytes]]] = defaultdict(lambda: defaultdict(list))
        for record in self.broker.read(EVALUATIONS):
            if record.value is not None and record.key in self.blocks:
                copies[BlockId(record.key)][decode_evaluation(record.value).id].append(record.value)
        return copies

    def dead_letters(self) -> list[DeadLetter]:
        held = [record for record in self.broker.read(DEAD_LETTERS) if record.key in self.blocks]
        return [decode_dead_letter(record.value) for record in held if record.value is not None]

    def _append_month(self, number: int) -> None:
        period = f"2026-{number:02d}"
        for name, block in zip(NAMES, self.blocks, strict=True):
            figures = [
                report(f"{name}-u{unit}", 7.0 * unit + number, number * 10 + unit, period)
                for unit in range(1, 5)
            ]
            events: list[AnyEvent] = [*figures, evaluation_due(block, period, n=number)]
            self.broker.append(EVENTS, [Outgoing(block, encode_record(events), EVENT_SCHEMA)])

    def _wait_applied(self) -> None:
        ends = {partition: span.end for partition, span in self.broker.spans(EVENTS).items()}

        def is_applied() -> bool:
            owned = [worker.partitions() for worker in self._workers]
            together = {partition: state for one in owned for partition, state in one.items()}
            are_shared = all(owned) and sum(map(len, owned)) == DEFAULT_PARTITIONS == len(together)
            return are_shared and all(together[p]["confirmed"] >= end for p, end in ends.items())

        _until(is_applied)

    def _end(self, how: signal.Signals) -> None:
        for worker in self._workers:
            worker.process.send_signal(how)
        self.exit_codes.extend(worker.process.wait(20) for worker in self._workers)
        self._workers = []


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, "not all is applied"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One broker with the project's topics for both drivers: the second one finds what the first one committed."""
    with Stack(tmp_path_factory.mktemp("kafka"), programs=("kafka",)) as stack:
        create_topics(KafkaBroker([stack.urls["kafka"]]), TOPICS, DEFAULT_PARTITIONS, 1)
        yield stack


@pytest.fixture(scope="package", params=list(DRIVERS))
def history(
    request: pytest.FixtureRequest, kafka: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[History]:
    """Played once for all tests of a driver."""
    played = History(request.param, kafka, tmp_path_factory.mktemp(request.param))
    try:
        played.play()
        yield played
    finally:
        played.clean_up()
