"""Another engine version is told as what it is; the log and the scores are compared all the same."""

import msgspec

from services.cli.auditing.findings import CLICKHOUSE, Kind
from services.contracts.results import decode_evaluation
from services.scoring.engine import ENGINE_VERSION
from services.storage.rows import (
    EvaluationRow,
)
from tests.support.audited import AuditedStack, body_with, only


def test_another_engine_is_no_difference_and_the_log_and_the_scores_are_compared(stack: AuditedStack) -> None:
    for n in range(2):
        stack.copies[n] = msgspec.structs.replace(stack.copies[n], value=body_with(stack, n, engine="0"))
    stack.tables = type(stack.tables)()
    stack.store()
    found = stack.audit()
    other = only(found)
    assert (other.kind, found.faults, found.not_compared) == (Kind.OTHER_ENGINE, [], [other])
    assert f"2 evaluations of engine 0; this is engine {ENGINE_VERSION}" in other.what[0]
    assert other.what[1:] == [
        "chain heads, which no version changes, agree with the log in 2 of 2",
        "ranks and scores agree in 2 of 2",
    ]


def test_another_engine_in_clickhouse_alone_is_told_the_same(stack: AuditedStack) -> None:
    stack.copies[0] = msgspec.structs.replace(stack.copies[0], value=body_with(stack, 0, engine="0"))
    stack.tables = type(stack.tables)()
    stack.store()
    other = only(stack.audit(kafka=False))
    assert (other.kind, other.where, other.evaluation) == (Kind.OTHER_ENGINE, CLICKHOUSE, stack.ids[0])


def test_scores_that_another_engine_gave_otherwise_are_shown_and_not_blamed(stack: AuditedStack) -> None:
    units = list(decode_evaluation(stack.copies[0].value or b"").units)
    units[0] = msgspec.structs.replace(units[0], score=41.0)
    stack.copies[0] = msgspec.structs.replace(
        stack.copies[0], value=body_with(stack, 0, engine="0", units=units)
    )
    other = only(stack.audit(clickhouse=False))
    assert other.what[2] == "ranks and scores agree in 0 of 1"
    assert other.what[3].endswith("/a-u4/1: 41.0 instead of 40.0")


def test_a_row_of_another_engine_that_kafka_does_not_hold_is_foreign(stack: AuditedStack) -> None:
    body = body_with(stack, 0, engine="0")
    stack.tables.change(EvaluationRow, lambda row: row.edition == 1, body=body, engine="0")
    assert [(one.kind, one.column) for one in stack.audit().findings] == [
        (Kind.CHANGED_ROW, "engine"),
        (Kind.CHANGED_ROW, "body"),
    ]
