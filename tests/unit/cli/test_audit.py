"""An audit folds the log again and names every copy that differs."""

import pytest
from msgspec import UNSET

from services.cli.audit import CLICKHOUSE, KAFKA, compare, require_block
from services.cli.broker import Held
from services.cli.differences import named_differences
from services.cli.failures import CalledWrongly
from services.cli.recomputed import fold_block
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
    encode_record,
    evaluation_id,
)
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.results import Correction, PendingCorrection, decode_evaluation
from tests.support.packs import START, activation, evaluation_due, report, small_pack

BLOCK = BlockId("tiny/a")
PACK = small_pack()


def bodies(*values: float):
    """The evaluation of a log in which the units reported these values."""
    events = [activation(PACK, BLOCK)]
    events += [report(f"a-u{n}", value, n) for n, value in enumerate(values, 1)]
    events.append(evaluation_due(BLOCK))
    catalog = PackCatalog()
    catalog.put(PACK.body)
    return fold_block(
        [Held(BLOCK, encode_record([e]), 0, n, n) for n, e in enumerate(events)], BLOCK, 12, catalog
    )


def test_equal_copies_are_no_fault():
    expected = bodies(10, 20, 30, 40)
    copies = {id: [body, body] for id, body in expected.items()}
    found = compare(BLOCK, expected, {KAFKA: copies, CLICKHOUSE: copies})
    assert (found.evaluations, found.copies, found.faults) == (1, {KAFKA: 2, CLICKHOUSE: 2}, [])


def test_a_tampered_copy_is_named_by_place_and_member():
    expected = bodies(10, 20, 30, 40)
    ((id, body),) = expected.items()
    tampered = body.replace(b'"coverage":1.0', b'"coverage":0.5', 1)
    assert tampered != body
    found = compare(BLOCK, expected, {KAFKA: {id: [body]}, CLICKHOUSE: {id: [tampered]}})
    (fault,) = found.faults
    assert (fault.where, fault.period) == (CLICKHOUSE, "2026-01")
    assert fault.what == ["/units/0/coverage: 0.5 instead of 1.0"]


def test_a_missing_copy_is_a_fault():
    expected = bodies(10, 20, 30, 40)
    ((id, body),) = expected.items()
    (fault,) = compare(BLOCK, expected, {KAFKA: {id: [body]}, CLICKHOUSE: {}}).faults
    assert (fault.where, fault.what) == (CLICKHOUSE, ["there is no copy"])


def test_an_evaluation_that_the_log_does_not_give_is_a_fault():
    expected = bodies(10, 20, 30, 40)
    ((id, body),) = expected.items()
    forged = EvaluationId("f" * 32)
    found = compare(BLOCK, expected, {KAFKA: {id: [body], forged: [body]}, CLICKHOUSE: {id: [body]}})
    (fault,) = found.faults
    assert (fault.evaluation, fault.where) == (forged, KAFKA)
    assert fault.what == ["the log does not give this evaluation"]


def test_a_block_that_is_not_there_is_told_with_those_that_are():
    catalog = PackCatalog()
    catalog.put(PACK.body)
    require_block(BLOCK, catalog)
    with pytest.raises(CalledWrongly, match=r"no block 'tiny/nope'[\s\S]*tiny/a"):
        require_block(BlockId("tiny/nope"), catalog)


def test_closings_publications_and_facts_are_recomputed_too():
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
    catalog = PackCatalog()
    catalog.put(PACK.body)
    found = [
        decode_evaluation(body)
        for body in fold_block(
            [Held(BLOCK, encode_record([e]), 0, n, n) for n, e in enumerate(log)], BLOCK, 12, catalog
        ).values()
    ]
    assert [(one.edition, one.closed, one.pending) for one in found] == [
        (1, True, [PendingCorrection("a-u1", "cx", 1)]),
        (2, UNSET, UNSET),
    ]
    assert found[1].correction == Correction(id, 1, "office-1", "lost")
    assert found[1].units[0].criteria[0].actual == 99.0


def test_a_log_with_one_other_report_gives_another_chain():
    (one,), (other,) = bodies(10, 20, 30, 40).values(), bodies(10, 20, 30, 41).values()
    assert any(line.startswith("/chain: ") for line in named_differences(one, other))
