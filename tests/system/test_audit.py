"""An audit of the running stack, undamaged and then damaged by hand in ClickHouse and in Kafka: each damage is named, and nothing else."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from deploy.embedded.stack import Stack
from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Finding, Kind
from services.cli.auditing.run import Audited, audit
from services.cli.auditing.scope import Scope
from services.cli.auditing.sides import KafkaSide, StoredSide
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.log_copy import LogCopier
from services.cli.publishing import publish_packs
from services.contracts.clickhouse import ClickHouseSettings, connect
from services.contracts.events import AnyEvent, encode_record
from services.contracts.ids import BlockId, CampaignId
from services.contracts.results import EVALUATION_SCHEMA, Evaluation, decode_evaluation, encode_result
from services.contracts.routing import partition_of
from services.contracts.stored import StoreReader
from services.contracts.topics import EVALUATIONS, EVENTS, PACKS, RANKINGS
from services.storage.rows import EvaluationUnitRow
from tests.support.packs import evaluation_due, report, small_pack
from tests.support.storing import wait_stored
from tests.system.commands import run

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

CAMPAIGN = CampaignId("audited")
BLOCK = BlockId(f"{CAMPAIGN}/one")
OTHER = BlockId(f"{CAMPAIGN}/two")
FOREIGN = "f" * 32


class World:
    """The shared stack, two blocks with two evaluations each, and the owner's hand on ClickHouse."""

    def __init__(self, stack: Stack) -> None:
        servers = [stack.urls["kafka"]]
        self.stack = stack
        self.broker = KafkaBroker(servers)
        self.client = connect(ClickHouseSettings(clickhouse_url=stack.urls["clickhouse"]))
        self._kafka = KafkaSide(self.broker, LogCopier(servers))
        self.partitions = self._kafka.partitions()
        publish_packs(self.broker, [small_pack(CAMPAIGN, blocks=("one", "two"))])
        for block, name in ((BLOCK, "one"), (OTHER, "two")):
            for edition in (1, 2):
                reports = [
                    report(f"{name}-u{n}", 10.0 * n + edition, 10 * edition + n, revision=edition)
                    for n in range(1, 5)
                ]
                self.append(block, *reports)
                self.append(block, evaluation_due(block, edition=edition, n=edition))

    def append(self, block: BlockId, *events: AnyEvent) -> None:
        self.broker.append(EVENTS, [Outgoing(block, encode_record(events), b"events/1")])

    def publish(self, of: Evaluation, **changes: Any) -> None:
        """A record by somebody who is not scoring."""
        body = encode_result(msgspec.structs.replace(of, **changes))
        self.broker.append(EVALUATIONS, [Outgoing(of.block, body, EVALUATION_SCHEMA)])

    def published(self) -> dict[tuple[str, int], Evaluation]:
        """By block and edition, once all four are there."""
        found: dict[tuple[str, int], Evaluation] = {}

        def are_there() -> bool:
            for record in self.broker.read(EVALUATIONS):
                if record.key in (BLOCK, OTHER):
                    one = decode_evaluation(record.value or b"")
                    found[one.block, one.edition] = one
            return len(found) == 4

        until("all evaluations are there", are_there)
        return found

    def stored(self, rows: int, block: BlockId) -> None:
        """Returns when ClickHouse has what stands in the log, of it so many bodies of the block's evaluations."""
        wait_stored(self.broker, EVENTS, PACKS, EVALUATIONS, RANKINGS)
        count = f"SELECT count() FROM evaluations FINAL WHERE block = '{block}'"
        assert int(self.client.command(count)) == rows

    def alter(self, statement: str) -> None:
        self.client.command(statement, settings={"mutations_sync": 2})

    def audit(self, scope: str) -> Audited:
        """As the command does it."""
        store = StoredSide(StoreReader(self.client))
        return audit(self._kafka, store, Scope(scope), partitions=self.partitions)


