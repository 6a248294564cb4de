"""What a scheme adds to its tree of means: harmonic means, rounded groups, gates, bonuses, penalties, denominators, peers, decided ties."""

from typing import Any

import pytest

from services.contracts.results import Evaluation
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report

Values = dict[str, dict[str, float]]


def evaluated(
    root: dict[str, Any], values: Values, *, block: dict[str, Any] | None = None, **more: Any
) -> Evaluation:
    """January, evaluated after all reports are due. `values` has figures by unit and indicator."""
    units = more.pop("units", list(values))
    rules = more.pop("indicators", None) or [
        indicator(name) for name in sorted({n for v in values.values() for n in v})
    ]
    made = pack(units=units, indicators=rules, root=root, **more)
    if block:
        made = type(made).model_validate_json(
            made.model_copy(
                update={"blocks": (made.blocks[0].model_validate(made.blocks[0].model_dump() | block),)}
            ).model_dump_json()
        )
    log = Log(made).activate()
    for unit, figures in values.items():
        log.add(*(report(unit, name, "2025-01", value) for name, value in figures.items()))
    evaluation = log.evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    return evaluation


def score(root: dict[str, Any], figures: dict[str, float], **more: Any) -> float | None:
    return evaluated(root, {"u1": figures}, **more).units[0].score


AB = [criterion("a"), criterion("b")]


def test_a_harmonic_group_is_the_weighted_harmonic_mean_and_0_where_a_member_is() -> None:
    root = group("all", *AB, aggregate="harmonic")
    assert score(root, {"a": 60.0, "b": 30.0}) == 40.0
    assert score(root, {"a": 60.0, "b": 0.0}) == 0.0


def test_a_harmonic_group_leaves_out_what_is_missing() -> None:
    root = group("all", criterion("a"), criterion("b", missing="exclude"), aggregate="harmonic")
    rules = [indicator("a"), indicator("b")]
    assert score(root, {"a": 60.0}, indicators=rules) == 60.0


def test_a_groups_points_are_rounded_before_they_go_into_the_group_above() -> None:
    """Each group is worth 50 points; 33.3 % of them are 16.65, which is 16.6 at one decimal (half to even)."""

    def root(**fields: Any) -> dict[str, Any]:
        return group("all", group("x", criterion("a"), **fields), group("y", criterion("b"), **fields))

    assert score(root(), {"a": 33.3, "b": 33.3}) == 33.3
    assert score(root(decimals=1), {"a": 33.3, "b": 33.3}) == 33.2


def test_below_its_gate_a_group_holds_the_whole_down() -> None:
    gate = {"at_least": 0.5, "otherwise_at_most": 0.4}
    root = group("all", group("x", criterion("a"), gate=gate), group("y", criterion("b")))
    assert score(root, {"a": 50.0, "b": 100.0}) == 75.0
    assert score(root, {"a": 49.0, "b": 100.0}) == 40.0
    assert score(root, {"a": 0.0, "b": 20.0}) == 10.0


def test_a_criterion_may_have_a_gate_of_its_own_that_leaves_nothing() -> None:
    root = group("all", criterion("a", gate={"at_least": 1.0}), criterion("b"))
    assert score(root, {"a": 99.0, "b": 100.0}) == 0.0


def test_a_gate_holds_nothing_down_where_its_criterion_does_not_count() -> None:
    root = group("all", criterion("a", missing="exclude", gate={"at_least": 0.9}), criterion("b"))
    assert score(root, {"b": 80.0}, indicators=[indicator("a"), indicator("b")]) == 80.0


def extra(id: str, method: str, **fields: Any) -> dict[str, Any]:
    return criterion(id, {"method": method, "each": 2.0}, weight=5) | fields


PLAIN = group("all", criterion("a"))


@pytest.mark.parametrize(("n", "total"), [(0.0, 60.0), (1.0, 62.0), (9.0, 65.0)])
def test_a_bonus_is_added_for_each_up_to_its_weight(n: float, total: float) -> None:
    assert score(PLAIN, {"a": 60.0, "b": n}, extras=[extra("b", "bonus")]) == total


@pytest.mark.parametrize(("n", "total"), [(0.0, 60.0), (2.0, 56.0), (9.0, 55.0)])
def test_a_penalty_is_taken_for_each_up_to_its_weight(n: float, total: float) -> None:
    assert score(PLAIN, {"a": 60.0, "b": n}, extras=[extra("b", "penalty")]) == total


def test_a_bonus_lifts_no_total_above_the_scale_unless_the_scheme_says_so() -> None:
    assert score(PLAIN, {"a": 99.0, "b": 9.0}, extras=[extra("b", "bonus")]) == 100.0
    assert score(PLAIN, {"a": 99.0, "b": 9.0}, extras=[extra("b", "bonus")], over_scale=True) == 104.0


