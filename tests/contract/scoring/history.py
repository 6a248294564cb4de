"""Workers of one driver on a bare broker, and the history that is played with them: two start on a backlog, records come live, one is killed and
started again."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.embedded.ports import free_port
from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.publishing import publish_packs, published_packs
from services.contracts.events import EVENT_SCHEMA, AnyEvent, encode_record
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.results import DeadLetter, decode_dead_letter, decode_evaluation
from services.contracts.routing import DEFAULT_PARTITIONS
from services.contracts.topics import DEAD_LETTERS, EVALUATIONS, EVENTS
from tests.support import asking
from tests.support.offline import fold_block
from tests.support.packs import evaluation_due, report, small_pack

DRIVERS: Final = {"faust": "services.scoring", "plain_loop": "tests.contract.scoring.plain_loop"}
NAMES: Final = tuple("abcdef")
MONTHS: Final = 3
WITHIN_S: Final = 150.0
POISON: Final = b'[{"type":"nobody.knows"}]'


class Worker:
    """A process of the driver, with a health port and a log of its own."""

    def __init__(self, module: str, stack: Stack, folder: Path, own: Mapping[str, str]) -> None:
        self.port = free_port()
        ours = {"THIDUA_SCORING_PORT": str(self.port), "THIDUA_DATA_DIR": str(folder)}
        with (folder / f"{self.port}.log").open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                env={**os.environ, **stack.environment, **own, **ours},
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


class Group:
    """The workers of one driver that run now."""

    def __init__(
        self, driver: str, stack: Stack, folder: Path, broker: KafkaBroker, own: Mapping[str, str]
    ) -> None:
        self.exit_codes: list[int] = []
        self._start: Callable[[], Worker] = lambda: Worker(DRIVERS[driver], stack, folder, own)
        self._broker = broker
        self._workers: list[Worker] = []

    def join(self) -> None:
        self._workers.append(self._start())

    def leave(self, how: signal.Signals) -> None:
        """The one that joined last."""
        worker = self._workers.pop()
        worker.process.send_signal(how)
        self.exit_codes.append(worker.process.wait(90))

    def leave_all(self, how: signal.Signals) -> None:
        while self._workers:
            self.leave(how)

    def wait_applied(self) -> list[set[int]]:
        """The partitions of each, once all of them own some, together every one and none twice, and have confirmed what stands in the log
        by now."""
        shares: list[set[int]] = []
        ends = {partition: span.end for partition, span in self._broker.spans(EVENTS).items()}

        def is_applied() -> bool:
            owned = [worker.partitions() for worker in self._workers]
            shares[:] = map(set, owned)
            together = {partition: state for one in owned for partition, state in one.items()}
            are_shared = all(owned) and sum(map(len, owned)) == DEFAULT_PARTITIONS == len(together)
            return are_shared and all(together[p]["confirmed"] >= end for p, end in ends.items())

        _until(is_applied)
        return shares


class History:
    """What was played, and what came of it. `own` is the workers' environment beside the stack's."""

    def __init__(self, driver: str, stack: Stack, folder: Path, own: Mapping[str, str] | None = None) -> None:
        self.campaign = driver.replace("_", "-")
        self.blocks = [BlockId(f"{self.campaign}/{name}") for name in NAMES]
        self.broker = KafkaBroker([stack.urls["kafka"]])
        self.group = Group(driver, stack, folder, self.broker, own or {})
        self.shares: list[set[int]] = []

    def publish_pack(self) -> None:
        publish_packs(self.broker, [small_pack(self.campaign, blocks=NAMES)])

    def play(self) -> None:
        self.publish_pack()
        self._append_month(1)
        self.group.join()
        self.group.join()
        self.shares = self.group.wait_applied()
        self._append_month(2)
        self.group.wait_applied()
        self.group.leave(signal.SIGKILL)
        self._append_month(3)
        self.broker.append(EVENTS, [Outgoing(self.blocks[0], POISON, EVENT_SCHEMA)])
        self.group.join()
        self.group.wait_applied()
        self.group.leave_all(signal.SIGTERM)

    def evaluations(self) -> dict[BlockId, dict[EvaluationId, set[bytes]]]:
        """By block, the different bodies of every evaluation."""
        bodies: dict[BlockId, dict[EvaluationId, set[bytes]]] = defaultdict(lambda: defaultdict(set))
        for record in self.broker.read(EVALUATIONS):
            if record.value is not None and record.key in self.blocks:
                bodies[BlockId(record.key)][decode_evaluation(record.value).id].add(record.value)
        return bodies

    def expected(self) -> dict[BlockId, dict[EvaluationId, set[bytes]]]:
        """What one fold of the log gives."""
        records, packs = self.broker.read(EVENTS), published_packs(self.broker)
        return {
            block: {
                id: {body}
                for id, body in fold_block(
                    [record for record in records if record.key == block], block, DEFAULT_PARTITIONS, packs
                ).items()
            }
            for block in self.blocks
        }

    def dead_letters(self) -> list[DeadLetter]:
        held = [record for record in self.broker.read(DEAD_LETTERS) if record.key in self.blocks]
        return [decode_dead_letter(record.value) for record in held if record.value is not None]

    def _append_month(self, number: int) -> None:
        values = month_of_blocks(number, f"2026-{number:02d}", self.blocks)
        self.broker.append(EVENTS, [Outgoing(block, value, EVENT_SCHEMA) for block, value in values])


def month_of_blocks(
    number: int, period: str, blocks: list[BlockId], edition: int = 1
) -> Iterator[tuple[BlockId, bytes]]:
    """For each block a record: a figure of every unit, and an evaluation."""
    for name, block in zip(NAMES, blocks, strict=True):
        figures = [
            report(f"{name}-u{unit}", 7.0 * unit + number % 50, number * 10 + unit, period, number)
            for unit in range(1, 5)
        ]
        events: list[AnyEvent] = [*figures, evaluation_due(block, period, edition, n=number)]
        yield block, encode_record(events)


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, "not all is applied"
        time.sleep(0.05)
