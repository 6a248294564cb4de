"""Adjustments: points that the council gives or takes within what the pack allows, in one period, with their events beside them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.events import AnyEvent
from services.contracts.pack.model import Pack
from services.contracts.results import AdjustmentResult, UnitResult, encode_result
from services.scoring.engine import rank_live
from tests.unit.scoring.engine.acts import adjustment
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report, tick

FIGURES = [
    report("u1", "i", "2025-01", 50.0),
    report("u2", "i", "2025-01", 60.0),
    report("u3", "i", "2025-01", 95.0),
]


def campaign(**scheme: Any) -> Pack:
    """The root may be adjusted by 10 points; a bonus of at most 8 and a penalty of at most 4 stand beside the tree."""
    return pack(
        indicators=[indicator("i"), indicator("models"), indicator("late")],
        root=group("all", criterion("i"), adjustable=10.0),
        extras=[
            criterion("models", {"method": "bonus", "each": 2.0}, weight=8.0),
            criterion("late", {"method": "penalty", "each": 1.0}, weight=4.0),
        ],
        **scheme,
    )


def rows(*events: AnyEvent, period: str = "2025-01", **scheme: Any) -> dict[str, UnitResult]:
    log = Log(campaign(**scheme)).activate().add(*FIGURES, *events)
    evaluation = log.evaluate(period, "2025-02-10").evaluation
    assert evaluation is not None and not log.refused
    return {row.unit: row for row in evaluation.units}


def test_points_for_a_group_are_added_to_the_total_and_the_group_stays_as_measured() -> None:
    found = rows(adjustment("u1", "all", 10.0, id="a"), adjustment("u2", "all", -5.0))
    assert [(found[unit].score, found[unit].rank) for unit in ("u1", "u2", "u3")] == [
        (60.0, 2),
        (55.0, 3),
        (95.0, 1),
    ]
    assert found["u1"].adjustments == [AdjustmentResult("all", 10.0, [("/test/adjustment", "a")])]
    assert found["u1"].groups == rows()["u1"].groups


def test_points_for_an_extra_add_to_what_its_figures_made_of_it() -> None:
    found = rows(report("u1", "models", "2025-01", 3.0), adjustment("u1", "models", 5.0))["u1"]
    assert found.score == 58.0
    assert found.criteria[1].score == 1.0
    assert found.adjustments[0].points == 2.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("member", "points", "score"),
    [
        ("all", [9.0, 9.0], 60.0),
        ("all", [-9.0, -9.0], 40.0),
        ("models", [8.0, 8.0], 58.0),
        ("models", [-3.0], 50.0),
        ("late", [-4.0, -4.0], 46.0),
        ("late", [3.0], 50.0),
        ("all", [7.0, -7.0], 50.0),
    ],
)
def test_no_more_counts_than_the_pack_allows(member: str, points: list[float], score: float) -> None:
    assert rows(*(adjustment("u1", member, one) for one in points))["u1"].score == score


def test_a_total_stays_on_the_scale_unless_the_scheme_lets_it_over() -> None:
    assert rows(adjustment("u3", "all", 10.0))["u3"].score == 100.0
    assert rows(adjustment("u3", "all", 10.0), over_scale=True)["u3"].score == 105.0


def test_an_adjustment_counts_in_its_period_and_in_no_other() -> None:
    found = rows(adjustment("u1", "all", 10.0, period="2025-Q1"))["u1"]
    assert (found.score, b'"adjustments"' in encode_result_of(found)) == (50.0, False)


def encode_result_of(row: UnitResult) -> bytes:
    return encode_result(row)  # type: ignore[arg-type]


def test_a_copy_counts_once() -> None:
    assert rows(*[adjustment("u1", "all", 3.0, id="a")] * 2)["u1"].score == 53.0


def test_what_the_pack_does_not_let_adjust_changes_nothing() -> None:
    assert rows(adjustment("u1", "i", 3.0), adjustment("u1", "nothing", 3.0)) == rows()


def test_the_live_ranking_shows_it_and_its_interval_holds_the_rank() -> None:
    log = Log(campaign()).activate().add(*FIGURES, adjustment("u1", "all", 10.0), tick("2025-01-31"))
    ranked = rank_live(log.state, log.packs, None)
    assert ranked is not None
    row = next(row for row in ranked[0].units if row.unit == "u1")
    assert (row.score, row.rank) == (60.0, 2)
    assert row.interval is not None and row.interval[0] <= 2 <= row.interval[1]


GIVEN = st.tuples(
    st.sampled_from(["u1", "u2"]),
    st.sampled_from(["all", "models", "late"]),
    st.sampled_from([-3.0, 0.1, 0.2, 4.0]),
)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(GIVEN, max_size=8),
    st.randoms(use_true_random=False),
)
def test_neither_order_nor_copies_of_adjustments_change_a_ranking(given_points: Any, random: Any) -> None:
    events = [
        adjustment(unit, member, points, id=f"a{at}")
        for at, (unit, member, points) in enumerate(given_points)
    ]
    shuffled = [*events, *events[:2]]
    random.shuffle(shuffled)
    assert rows(*events) == rows(*shuffled)


def test_points_beyond_any_scale_are_refused_and_stop_no_evaluation() -> None:
    log = Log(campaign()).activate()
    log.add(*FIGURES, *(adjustment("u1", "all", points) for points in (1e308, 1e308, float("nan"))))
    assert [refusal.reason for refusal in log.refused] == ["bad-event"] * 3
    assert log.evaluate("2025-01", "2025-02-10").evaluation is not None