def until(what: str, holds: Callable[[], bool], within_s: float = 180.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        time.sleep(0.1)


def of_kind(found: Audited, kind: Kind) -> list[Finding]:
    return [one for one in found.findings if one.kind == kind]


@pytest.fixture(scope="module")
def world(services: Stack) -> World:
    return World(services)


def test_an_audit_names_each_damage_that_was_done_to_a_running_stack(world: World) -> None:
    published = world.published()
    world.stored(2, BLOCK)
    sound = world.audit(BLOCK)
    assert (sound.findings, sound.evaluations) == ([], 2)
    assert sound.agreeing == {KAFKA: 2, CLICKHOUSE: 2}

    first, second = published[BLOCK, 1], published[BLOCK, 2]
    damage_clickhouse(world, first, second)
    world.publish(first, id=FOREIGN)
    world.stored(3, BLOCK)
    found = world.audit(BLOCK)
    changed = {(one.table, one.column): one for one in of_kind(found, Kind.CHANGED_ROW)}
    assert set(changed) == {("evaluation_units", "score"), ("evaluations", "ranked")}
    score, ranked = changed["evaluation_units", "score"], changed["evaluations", "ranked"]
    assert (score.key["unit"], score.stored, score.recomputed) == ("one-u2", 99.5, 21.0)
    assert (ranked.evaluation, ranked.stored, ranked.recomputed) == (second.id, 1, 4)
    (missing,) = of_kind(found, Kind.MISSING_EVENT)
    place = f"{EVENTS.name}/{partition_of(BLOCK, world.partitions)}/{second.cause.offset - 1}/2"
    assert (missing.where, missing.place) == (CLICKHOUSE, place)
    strangers = of_kind(found, Kind.FOREIGN_EVALUATION)
    assert [(one.where, one.evaluation) for one in strangers] == [(KAFKA, FOREIGN), (CLICKHOUSE, FOREIGN)]
    (broken,) = of_kind(found, Kind.REWRITTEN_LOG)
    assert (broken.where, broken.evaluation) == (CLICKHOUSE, second.id)
    assert found.agreeing == {KAFKA: 2, CLICKHOUSE: 1}
    assert sum(found.counts.values()) == 6


def damage_clickhouse(world: World, first: Evaluation, second: Evaluation) -> None:
    """A score put over another, a column changed in place, an event of the log deleted."""
    names = ", ".join(EvaluationUnitRow._fields)
    values = ", ".join("99.5" if name == "score" else name for name in EvaluationUnitRow._fields)
    world.client.command(
        f"INSERT INTO evaluation_units ({names}) SELECT {values} FROM evaluation_units FINAL "
        f"WHERE evaluation = '{first.id}' AND unit = 'one-u2'"
    )
    world.alter(f"ALTER TABLE evaluations UPDATE ranked = 1 WHERE id = '{second.id}'")
    deleted = f"block = '{BLOCK}' AND offset = {second.cause.offset - 1} AND index = 2"
    world.alter(f"ALTER TABLE raw_log DELETE WHERE {deleted}")


def test_a_missing_evaluation_is_a_difference_and_another_engine_is_none(world: World) -> None:
    """By the command itself, with its exit code."""
    published = world.published()
    other = published[OTHER, 1]
    world.stored(2, OTHER)
    world.publish(other, engine="0")
    world.stored(3, OTHER)
    world.alter(f"ALTER TABLE evaluations DELETE WHERE block = '{OTHER}' AND edition = 2")
    done = run(world.stack, "audit", OTHER, "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    found = json.loads(done.stdout)
    (fault,) = found["faults"]
    assert (fault["kind"], fault["where"]) == ("missing-evaluation", "clickhouse")
    assert fault["evaluation"] == published[OTHER, 2].id
    (engine,) = found["not_compared"]
    assert (engine["kind"], engine["evaluation"]) == ("other-engine", other.id)
    assert "ranks and scores agree in 1 of 1" in engine["what"]
    assert "install the thidua whose services/scoring/engine/version.py says" in engine["next"]
