"""A copy that is not what the log gives, a foreign one and a missing one are named by where they lie."""

import msgspec
import pytest

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Kind
from services.contracts.topics import EVALUATIONS, EVENTS
from services.scoring.engine import ENGINE_VERSION
from services.storage.rows import (
    EvaluationCopyRow,
    EvaluationCriterionRow,
    EvaluationRow,
    EvaluationUnitRow,
    RawEventRow,
)
from tests.support.audited import BLOCK, PARTITION, AuditedStack, body_with, only


def test_a_changed_copy_in_kafka_is_named_by_its_place_and_member(stack: AuditedStack) -> None:
    stack.publish(body_with(stack, 0, seed=1))
    stack.store()
    found = only(stack.audit())
    assert (found.kind, found.where, found.place) == (
        Kind.CHANGED_EVALUATION,
        KAFKA,
        f"{EVALUATIONS.name}/{PARTITION}/2",
    )
    assert found.what[0].startswith("/seed: 1 instead of ")


def test_an_evaluation_that_nobody_asked_for_is_named_wherever_it_lies(stack: AuditedStack) -> None:
    stack.publish(body_with(stack, 0, id="f" * 32))
    stack.store()
    in_kafka, in_clickhouse = stack.audit().findings
    assert in_kafka.kind == in_clickhouse.kind == Kind.FOREIGN_EVALUATION
    assert in_kafka.evaluation == in_clickhouse.evaluation == "f" * 32
    assert in_kafka.place == f"{EVALUATIONS.name}/{PARTITION}/2"
    assert (in_clickhouse.table, in_clickhouse.key["id"]) == ("evaluations", "f" * 32)


def test_a_foreign_evaluation_in_clickhouse_alone_is_said_to_be_there_alone(stack: AuditedStack) -> None:
    rows = stack.tables.rows_of[EvaluationRow]
    rows.append(rows[0]._replace(id="f" * 32, generation=0))
    found = only(stack.audit())
    assert (found.kind, found.where) == (Kind.FOREIGN_EVALUATION, CLICKHOUSE)
    assert found.what[1] == "Kafka holds no copy of it"


@pytest.mark.parametrize("value", [b"{}", b"\xff", None])
def test_a_record_that_is_no_evaluation_is_foreign(stack: AuditedStack, value: bytes | None) -> None:
    stack.kafka.append(EVALUATIONS, BLOCK, value)
    found = only(stack.audit())
    assert (found.kind, found.place) == (Kind.FOREIGN_EVALUATION, f"{EVALUATIONS.name}/{PARTITION}/2")


def test_an_evaluation_under_the_key_of_another_block_is_foreign(stack: AuditedStack) -> None:
    stack.kafka.append(EVALUATIONS, BLOCK, body_with(stack, 0, block="tiny/b"))
    found = only(stack.audit())
    assert found.what == ["the record has the key of tiny/a and says tiny/b"]


def test_an_evaluation_without_a_copy_is_missing_where_it_is(stack: AuditedStack) -> None:
    stack.tables.delete(EvaluationRow, lambda row: row.edition == 2)
    found = only(stack.audit())
    assert (found.kind, found.where, found.evaluation) == (
        Kind.MISSING_EVALUATION,
        CLICKHOUSE,
        stack.ids[1],
    )
    del stack.copies[1]
    found = next(one for one in stack.audit().findings if one.where == KAFKA)
    assert (found.kind, found.place) == (Kind.MISSING_EVALUATION, f"{EVENTS.name}/{PARTITION}/4/0")


def test_what_scoring_and_storage_have_not_come_to_is_awaited_and_not_missing(stack: AuditedStack) -> None:
    del stack.copies[1]
    for row_class in (EvaluationRow, EvaluationCopyRow, EvaluationUnitRow, EvaluationCriterionRow):
        of = "id" if row_class in (EvaluationRow, EvaluationCopyRow) else "evaluation"
        stack.tables.delete(row_class, lambda row, of=of: getattr(row, of) == stack.ids[1])
    stack.tables.delete(RawEventRow, lambda row: row.offset == 4)
    stack.lag(scored=4, stored=4)
    found = stack.audit()
    assert found.findings == []
    assert found.waiting == {"records": 1, "evaluations": 1}


def test_a_copy_that_has_the_head_of_an_evaluation_and_no_body_is_a_changed_one(stack: AuditedStack) -> None:
    """Storage cannot read it, so ClickHouse has nothing of it."""
    for engine in (ENGINE_VERSION, "0"):
        whole = msgspec.json.decode(body_with(stack, 0, engine=engine))
        stack.kafka.append(EVALUATIONS, BLOCK, msgspec.json.encode(whole | {"units": "none"}))
    found = stack.audit().findings
    assert [(one.kind, one.place) for one in found] == [
        (Kind.CHANGED_EVALUATION, f"{EVALUATIONS.name}/{PARTITION}/2"),
        (Kind.CHANGED_EVALUATION, f"{EVALUATIONS.name}/{PARTITION}/3"),
    ]
