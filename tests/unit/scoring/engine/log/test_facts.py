"""Facts: each counts once, whatever comes first; a period's figure is their sum; and no facts are not zero facts."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate
from math import fsum
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.events import AnyEvent
from services.contracts.pack.model import Pack
from services.contracts.results import CriterionResult
from services.scoring.engine.log.facts import expanded
from tests.unit.scoring.engine.acts import fact, fact_taken_back
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report, tick

FOUNDED = {"measure": "facts", "within": "sum"}


def counting(**fields: Any) -> Pack:
    """Units u1, u2 and u3, each with what it founded in a month."""
    return pack(indicators=[indicator("i", **(FOUNDED | fields))])


def cell(
    events: Sequence[AnyEvent], period: str = "2025-01", as_of: str = "2025-02-10", **fields: Any
) -> CriterionResult:
    """The cell of u1 in the official evaluation."""
    log = Log(counting(**fields)).activate().add(*events)
    evaluation = log.evaluate(period, as_of).evaluation
    assert evaluation is not None and not log.refused
    return next(row for row in evaluation.units if row.unit == "u1").criteria[0]


def test_a_period_has_the_sum_of_its_facts_and_the_newest_is_its_evidence() -> None:
    events = [
        fact("u1", "i", "2025-01-31", 2.5, id="last"),
        fact("u1", "i", "2025-01-01"),
        fact("u1", "i", "2025-02-01", 100.0),
        fact("u2", "i", "2025-01-05", 7.0),
    ]
    found = cell(events)
    assert (found.state, found.actual, found.period, found.id) == ("reported", 3.5, "2025-01", "last")


def test_a_copy_counts_once() -> None:
    assert cell([fact("u1", "i", "2025-01-05", id="f")] * 3).actual == 1.0


def test_of_two_facts_with_one_id_one_counts_whichever_came_first() -> None:
    one, other = fact("u1", "i", "2025-01-05", 1.0, id="f"), fact("u1", "i", "2025-01-06", 5.0, id="f")
    assert cell([one, other]) == cell([other, one])
    assert cell([one, other]).actual == 5.0


@pytest.mark.parametrize("day", [None, "2025-01-09"])
def test_a_fact_is_taken_back_whichever_comes_first(day: str | None) -> None:
    wrong, right = fact("u1", "i", "2025-01-05", 5.0), fact("u1", "i", "2025-01-06")
    taken_back = fact_taken_back(wrong, day)
    for events in ([wrong, right, taken_back], [taken_back, wrong, right], [wrong, taken_back, wrong, right]):
        assert cell(events).actual == 1.0


def test_a_coarser_period_has_all_in_it() -> None:
    events = [
        fact("u1", "i", day) for day in ("2024-12-31", "2025-01-01", "2025-02-15", "2025-03-31", "2025-04-01")
    ]
    assert cell(events, "2025-Q1", "2025-04-10").actual == 3.0


def test_to_date_has_all_since_the_span_began() -> None:
    events = [fact("u1", "i", day) for day in ("2021-01-01", "2024-12-31", "2025-01-15", "2025-02-01")]
    assert cell(events, within="to_date").actual == 3.0


def test_a_week_belongs_to_the_month_of_its_thursday() -> None:
    """2025-W05 is 27 January to 2 February."""
    events = [fact("u1", "i", "2025-01-27"), fact("u1", "i", "2025-02-02"), fact("u1", "i", "2025-02-03")]
    assert cell(events, cadence="week").actual == 2.0
    assert cell(events, "2025-W05", cadence="week").actual == 2.0


def test_a_cut_off_day_moves_the_days_that_a_month_counts() -> None:
    """With the 25th, January is 26 December to 25 January."""
    events = [fact("u1", "i", day) for day in ("2024-12-25", "2024-12-26", "2025-01-25", "2025-01-26")]
    rules = pack(indicators=[indicator("i", **FOUNDED)], campaign={"calendar": {"cut_off_day": 25}})
    evaluation = Log(rules).activate().add(*events).evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    assert evaluation.units[0].criteria[0].actual == 2.0


def test_the_figure_is_of_the_newest_period_that_has_facts() -> None:
    events = [fact("u1", "i", "2025-01-05"), fact("u1", "i", "2025-02-05")]
    found = cell(events, "2025-Q1", "2025-04-10")
    assert (found.actual, found.period) == (2.0, "2025-02")
    both = cell([*events, fact("u1", "i", "2025-03-05", origin="department")], "2025-Q1", "2025-04-10")
    assert (both.actual, both.period) == (3.0, "2025-03")


def test_in_each_period_the_first_origin_that_sent_facts_counts() -> None:
    events = [
        fact("u1", "i", "2025-01-05", 3.0, origin="self"),
        fact("u1", "i", "2025-01-06", 1.0, origin="department"),
        fact("u1", "i", "2025-02-06", 4.0, origin="self"),
    ]
    found = cell(events, "2025-Q1", "2025-04-10")
    assert (found.actual, found.origin) == (5.0, "self")


def test_without_facts_a_unit_is_not_due_and_then_has_not_reported() -> None:
    assert cell([], as_of="2025-01-31").state == "not_due"
    assert cell([]).state == "not_reported"
    assert cell([fact("u1", "i", "2024-12-31")]).state == "not_reported"


def test_a_fact_of_nothing_says_that_there_was_none() -> None:
    found = cell([fact("u1", "i", "2025-01-31", 0.0, id="none")])
    assert (found.state, found.actual, found.id) == ("reported", 0.0, "none")


def test_the_silence_of_a_complete_register_is_zero_from_the_first_day_on() -> None:
    assert cell([], as_of="2024-12-31", no_facts="zero").state == "not_due"
    found = cell([], as_of="2025-01-01", no_facts="zero")
    assert (found.state, found.actual, found.period, found.id) == ("reported", 0.0, "2025-01", None)


def test_the_silence_of_a_register_adds_nothing_to_what_went_before() -> None:
    events = [fact("u1", "i", "2024-11-05")]
    assert cell(events, within="to_date").state == "not_reported"
    found = cell(events, within="to_date", no_facts="zero")
    assert (found.actual, found.period) == (1.0, "2025-01")


def test_a_sum_that_holds_an_invented_fact_is_invented() -> None:
    events = [
        fact("u1", "i", "2025-01-01", simulated=True),
        *(fact("u1", "i", "2025-01-02") for _ in range(20)),
    ]
    evaluation = Log(counting()).activate().add(*events).evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    assert [row.unit for row in evaluation.units if row.simulated] == ["u1"]


def test_a_report_of_what_facts_count_changes_nothing() -> None:
    assert cell([report("u1", "i", "2025-01", 9.0)]).state == "not_reported"


def test_facts_pile_up_without_a_trace_of_their_order() -> None:
    """Ten times 0.1 is 1, and 1e16 and back leaves what was there."""
    tenths = [fact("u1", "i", "2025-01-05", 0.1) for _ in range(10)]
    huge = fact("u1", "i", "2025-01-05", 1e16)
    assert cell([*tenths[:5], huge, *tenths[5:], fact_taken_back(huge)]).actual == 1.0


@given(st.lists(st.floats(-1e18, 1e18), max_size=40))
def test_an_expansion_is_exactly_the_sum(amounts: list[float]) -> None:
    *_, parts = accumulate(amounts, expanded, initial=[])
    assert sum(map(Fraction, parts), Fraction()) == sum(map(Fraction, amounts), Fraction())
    assert fsum(parts) == fsum(amounts)
    assert parts == sorted(parts, key=abs)


@st.composite
def histories(draw: st.DrawFn) -> list[AnyEvent]:
    """Facts of two units over three months, some sent again, some told in two ways, some taken back."""
    events: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 12))):
        day = draw(st.dates(date(2024, 12, 15), date(2025, 3, 31))).isoformat()
        one = fact(
            draw(st.sampled_from(["u1", "u2"])),
            "i",
            day,
            draw(st.sampled_from([0.0, 0.1, 0.7, 1.0, 1e9])),
            id=f"f{number}",
            origin=draw(st.sampled_from(["self", "department"])),
        )
        events.append(one)
        if draw(st.booleans()):
            events.append(msgspec.structs.replace(one, data=msgspec.structs.replace(one.data, amount=3.0)))
        if draw(st.booleans()) and draw(st.booleans()):
            events.append(fact_taken_back(one))
    return events


QUARTER = pack(
    indicators=[indicator("i", **FOUNDED), indicator("j", cadence="week", measure="facts", within="to_date")],
    root=group("all", criterion("i"), criterion("j")),
)


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_neither_order_nor_copies_of_facts_and_retractions_change_a_ranking(
    events: list[AnyEvent], random: Any
) -> None:
    shuffled = [*events, *random.choices(events, k=3)]
    random.shuffle(shuffled)

    def rows(some: Sequence[AnyEvent]) -> Any:
        log = Log(QUARTER).activate().add(*some, tick("2025-04-20"))
        evaluation = log.evaluate("2025-Q1", "2025-04-20").evaluation
        assert evaluation is not None
        return evaluation.units

    assert rows(shuffled) == rows(events)
