"""`thidua audit`: what it is called with, what it says, and how it ends."""

import pytest

from services.cli import audit as command
from services.cli.auditing.findings import NEXT, Kind
from services.cli.auditing.report import as_json, in_words
from services.cli.auditing.run import Audited
from services.cli.differences import named_differences
from services.cli.failures import CalledWrongly, CannotCompare, FoundWrong
from services.contracts.event_data import (
    EvaluationDueData,
    EvaluationPublishedData,
    PeriodClosedData,
    PeriodReopenedData,
)
from services.contracts.events import (
    EvaluationDue,
    EvaluationPublished,
    PeriodClosed,
    PeriodReopened,
    evaluation_id,
)
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.storage.rows import EvaluationUnitRow
from tests.support.audited import BLOCK, PACK, AuditedStack
from tests.support.packs import START, activation, evaluation_due, report


def test_a_block_that_is_not_there_is_told_with_those_that_are():
    catalog = PackCatalog()
    catalog.put(PACK.body)
    command.require_block(BLOCK, catalog)
    with pytest.raises(CalledWrongly, match=r"no block 'tiny/nope'[\s\S]*tiny/a"):
        command.require_block(BlockId("tiny/nope"), catalog)


@pytest.mark.parametrize(
    ("block", "all_blocks", "evaluation"),
    [(None, False, None), ("tiny/a", True, None), (None, True, "x"), ("tiny", False, "x")],
)
def test_what_cannot_be_audited_is_refused(block: str | None, all_blocks: bool, evaluation: str | None):
    with pytest.raises(CalledWrongly):
        command.scope_of(block, all_blocks, evaluation)


def ends(found: Audited) -> int:
    """The exit code."""
    try:
        command.conclude(found)
    except (FoundWrong, CannotCompare) as failure:
        return failure.exit_code
    return 0


def test_the_exit_code_tells_equal_from_different_from_not_compared():
    stack = AuditedStack()
    assert ends(stack.audit()) == 0
    stack.kafka.published = []
    stack.tables.packs = []
    assert ends(stack.audit()) == 4
    stack = AuditedStack()
    stack.tables.change(EvaluationUnitRow, lambda row: True, score=1.0)
    assert ends(stack.audit()) == 1


def test_nothing_that_could_be_compared_is_not_the_same_as_equal():
    stack = AuditedStack()
    del stack.copies[:]
    stack.tables = type(stack.tables)()
    stack.lag(scored=0, stored=0)
    found = stack.audit()
    assert (found.findings, ends(found)) == ([], 4)


def test_the_words_say_what_was_compared_and_what_to_do_next():
    stack = AuditedStack()
    assert in_words(stack.audit()).splitlines()[-1] == "  no difference"
    stack.tables.change(EvaluationUnitRow, lambda row: row.unit == "a-u2", score=99.0)
    said = in_words(stack.audit())
    assert "evaluation_units[" in said
    assert "unit=a-u2].score" in said
    assert "score is 99.0, must be 20.0" in said
    assert f"Next: {NEXT[Kind.CHANGED_ROW]}" in said


def test_the_json_has_both_values_of_a_changed_row():
    stack = AuditedStack()
    stack.tables.change(EvaluationUnitRow, lambda row: row.unit == "a-u2", score=99.0)
    told = as_json(stack.audit())
    (fault,) = told["faults"]
    assert (fault["kind"], fault["table"], fault["column"]) == ("changed-row", "evaluation_units", "score")
    assert (fault["stored"], fault["recomputed"]) == (99.0, 20.0)
    assert (told["evaluations"], told["counts"]) == (2, {"changed-row": 1})


def test_every_kind_has_its_advice():
    assert list(NEXT) == list(Kind)


def test_closings_publications_and_corrections_are_recomputed_too():
    """Closed, one late report, evaluated, published, and the signed correction after the reopening."""
    reports = [report(f"a-u{n}", 10.0 * n, n) for n in range(1, 5)]
    first = evaluation_due(BLOCK)
    id = evaluation_id(BLOCK, "2026-01", first.data.as_of, 1)
    about = {"specversion": "1.0", "source": "/tiny/office", "subject": BLOCK, "time": START}
    closing = PeriodClosed(**about, id="c", data=PeriodClosedData(period="2026-01", reason="final"))
    publication = EvaluationPublished(
        **about, id="p", data=EvaluationPublishedData(evaluation=id, actor="office")
    )
    opening = PeriodReopened(**about, id="o", data=PeriodReopenedData(period="2026-01", reason="lost"))
    data = EvaluationDueData(period="2026-01", as_of=first.data.as_of, edition=2, reason="lost")
    second = EvaluationDue(**about, id="e2", principal="office-1", receivedtime=START, data=data)
    late = report("a-u1", 99.0, 9, revision=1)
    log = [activation(PACK, BLOCK), *reports, closing, late, first, publication, opening, second]
    found = AuditedStack([[event] for event in log]).audit()
    assert (found.findings, found.evaluations) == ([], 2)


def test_differences_are_named_by_their_path_and_bytes_that_say_the_same_are_told():
    assert named_differences(b'{"a":[1,2]}', b'{"a":[1,3]}') == ["/a/1: 3 instead of 2"]
    assert named_differences(b'{"a":1}', b'{"a": 1}') == ["the same members, written in other bytes"]
    assert named_differences(b"{}", b"{") == ["the copy is no JSON: Input data was truncated"]
