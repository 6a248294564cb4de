"""Groups: weighted means up a tree, what is missing left out, what that means for coverage and for being ranked."""

import pytest

from services.contracts.results import UnitResult
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report


def result(
    root: dict[str, object], values: dict[str, float | None], as_of: str = "2025-02-10", **scheme: object
) -> UnitResult:
    """The only unit's result; criteria a, b, c ... are monthly and reported for January where there is a value."""
    names = sorted(values)
    made = pack(
        units=["u"], indicators=[indicator(name, due_lag_days=5) for name in names], root=root, **scheme
    )
    log = Log(made).activate()
    log.add(*(report("u", name, "2025-01", value) for name, value in values.items() if value is not None))
    evaluation = log.evaluate("2025-01", as_of).evaluation
    assert evaluation is not None
    return evaluation.units[0]


def test_an_arithmetic_group_is_the_weighted_mean() -> None:
    root = group("all", criterion("a", weight=3), criterion("b", weight=1))
    assert result(root, {"a": 80.0, "b": 40.0}).score == 70.0


def test_a_geometric_group_is_the_weighted_geometric_mean() -> None:
    root = group("all", criterion("a", weight=1), criterion("b", weight=1), aggregate="geometric")
    assert result(root, {"a": 90.0, "b": 40.0}).score == 60.0
    assert result(root, {"a": 90.0, "b": 0.0}).score == 0.0


def test_groups_nest_with_weights_among_their_own_members() -> None:
    inner = group("inner", criterion("b", weight=10), criterion("c", weight=30), weight=1)
    got = result(group("all", criterion("a", weight=1), inner), {"a": 100.0, "b": 0.0, "c": 80.0})
    assert got.score == 80.0
    assert got.groups == [1.0, 0.6]


def test_an_excluded_criterion_gives_its_weight_to_its_own_group() -> None:
    inner = group("inner", criterion("b", missing="exclude"), criterion("c"))
    got = result(group("all", criterion("a"), inner), {"a": 100.0, "b": None, "c": 50.0})
    assert (got.score, got.coverage) == (75.0, 0.75)


def test_a_group_with_nothing_left_is_missing_itself() -> None:
    inner = group("inner", criterion("b", missing="exclude"), criterion("c", missing="exclude"))
    got = result(group("all", criterion("a"), inner), {"a": 100.0, "b": None, "c": None})
    assert (got.score, got.coverage, got.groups) == (100.0, 0.5, [1.0, None])


def test_an_overdue_figure_costs_its_points_under_zero() -> None:
    got = result(group("all", criterion("a"), criterion("b")), {"a": 100.0, "b": None})
    assert (got.score, got.coverage) == (50.0, 0.5)


def test_a_figure_that_is_not_due_costs_nothing_under_either_policy() -> None:
    root = group("all", criterion("a"), criterion("b"), criterion("c", missing="exclude"))
    got = result(root, {"a": 100.0, "b": None, "c": None}, as_of="2025-02-03")
    assert (got.score, got.coverage) == (100.0, 1.0)


def test_below_the_minimum_coverage_a_unit_is_not_ranked() -> None:
    root = group("all", criterion("a", weight=6), criterion("b", weight=4))
    values: dict[str, float | None] = {"a": 100.0, "b": None}
    got = result(root, values, min_coverage=0.7)
    assert (got.rank, got.score, got.interval, got.coverage) == (None, None, None, 0.6)
    assert got.groups == [1.0, 0.0]
    assert result(root, values, min_coverage=0.6).rank == 1


def test_ten_tenths_of_the_weight_are_all_of_it() -> None:
    names = "abcdefghij"
    root = group("all", *(criterion(name, weight=0.1) for name in names))
    assert result(root, dict.fromkeys(names, 50.0), min_coverage=1.0).rank == 1


def test_a_unit_with_nothing_that_counts_is_not_ranked() -> None:
    got = result(group("all", criterion("a", missing="exclude")), {"a": None})
    assert (got.rank, got.score, got.coverage) == (None, None, 0.0)


@pytest.mark.parametrize(("scale", "decimals", "score"), [(1, 3, 0.667), (10, 0, 7.0), (100, 1, 66.7)])
def test_scores_are_on_the_schemes_scale_at_its_decimals(scale: float, decimals: int, score: float) -> None:
    root = group("all", criterion("a"), criterion("b"), criterion("c"))
    got = result(root, {"a": 100.0, "b": 100.0, "c": 0.0}, scale=scale, decimals=decimals)
    assert got.score == score
