"""An audit of an evaluation, a block, a campaign or everything: what is compared, and what ends it early."""

from uuid import UUID

import pytest

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Kind
from services.cli.auditing.report import in_words
from services.contracts.topics import EVENTS
from services.storage.rows import (
    EvaluationUnitRow,
    RawEventRow,
)
from tests.support.audited import BLOCK, PARTITION, AuditedStack, kinds


@pytest.mark.parametrize("sides", [(True, True), (True, False), (False, True)])
def test_nothing_is_found_where_nothing_is_damaged(stack: AuditedStack, sides: tuple[bool, bool]) -> None:
    found = stack.audit(kafka=sides[0], clickhouse=sides[1])
    assert (found.findings, found.evaluations, found.blocks) == ([], 2, [BLOCK])
    assert [found.agreeing[side] for side in (KAFKA, CLICKHOUSE)] == [2 * side for side in sides]
    assert found.events == (11 if all(sides) else 0)


def test_all_blocks_and_a_campaign_are_audited_as_one_block_is(stack: AuditedStack) -> None:
    for scope in ("", "tiny"):
        found = stack.audit(scope=scope)
        assert (found.findings, found.evaluations, found.blocks) == ([], 2, [BLOCK])
    assert stack.audit(scope="tin").blocks == []


def test_a_topic_that_was_created_anew_is_another_log(stack: AuditedStack) -> None:
    stack.kafka.ids[EVENTS.name] = UUID(int=99)
    found = stack.audit()
    other = next(one for one in found.findings if one.kind == Kind.OTHER_LOG)
    assert (other.place, other.recomputed, other.stored) == (
        EVENTS.name,
        str(UUID(int=99)),
        str(UUID(int=1)),
    )
    assert Kind.MISSING_EVENT in kinds(found)


def test_a_pack_that_is_missing_leaves_the_block_uncompared(stack: AuditedStack) -> None:
    stack.kafka.published = []
    found = stack.audit(clickhouse=False)
    assert kinds(found) == [Kind.MISSING_PACK]
    assert (found.faults, found.findings[0].place) == ([], f"{EVENTS.name}/{PARTITION}/0")


def test_a_pack_with_other_bytes_than_its_hash_names_is_a_changed_row(stack: AuditedStack) -> None:
    stack.tables.packs = [row._replace(body=row.body + b" ") for row in stack.tables.packs]
    found = stack.audit()
    assert [(one.kind, one.table) for one in found.findings] == [
        (Kind.CHANGED_ROW, "packs"),
        (Kind.MISSING_PACK, None),
    ]
    assert found.findings[0].key == {"hash": stack.kafka.published[0].hash}


def test_one_evaluation_is_audited_without_what_came_after_it(stack: AuditedStack) -> None:
    stack.tables.delete(RawEventRow, lambda row: row.offset == 4)
    stack.tables.change(EvaluationUnitRow, lambda row: row.evaluation == stack.ids[1], score=1.0)
    assert stack.audit(evaluation=stack.ids[0]).findings == []
    found = stack.audit(evaluation=stack.ids[1])
    assert found.evaluations == 1
    assert set(kinds(found)) >= {Kind.CHANGED_ROW, Kind.MISSING_EVENT}


def test_findings_beyond_a_thousand_of_a_kind_are_counted(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[EvaluationUnitRow]
    rows.extend([rows[0]._replace(unit=f"x{n}") for n in range(1_200)])
    found = stack.audit()
    assert (len(found.findings), found.counts[Kind.FOREIGN_ROW]) == (1_000, 1_200)
    assert f"{1_200 - 20:,} more" in in_words(found)
