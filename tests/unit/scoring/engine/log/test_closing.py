"""Closed periods: what comes late is kept, does not count, is told of, and counts once the period is open again."""

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.events import AnyEvent, Fact, Retraction
from services.contracts.pack.model import Pack
from services.contracts.results import Evaluation, UnitResult, encode_result
from tests.unit.scoring.engine.acts import closed, fact, fact_taken_back, reopened
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report, retraction
from tests.unit.scoring.engine.log.test_facts import QUARTER, histories
from tests.unit.scoring.engine.test_properties import CAMPAIGN, reports

COUNTED = pack(
    indicators=[indicator("i"), indicator("n", measure="facts", within="sum")],
    root=group("all", criterion("i"), criterion("n")),
)
FIRST = report("u1", "i", "2025-01", 10.0, id="first")


def evaluated(*events: AnyEvent, period: str = "2025-01", edition: int = 1) -> Evaluation:
    evaluation = Log(COUNTED).activate().add(*events).evaluate(period, "2025-04-10", edition).evaluation
    assert evaluation is not None
    return evaluation


def actuals(evaluation: Evaluation, unit: str = "u1") -> list[float | None]:
    return [cell.actual for row in evaluation.units if row.unit == unit for cell in row.criteria]


def pending(evaluation: Evaluation) -> list[tuple[str, str, int]]:
    if evaluation.pending is msgspec.UNSET:
        return []
    return [(one.unit, one.criterion, one.events) for one in evaluation.pending]


def test_what_comes_after_the_closing_does_not_count_and_is_told_of() -> None:
    correction = report("u1", "i", "2025-01", 90.0, revision=1)
    found = evaluated(
        FIRST, closed("2025-01"), correction, fact("u1", "n", "2025-01-31"), fact("u1", "n", "2025-01-02")
    )
    assert actuals(found) == [10.0, None]
    assert pending(found) == [("u1", "i", 1), ("u1", "n", 2)]
    assert found.closed is True


def test_a_late_retraction_waits_too() -> None:
    counted = fact("u1", "n", "2025-01-31")
    found = evaluated(FIRST, counted, closed("2025-01"), retraction(FIRST), fact_taken_back(counted))
    assert actuals(found) == [10.0, 1.0]
    assert pending(found) == [("u1", "i", 1), ("u1", "n", 1)]


def test_a_retraction_that_tells_another_day_opens_no_way_round_the_closing() -> None:
    counted = fact("u1", "n", "2025-01-31")
    late = fact_taken_back(counted, "2025-02-01")
    assert actuals(evaluated(FIRST, counted, closed("2025-01"), late)) == [10.0, 1.0]
    assert actuals(evaluated(FIRST, counted, closed("2025-01"), late, reopened("2025-01"))) == [10.0, None]


def test_a_fact_under_the_id_of_another_day_takes_nothing_out_of_a_closed_period() -> None:
    counted, again = fact("u1", "n", "2025-01-31", id="one"), fact("u1", "n", "2025-02-01", id="one")
    assert actuals(evaluated(FIRST, counted, closed("2025-01"), again)) == [10.0, 1.0]
    found = evaluated(FIRST, counted, closed("2025-01"), again, reopened("2025-01"))
    assert actuals(found) == [10.0, None]


def test_reopening_counts_what_waited() -> None:
    found = evaluated(
        FIRST, closed("2025-01"), report("u1", "i", "2025-01", 90.0, revision=1), reopened("2025-01")
    )
    assert actuals(found)[0] == 90.0
    assert (pending(found), found.closed) == ([], msgspec.UNSET)


def test_a_closed_period_closes_those_inside_it_and_no_others() -> None:
    quarter = [closed("2025-Q1"), FIRST, fact("u1", "n", "2025-03-31"), report("u1", "i", "2025-04", 5.0)]
    assert pending(evaluated(*quarter)) == [("u1", "i", 1)]
    assert pending(evaluated(*quarter, period="2025-Q1")) == [("u1", "i", 1), ("u1", "n", 1)]
    assert actuals(evaluated(*quarter, period="2025-04"))[0] == 5.0
    assert actuals(evaluated(closed("2025-01-31"), FIRST))[0] == 10.0


