"""Rows of several evaluations come in one answer, and each evaluation gets its own."""

from collections import Counter
from typing import Any

import pytest

from services.cli.auditing import reads
from services.cli.auditing.sides import StoredSide
from services.cli.auditing.stored_rows import StoredRows
from services.contracts.ids import EvaluationId
from services.contracts.stored import Read
from tests.support.audited import BLOCK, AuditedStack, Tables, two_evaluations
from tests.support.packs import evaluation_due


class Asked:
    """`Rows` that counts the questions."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.questions: Counter[str] = Counter()

    def rows(self, read: Read[Any], **parameters: str | int | list[str]) -> list[Any]:
        self.questions[read.view] += 1
        return self._tables.rows(read, **parameters)


@pytest.fixture
def many() -> AuditedStack:
    """Thirty evaluations of four units each."""
    later = [[evaluation_due(BLOCK, edition=n, n=n)] for n in range(3, 31)]
    return AuditedStack([*two_evaluations(), *later])


def test_thirty_small_evaluations_are_one_question_a_table(many: AuditedStack) -> None:
    asked = Asked(many.tables)
    store = StoredSide(asked)
    rows = StoredRows(store, BLOCK, store.rows(reads.HEADS, scope=BLOCK))
    for id in many.ids:
        held = rows.take(id)
        assert {row.id for row in held.bodies} == {row.evaluation for row in held.units} == {id}
        assert len(held) == 1 + 1 + 4 + 4
    assert asked.questions[reads.UNITS.view] == asked.questions[reads.EVALUATIONS.view] == 1


def test_an_evaluation_that_clickhouse_does_not_have_or_that_comes_again_has_its_own_rows(
    many: AuditedStack,
) -> None:
    store = StoredSide(many.tables)
    rows = StoredRows(store, BLOCK, store.rows(reads.HEADS, scope=BLOCK))
    assert len(rows.take(EvaluationId("0" * 32))) == 0
    for id in (many.ids[-1], many.ids[0], many.ids[-1]):
        assert [row.id for row in rows.take(id).bodies] == [id]
