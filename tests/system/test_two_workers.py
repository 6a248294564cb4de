"""Up to three workers join, die, and stand still beyond their session while a dozen blocks are evaluated: no evaluation is missing, none differs."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from deploy.embedded.ports import free_port
from deploy.embedded.stack import Stack
from deploy.embedded.status import ProcessStatus
from services.cli.broker import KafkaBroker
from services.cli.door import DoorClient
from services.cli.publishing import publish_packs, published_packs
from services.contracts.event_data import EvaluationDueData, ReportData
from services.contracts.events import EvaluationDue, Report
from services.contracts.ids import BlockId, CampaignId, EvaluationId
from services.contracts.principals import Role
from services.contracts.results import decode_evaluation
from services.contracts.topics import EVALUATIONS, EVENTS
from tests.support.keys import new_key, wait_known
from tests.support.offline import fold_block
from tests.support.packs import small_pack

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

CAMPAIGN = CampaignId("two")
NAMES = tuple(f"b{number}" for number in range(12))
ROUNDS = 60
ROUND_S = 0.5
STANDSTILL_S = 8.0
"""Beyond the session of 6 s: the broker gives the partitions away meanwhile."""
WITHIN_S = 180.0


class Workers:
    """Scoring processes beside the stack's own, each with a health port of its own."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._running: list[subprocess.Popen[bytes]] = []

    def join(self) -> None:
        port = free_port()
        environment = {**os.environ, **self._stack.environment, "THIDUA_SCORING_PORT": str(port)}
        log = (self._stack.layout.data_dir / "log" / f"joined-{port}.log").open("w")
        self._running.append(
            subprocess.Popen(
                [sys.executable, "-m", "services.scoring"], env=environment, stdout=log, stderr=log
            )
        )

    def end(self, how: signal.Signals) -> None:
        process = self._running.pop()
        process.send_signal(how)
        process.wait(90)

    def end_all(self) -> None:
        while self._running:
            self.end(signal.SIGKILL)


def test_no_disturbance_of_the_group_loses_or_changes_an_evaluation(services: Stack):
    broker = KafkaBroker([services.urls["kafka"]])
    pack = small_pack(CAMPAIGN, blocks=NAMES)
    publish_packs(broker, [pack])
    department, office = _client(services, broker, "department"), _client(services, broker, "office")
    workers = Workers(services)
    own = Own(services)
    disturbances = {
        4: workers.join,
        8: workers.join,
        14: lambda: workers.end(signal.SIGKILL),
        18: workers.join,
        26: own.stand_still,
        26 + int(STANDSTILL_S / ROUND_S): own.go_on,
        46: lambda: workers.end(signal.SIGTERM),
        52: own.kill,
    }
    try:
        for number in range(ROUNDS):
            started = time.monotonic()
            disturbances.get(number, lambda: None)()
            _push_round(department, office, number)
            time.sleep(max(0.0, started + ROUND_S - time.monotonic()))
        copies = _all_evaluated(broker, len(NAMES) * ROUNDS)
    finally:
        workers.end_all()
    own.wait_restarted(
        2
    )  # the watchdog ended it once, a kill once; on a machine that stands still itself, it may once more
    for block, expected in _recomputed(broker).items():
        assert len(expected) == ROUNDS
        assert {id: set(bodies) for id, bodies in copies[block].items()} == {
            id: {body} for id, body in expected.items()
        }


class Own:
    """The stack's own worker, which its supervisor starts again whenever it ends."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._restarts = self._now().restarts
        self._asleep = 0

    def stand_still(self) -> None:
        self._asleep = self._pid()
        os.kill(self._asleep, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._asleep, signal.SIGCONT)

    def kill(self) -> None:
        os.kill(self._pid(), signal.SIGKILL)

    def wait_restarted(self, times: int) -> None:
        _until(f"restarted {times} times", lambda: self._now().restarts - self._restarts >= times)

    def _pid(self) -> int:
        _until("the worker runs", lambda: self._now().pid is not None)
        return self._now().pid or 0

    def _now(self) -> ProcessStatus:
        return next(process for process in self._stack.status().processes if process.name == "scoring")


def _until(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {WITHIN_S:g} s: {what}"
        time.sleep(0.2)


def _push_round(department: DoorClient, office: DoorClient, number: int) -> None:
    """A new figure for every unit, and an edition of the evaluation for every block."""
    now = datetime.now(UTC)
    reports = [
        Report(
            specversion="1.0",
            id=f"{name}-{unit}-{number}",
            source="/two/department/test",
            subject=f"{name}-u{unit}",
            time=now,
            data=ReportData(
                indicator="x", period="2026-01", value=(number * unit * 7) % 101, revision=number
            ),
        )
        for name in NAMES
        for unit in range(1, 5)
    ]
    due = [
        EvaluationDue(
            specversion="1.0",
            id=f"{name}-{number}",
            source="/two/office/test",
            subject=f"two/{name}",
            time=now,
            data=EvaluationDueData(
                period="2026-01", as_of=datetime(2026, 2, 10, tzinfo=UTC), edition=number + 1
            ),
        )
        for name in NAMES
    ]
    for door, events in (
        (department, reports),
        (office, due),
    ):  # a push that is tried again finds its events stored
        assert {result.status for result in door.push(events)} <= {"accepted", "duplicate"}


def _client(stack: Stack, broker: KafkaBroker, role: Role) -> DoorClient:
    url = stack.urls["ingest"]
    return DoorClient(url, wait_known(url, new_key(broker, CAMPAIGN, role)))


def _all_evaluated(broker: KafkaBroker, wanted: int) -> dict[BlockId, dict[EvaluationId, list[bytes]]]:
    """By block, every copy of every evaluation, once as many as asked for are there."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        copies: dict[BlockId, dict[EvaluationId, list[bytes]]] = defaultdict(lambda: defaultdict(list))
        for record in broker.read(EVALUATIONS):
            if record.value is not None and record.key.startswith(f"{CAMPAIGN}/"):
                copies[BlockId(record.key)][decode_evaluation(record.value).id].append(record.value)
        found = sum(len(of_block) for of_block in copies.values())
        if found >= wanted:
            return copies
        assert time.monotonic() < deadline, f"{found} of {wanted} evaluations after {WITHIN_S:g} s"
        time.sleep(0.5)


def _recomputed(broker: KafkaBroker) -> dict[BlockId, dict[EvaluationId, bytes]]:
    catalog = published_packs(broker)
    partitions = broker.existing([EVENTS])[EVENTS.name].partitions
    records = broker.read(EVENTS)
    blocks = [BlockId(f"{CAMPAIGN}/{name}") for name in NAMES]
    return {b: fold_block([r for r in records if r.key == b], b, partitions, catalog) for b in blocks}
