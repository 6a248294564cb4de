"""An audit of the running stack, undamaged and then damaged by hand in ClickHouse and in Kafka: each damage is named, and nothing else."""

import json
import time
from typing import Any

import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.publishing import publish_packs
from services.contracts.clickhouse import ClickHouseSettings, connect
from services.contracts.events import AnyEvent, encode_record
from services.contracts.ids import BlockId, CampaignId
from services.contracts.results import EVALUATION_SCHEMA, Evaluation, decode_evaluation, encode_result
from services.contracts.routing import partition_of
from services.contracts.topics import EVALUATIONS, EVENTS
from services.storage.rows import EvaluationUnitRow
from tests.support.packs import evaluation_due, report, small_pack
from tests.system.commands import run, run_json

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

CAMPAIGN = CampaignId("audited")
BLOCK = BlockId(f"{CAMPAIGN}/one")
OTHER = BlockId(f"{CAMPAIGN}/two")


class World:
    """The shared stack, two blocks with two evaluations each, and the owner's hand on ClickHouse."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.broker = KafkaBroker([stack.urls["kafka"]])
        self.client = connect(ClickHouseSettings(clickhouse_url=stack.urls["clickhouse"]))
        publish_packs(self.broker, [small_pack(CAMPAIGN, blocks=("one", "two"))])
        for block, name in ((BLOCK, "one"), (OTHER, "two")):
            for edition in (1, 2):
                reports = [
                    report(f"{name}-u{n}", 10.0 * n + edition, n, revision=edition) for n in range(1, 5)
                ]
                self.append(block, *reports)
                self.append(block, evaluation_due(block, edition=edition, n=edition))

    def append(self, block: BlockId, *events: AnyEvent) -> None:
        self.broker.append(EVENTS, [Outgoing(block, encode_record(events), b"events/1")])

    def publish(self, of: Evaluation) -> None:
        self.broker.append(EVALUATIONS, [Outgoing(of.block, encode_result(of), EVALUATION_SCHEMA)])

    def published(self) -> dict[tuple[str, int], Evaluation]:
        """By block and edition, once all four are there."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            records = [r for r in self.broker.read(EVALUATIONS) if r.key in (BLOCK, OTHER)]
            found = [decode_evaluation(record.value) for record in records if record.value]
            if len(found) >= 4:
                return {(one.block, one.edition): one for one in found}
            time.sleep(0.1)
        raise AssertionError("the evaluations are not there")

    def stored(self, rows: int) -> None:
        deadline = time.monotonic() + 60
        while int(self._command(f"SELECT count() FROM evaluations FINAL WHERE {self._mine}")) < rows:
            assert time.monotonic() < deadline, "storage does not catch up"
            time.sleep(0.1)

    def alter(self, statement: str) -> None:
        self.client.command(statement, settings={"mutations_sync": 2})

    def insert(self, query: str) -> None:
        self.client.command(query)

    def _command(self, query: str) -> Any:
        return self.client.command(query)

    _mine = f"block IN ('{BLOCK}', '{OTHER}')"


def faults(stack: Stack, *arguments: str, code: int) -> dict[str, Any]:
    """What the audit says, as JSON, when it ends with that code."""
    done = run(stack, "audit", *arguments, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_an_audit_names_each_damage_that_was_done_to_a_running_stack(services: Stack) -> None:
    world = World(services)
    published = world.published()
    world.stored(4)
    sound = run_json(services, "audit", CAMPAIGN)
    assert (sound["faults"], sound["not_compared"], sound["evaluations"]) == ([], [], 4)
    assert sound["agreeing"] == {"kafka": 4, "clickhouse": 4}
    partitions = world.broker.existing([EVENTS])[EVENTS.name].partitions
    first, second = published[BLOCK, 1], published[BLOCK, 2]

    columns = ", ".join(
        "99.5 AS score" if column == "score" else column for column in EvaluationUnitRow._fields
    )
    names = ", ".join(EvaluationUnitRow._fields)
    world.insert(
        f"INSERT INTO evaluation_units ({names}) SELECT {columns} FROM evaluation_units FINAL "
        f"WHERE evaluation = '{first.id}' AND unit = 'one-u2'"
    )
    world.alter(f"ALTER TABLE evaluations UPDATE ranked = 1 WHERE id = '{second.id}'")
    world.alter(
        f"ALTER TABLE raw_log DELETE WHERE block = '{BLOCK}' AND offset = {second.cause.offset - 1} AND index = 2"
    )
    foreign = Evaluation(
        **{name: getattr(first, name) for name in first.__struct_fields__} | {"id": "f" * 32}
    )
    world.publish(foreign)
    world.stored(5)

    found = faults(services, BLOCK, code=1)
    changed = {(one["table"], one["column"]): one for one in found["faults"] if one["kind"] == "changed-row"}
    assert set(changed) == {("evaluation_units", "score"), ("evaluations", "ranked")}
    score = changed["evaluation_units", "score"]
    assert (score["key"]["unit"], score["stored"], score["recomputed"]) == ("one-u2", 99.5, 21.0)
    assert (changed["evaluations", "ranked"]["stored"], changed["evaluations", "ranked"]["recomputed"]) == (
        1,
        4,
    )
    partition = partition_of(BLOCK, partitions)
    (missing,) = (one for one in found["faults"] if one["kind"] == "missing-event")
    assert (missing["where"], missing["place"]) == (
        "clickhouse",
        f"{EVENTS.name}/{partition}/{second.cause.offset - 1}/2",
    )
    strangers = [one for one in found["faults"] if one["kind"] == "foreign-evaluation"]
    assert [(one["where"], one["evaluation"]) for one in strangers] == [
        ("kafka", "f" * 32),
        ("clickhouse", "f" * 32),
    ]
    (broken,) = (one for one in found["faults"] if one["kind"] == "rewritten-log")
    assert (broken["where"], broken["evaluation"]) == ("clickhouse", second.id)
    assert found["agreeing"] == {"kafka": 2, "clickhouse": 1}

    world.alter(f"ALTER TABLE evaluations DELETE WHERE block = '{OTHER}' AND edition = 2")
    other = published[OTHER, 1]
    world.publish(Evaluation(**{n: getattr(other, n) for n in other.__struct_fields__} | {"engine": "0"}))
    world.stored(5)
    found = faults(services, OTHER, code=1)
    assert [(one["kind"], one["where"], one["evaluation"]) for one in found["faults"]] == [
        ("missing-evaluation", "clickhouse", published[OTHER, 2].id)
    ]
    (engine,) = found["not_compared"]
    assert (engine["kind"], engine["evaluation"]) == ("other-engine", other.id)
    assert "ranks and scores agree in 1 of 1" in engine["what"]
    assert faults(services, OTHER, "--evaluation", other.id, code=4)["faults"] == []
    said = run(services, "audit", OTHER)
    assert "install the thidua whose services/scoring/engine/version.py says the version" in said.stdout
