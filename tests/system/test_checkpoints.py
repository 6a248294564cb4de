"""A worker that is killed starts from its checkpoint; without checkpoints it starts from the log's beginning and says the same."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.publishing import publish_packs, published_packs
from services.contracts.events import AnyEvent, encode_record
from services.contracts.ids import BlockId, CampaignId
from services.contracts.results import decode_evaluation
from services.contracts.routing import partition_of
from services.contracts.topics import EVALUATIONS, EVENTS
from tests.support import asking
from tests.support.offline import fold_block
from tests.support.packs import evaluation_due, report, small_pack
from tests.system.commands import run_json

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

CAMPAIGN = CampaignId("saved")
BLOCK = BlockId(f"{CAMPAIGN}/only")
FLAGS = {"leader": {"enter": 0.25, "leave": 0.5, "k": 2, "n": 3}}


class World:
    """The stack's own worker, and a block whose log is written to directly."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.broker = KafkaBroker([stack.urls["kafka"]])
        self.partitions = self.broker.existing([EVENTS])[EVENTS.name].partitions
        self.partition = partition_of(BLOCK, self.partitions)
        publish_packs(self.broker, [small_pack(CAMPAIGN, blocks=("only",), flags=FLAGS)])

    def append(self, *events: AnyEvent) -> None:
        self.broker.append(EVENTS, [Outgoing(BLOCK, encode_record(events), b"events/1")])

    def states(self) -> dict[int, dict[str, Any]]:
        """What the worker says of the partitions that it owns."""
        url = f"http://127.0.0.1:{self.stack.layout.ports.scoring}/readyz"
        try:
            owned = asking.get(url).json()["partitions"]
        except (httpx.HTTPError, KeyError, json.JSONDecodeError):
            return {}
        return {int(partition): state for partition, state in owned.items()}

    def state(self) -> dict[str, Any]:
        """Of the block's partition; empty while the worker does not own it."""
        return self.states().get(self.partition, {})

    def has_nothing_to_save(self) -> bool:
        """Of no partition: until something comes, the worker writes no checkpoint."""
        states, spans = self.states(), self.broker.spans(EVENTS)
        return len(states) == self.partitions and all(
            state["loaded"] and state["next_offset"] == state["saved"] >= spans[partition].end
            for partition, state in states.items()
        )

    def is_applied(self) -> bool:
        state, end = self.state(), self.broker.spans(EVENTS)[self.partition].end
        return bool(state.get("loaded")) and state["next_offset"] >= end and state["confirmed"] >= end

    def restart(self) -> int:
        """Kills the worker; the offset of the checkpoint that the next one took up."""
        before = len(self._loads())
        self.stack.kill("scoring")
        until("the partition is loaded again", lambda: len(self._loads()) > before and self.is_applied())
        return int(self._loads()[before]["checkpoint"])

    def _loads(self) -> list[dict[str, Any]]:
        lines = self.stack.layout.log("scoring").read_text().splitlines()
        told = [json.loads(line) for line in lines if '"partition loaded"' in line]
        return [one for one in told if one["partition"] == self.partition]

    def faults(self) -> tuple[int, list[Any]]:
        """Evaluations that are the same in Kafka and in a fold of the whole log, and what differs."""
        records = [record for record in self.broker.read(EVENTS) if record.key == BLOCK]
        expected = fold_block(records, BLOCK, self.partitions, published_packs(self.broker))
        copies: dict[Any, list[bytes]] = {}
        for record in self.broker.read(EVALUATIONS):
            if record.key == BLOCK and record.value is not None:
                copies.setdefault(decode_evaluation(record.value).id, []).append(record.value)
        differing = [
            id for id in expected.keys() | copies.keys() if {expected.get(id)} != set(copies.get(id, []))
        ]
        return len(expected), differing


def until(what: str, holds: Callable[[], bool], within_s: float = 180.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def month(number: int) -> list[AnyEvent]:
    """Reports of the four units, and the evaluation."""
    period = f"2026-{number:02d}"
    reports = [report(f"only-u{n}", 10.0 * n + number, number * 10 + n, period) for n in range(1, 5)]
    return [*reports, evaluation_due(BLOCK, period, n=number)]


def test_a_start_with_a_checkpoint_and_one_without_go_on_to_the_same_results(services: Stack) -> None:
    world = World(services)
    assert datetime.now(UTC).year >= 2026  # the months below have begun
    for number in (1, 2):
        world.append(*month(number))
    until("a checkpoint of all that is confirmed", lambda: _is_saved(world))
    saved = world.state()["saved"]

    world.append(*month(3))
    until("applied", world.is_applied)
    assert world.restart() >= saved
    world.append(*month(4))
    until("applied", world.is_applied)
    assert world.faults() == (4, [])

    until("everything is saved, so that nothing is after it is deleted", world.has_nothing_to_save)
    assert run_json(services, "checkpoints", "delete")["partitions"] == world.partitions
    assert {row["checkpoint"] for row in run_json(services, "checkpoints", "list")} == {None}
    assert world.restart() == 0
    world.append(*month(5))
    until("applied", world.is_applied)
    assert world.faults() == (5, [])
    until("a new checkpoint", lambda: _is_saved(world))


def _is_saved(world: World) -> bool:
    if not world.is_applied():
        return False
    state = world.state()
    if state.get("saved", -1) != state.get("next_offset"):
        return False
    return run_json(world.stack, "checkpoints", "list")[world.partition]["checkpoint"] is not None