def test_what_lies_in_two_closed_periods_waits_for_both() -> None:
    late = [closed("2025-01"), closed("2025-Q1"), FIRST]
    assert pending(evaluated(*late, reopened("2025-01"))) == [("u1", "i", 1)]
    assert actuals(evaluated(*late, reopened("2025-01"), reopened("2025-Q1")))[0] == 10.0


def test_a_copy_of_what_counts_is_not_late() -> None:
    counted = fact("u1", "n", "2025-01-31")
    before = [FIRST, counted, retraction(report("u2", "i", "2025-01", 1.0, id="gone"))]
    assert pending(evaluated(*before, closed("2025-01"), *before)) == []
    gone = report("u2", "i", "2025-01", 1.0, id="gone")
    assert pending(evaluated(*before, closed("2025-01"), gone)) == []


def test_a_late_event_sent_twice_is_one() -> None:
    assert pending(evaluated(closed("2025-01"), FIRST, FIRST)) == [("u1", "i", 1)]


def test_a_copy_of_an_act_changes_nothing_whatever_came_after_it() -> None:
    opening = reopened("2025-01", id="open")
    found = evaluated(closed("2025-01"), opening, closed("2025-01"), opening, FIRST)
    assert pending(found) == [("u1", "i", 1)]


def test_a_late_event_of_an_unknown_unit_is_refused_once_and_kept() -> None:
    log = (
        Log(COUNTED).activate().add(closed("2025-01"), report("u9", "i", "2025-01", 1.0), reopened("2025-01"))
    )
    assert [(refusal.reason, refusal.kept) for refusal in log.refused] == [("unknown-unit", True)]
    assert "u9" in log.state.series["i", "month"]


def test_nothing_closed_nothing_said() -> None:
    body = encode_result(evaluated(FIRST))
    assert not any(
        word in body for word in (b'"closed"', b'"pending"', b'"correction"', b'"held"', b'"adjustments"')
    )


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([(CAMPAIGN, reports()), (QUARTER, histories())]),
    st.data(),
    st.randoms(use_true_random=False),
)
def test_what_counts_is_decided_by_the_closing_and_not_by_the_order_around_it(
    kind: tuple[Pack, st.SearchStrategy[list[AnyEvent]]], data: st.DataObject, random: Any
) -> None:
    """What is late has ids of its own; closed and opened again, the result is as if nothing had ever been closed."""
    campaign, some = kind
    early = data.draw(some)
    late = [_apart(event) for event in data.draw(some)]

    def rows(*events: AnyEvent) -> list[UnitResult]:
        evaluation = Log(campaign).activate().add(*events).evaluate("2025-Q1", "2025-04-20").evaluation
        assert evaluation is not None
        return evaluation.units

    def shuffled(events: Sequence[AnyEvent]) -> list[AnyEvent]:
        again = [*events, *random.choices(events, k=2)]
        random.shuffle(again)
        return again

    before = [event for event in late if not _is_in_the_quarter(event)]
    assert rows(*shuffled(early), closed("2025-Q1"), *shuffled(late)) == rows(*early, *before)
    kept_and_opened = rows(*shuffled(early), closed("2025-Q1"), *shuffled(late), reopened("2025-Q1"))
    assert kept_and_opened == rows(*early, *late)


def _apart(event: AnyEvent) -> AnyEvent:
    """The event of another source, and what it takes back too."""
    if isinstance(event, Retraction):
        event = msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, source="/late"))
    return msgspec.structs.replace(event, source="/late")


def _is_in_the_quarter(event: AnyEvent) -> bool:
    """Facts of December, and their retractions, are in time."""
    period = event.data.occurred.isoformat() if isinstance(event, Fact) else event.data.period  # type: ignore[union-attr]
    return str(period).startswith("2025-")