def test_a_penalty_takes_no_total_below_nothing() -> None:
    assert score(PLAIN, {"a": 3.0, "b": 9.0}, extras=[extra("b", "penalty")]) == 0.0


def test_an_extra_counts_for_no_coverage_and_is_shown_last() -> None:
    rules = [indicator("a"), indicator("b")]
    unit = evaluated(PLAIN, {"u1": {"a": 60.0}}, extras=[extra("b", "bonus")], indicators=rules).units[0]
    assert (unit.score, unit.coverage, [cell.state for cell in unit.criteria]) == (
        60.0,
        1.0,
        ["reported", "not_reported"],
    )


def test_without_a_score_a_bonus_makes_none() -> None:
    root = group("all", criterion("a", missing="exclude"))
    assert (
        score(root, {"b": 2.0}, extras=[extra("b", "bonus")], indicators=[indicator("a"), indicator("b")])
        is None
    )


def test_a_figure_is_divided_by_its_denominator() -> None:
    root = group(
        "all",
        criterion(
            "doctors",
            {"method": "target_ratio", "target": 10.0},
            per={"indicator": "people", "times": 1000.0},
        ),
    )
    unit = evaluated(root, {"u1": {"doctors": 20.0, "people": 4000.0}}).units[0]
    assert (unit.score, unit.criteria[0].actual) == (50.0, 5.0)


def test_without_its_denominator_a_figure_is_not_reported_and_by_nothing_it_does_not_apply() -> None:
    root = group("all", criterion("a", per={"indicator": "people"}))
    rules = [indicator("a"), indicator("people")]
    found = evaluated(root, {"u1": {"a": 20.0}, "u2": {"a": 20.0, "people": 0.0}}, indicators=rules)
    assert {unit.unit: unit.criteria[0].state for unit in found.units} == {
        "u1": "not_reported",
        "u2": "not_applicable",
    }


def test_what_is_missing_comes_from_peers_but_counts_for_no_coverage() -> None:
    root = group("all", criterion("a", missing="peer_mean"), criterion("b"))
    units = [
        {"id": "u1", "peers": "x"},
        {"id": "u2", "peers": "x"},
        {"id": "u3", "peers": "y"},
        {"id": "u4", "peers": "x"},
    ]
    values = {
        "u1": {"a": 40.0, "b": 50.0},
        "u2": {"a": 60.0, "b": 50.0},
        "u3": {"a": 90.0, "b": 50.0},
        "u4": {"b": 50.0},
    }
    row = next(unit for unit in evaluated(root, values, units=units).units if unit.unit == "u4")
    assert (row.criteria[0].state, row.criteria[0].score, row.score, row.coverage) == (
        "not_reported",
        0.5,
        50.0,
        0.5,
    )


def test_an_outlier_is_tamed_before_units_are_compared() -> None:
    values = {f"u{n:02d}": {"a": float(n)} for n in range(1, 21)} | {"u99": {"a": 500.0}}
    tamed = group("all", criterion("a", {"method": "min_max"}, treatment={"winsorise": 2}))
    plain = group("all", criterion("a", {"method": "min_max"}))
    scores = [{unit.unit: unit.score for unit in evaluated(root, values).units} for root in (plain, tamed)]
    assert [found["u20"] for found in scores] == [3.81, 100.0]


TIED = {"u1": {"a": 70.0}, "u2": {"a": 50.0}, "u3": {"a": 50.0}, "u4": {"a": 50.0}, "u5": {"a": 10.0}}


def ranks(period: str, units: list[str]) -> dict[str, tuple[int | None, bool]]:
    decided = {"tie_breaks": [{"period": period, "units": units, "reason": "more women among its workers"}]}
    return {unit.unit: (unit.rank, unit.tied) for unit in evaluated(PLAIN, TIED, block=decided).units}


def test_a_tie_is_broken_as_people_decided() -> None:
    assert ranks("2025-01", ["u4", "u2", "u3"]) == {
        "u1": (1, False), "u4": (2, False), "u2": (3, False), "u3": (4, False), "u5": (5, False),
    }  # fmt: skip


def test_units_of_a_tie_that_were_not_decided_share_the_place_after() -> None:
    assert ranks("2025-01", ["u3", "u5"]) == {
        "u1": (1, False), "u3": (2, False), "u2": (3, True), "u4": (3, True), "u5": (5, False),
    }  # fmt: skip


def test_a_decision_moves_nobody_past_a_better_score_and_holds_for_its_period_only() -> None:
    assert ranks("2025-01", ["u5", "u1"])["u5"] == (5, False)
    assert ranks("2025-02", ["u4", "u2"])["u4"] == (2, True)
