"""A damaged row of ClickHouse is named by table, key and column."""

from uuid import UUID

import pytest

from services.cli.auditing.findings import CLICKHOUSE, Kind
from services.cli.auditing.run import STORAGE_GROUP
from services.contracts.topics import EVALUATIONS
from services.scoring.engine import ENGINE_VERSION
from services.storage.rows import (
    EvaluationCopyRow,
    EvaluationCriterionRow,
    EvaluationRow,
    EvaluationUnitRow,
)
from tests.support.audited import PARTITION, AuditedStack, only


def test_a_changed_score_in_a_derived_row_is_named_by_table_key_and_column(stack: AuditedStack) -> None:
    stack.tables.change(EvaluationUnitRow, lambda row: row.unit == "a-u2", score=99.0)
    found = only(stack.audit())
    assert (found.kind, found.where, found.table, found.column) == (
        Kind.CHANGED_ROW,
        CLICKHOUSE,
        "evaluation_units",
        "score",
    )
    assert (found.key["unit"], found.evaluation, found.period) == ("a-u2", stack.ids[0], "2026-01")
    assert (found.stored, found.recomputed) == (99.0, 20.0)
    assert found.what == ["score is 99.0, must be 20.0"]


def test_a_changed_criterion_is_named_by_its_position(stack: AuditedStack) -> None:
    stack.tables.change(EvaluationCriterionRow, lambda row: row.unit == "a-u4", state="not_due", actual=None)
    found = stack.audit().findings
    assert [(one.table, one.column, one.key["position"]) for one in found] == [
        ("evaluation_criteria", "state", 1),
        ("evaluation_criteria", "actual", 1),
    ]


def test_a_derived_row_that_is_gone_and_one_too_many_are_named(stack: AuditedStack) -> None:
    stack.tables.delete(EvaluationUnitRow, lambda row: row.unit == "a-u1")
    rows = stack.tables.rows_of[EvaluationUnitRow]
    rows.append(rows[0]._replace(unit="nobody"))
    found = stack.audit().findings
    assert [(one.kind, one.key["unit"]) for one in found] == [
        (Kind.FOREIGN_ROW, "nobody"),
        (Kind.MISSING_ROW, "a-u1"),
        (Kind.MISSING_ROW, "a-u1"),
    ]


def test_rows_of_an_evaluation_that_are_all_gone_are_one_finding(stack: AuditedStack) -> None:
    stack.tables.delete(EvaluationCriterionRow, lambda row: row.evaluation == stack.ids[0])
    found = only(stack.audit())
    assert (found.kind, found.table, found.evaluation) == (
        Kind.MISSING_ROW,
        "evaluation_criteria",
        stack.ids[0],
    )
    assert found.what == ["none of 4 rows of this body is there"]


def test_an_evaluation_that_storage_is_writing_just_now_is_not_damaged(stack: AuditedStack) -> None:
    """Its units are there already, its criteria and its row are not."""
    stack.tables.delete(EvaluationCriterionRow, lambda row: row.evaluation == stack.ids[1])
    for row_class in (EvaluationRow, EvaluationCopyRow):
        stack.tables.delete(row_class, lambda row: row.id == stack.ids[1])
    stack.kafka.commits[STORAGE_GROUP, EVALUATIONS.name] = {PARTITION: 1}
    found = stack.audit()
    assert (found.findings, found.waiting["evaluations"]) == ([], 1)


def test_rows_of_a_body_that_stands_nowhere_are_foreign(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[EvaluationUnitRow]
    rows.append(rows[0]._replace(sha256="f" * 64))
    rows.append(rows[0]._replace(evaluation="e" * 32))
    found = stack.audit().findings
    assert [(one.kind, one.evaluation) for one in found] == [
        (Kind.FOREIGN_ROW, stack.ids[0]),
        (Kind.FOREIGN_ROW, "e" * 32),
    ]


def test_a_changed_column_of_an_evaluation_is_named(stack: AuditedStack) -> None:
    stack.tables.change(EvaluationRow, lambda row: row.edition == 1, engine="0", ranked=3)
    assert [(one.table, one.column, one.stored, one.recomputed) for one in stack.audit().findings] == [
        ("evaluations", "engine", "0", ENGINE_VERSION),
        ("evaluations", "ranked", 3, 4),
    ]


def test_changed_bytes_of_an_evaluation_in_clickhouse_are_named_by_their_member(stack: AuditedStack) -> None:
    body = (stack.copies[0].value or b"").replace(b'"coverage":1.0', b'"coverage":0.5', 1)
    stack.tables.change(EvaluationRow, lambda row: row.edition == 1, body=body)
    found = only(stack.audit())
    assert (found.kind, found.column, found.what) == (
        Kind.CHANGED_ROW,
        "body",
        ["body: /units/0/coverage: 0.5 instead of 1.0"],
    )


def test_a_place_of_a_copy_that_was_changed_is_named(stack: AuditedStack) -> None:
    stack.tables.change(EvaluationCopyRow, lambda row: row.offset == 1, sent=None)
    found = only(stack.audit())
    assert (found.table, found.column, found.key) == (
        "evaluation_copies",
        "sent",
        {"partition": PARTITION, "offset": 1},
    )


@pytest.mark.parametrize("kafka", [True, False])
def test_junk_in_the_place_of_an_evaluations_bytes_is_named(stack: AuditedStack, kafka: bool) -> None:
    stack.tables.change(EvaluationRow, lambda row: row.edition == 1, body=b"junk", engine="0")
    found = stack.audit(kafka=kafka).findings
    assert [(one.kind, one.column) for one in found] == [
        (Kind.CHANGED_ROW, "engine"),
        (Kind.CHANGED_ROW, "body"),
    ]


def test_rows_of_an_earlier_log_that_the_present_one_replaced_are_no_difference(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[EvaluationRow]
    rows.append(rows[0]._replace(sha256="a" * 64, generation=0, log_id=UUID(int=50)))
    assert stack.audit().findings == []
