"""Kinds of indicators: yearly quotas, means over years, changes, definitions that follow one another; and what missing figures cost."""

from typing import Any

import msgspec
import pytest

from services.contracts.events import AnyEvent
from services.contracts.results import CriterionResult, NotRanked, UnitResult
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report


def row(log: Log, period: str, as_of: str, unit: str = "u1") -> UnitResult:
    evaluation = log.evaluate(period, as_of).evaluation
    assert evaluation is not None
    return next(one for one in evaluation.units if one.unit == unit)


def cell(log: Log, period: str, as_of: str) -> CriterionResult:
    return row(log, period, as_of).criteria[0]


def campaign(rule: dict[str, Any], units: Any = ("u1", "u2"), **fields: Any) -> Log:
    root = group("all", criterion("i", **fields))
    return Log(pack(units=units, indicators=[indicator("i", **rule)], root=root)).activate()


def monthly(year: int, *values: float) -> list[AnyEvent]:
    return [report("u1", "i", f"{year}-{month:02d}", value) for month, value in enumerate(values, 1)]


def yearly(**values: float) -> list[AnyEvent]:
    return [report("u1", "i", year[1:], value) for year, value in values.items()]


# --- quotas and means over years --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "actual"),
    [("2024-12", 30.0), ("2025-01", 1.0), ("2025-02", 3.0), ("2025-Q1", 7.0), ("2025", 7.0)],
)
def test_a_yearly_quota_adds_up_within_the_year_and_begins_anew_on_new_years_day(
    period: str, actual: float
) -> None:
    log = campaign({"within": "year_to_date"}).add(
        report("u1", "i", "2024-11", 10.0), report("u1", "i", "2024-12", 20.0), *monthly(2025, 1.0, 2.0, 4.0)
    )
    assert cell(log, period, "2026-02-10").actual == actual


def test_a_yearly_quota_of_weeks_begins_with_the_week_that_holds_the_years_first_thursday() -> None:
    log = campaign({"within": "year_to_date", "cadence": "week"}).add(
        report("u1", "i", "2024-W52", 100.0),
        report("u1", "i", "2025-W01", 3.0),
        report("u1", "i", "2025-W02", 4.0),
    )
    assert cell(log, "2025-01", "2025-02-10").actual == 7.0


def test_a_quota_without_a_figure_of_this_year_is_not_last_years() -> None:
    log = campaign({"within": "year_to_date", "stale_after": None}).add(report("u1", "i", "2024-12", 20.0))
    assert cell(log, "2025-01", "2025-02-10").state == "not_reported"


def test_a_mean_over_years_is_over_those_of_the_campaign_so_far() -> None:
    log = campaign({"within": "mean_to_date", "cadence": "year"}).add(
        *yearly(y2020=50.0, y2021=8.0, y2022=10.0, y2023=15.0)
    )
    assert [cell(log, year, "2026-01-10").actual for year in ("2021", "2022", "2023")] == [8.0, 9.0, 11.0]


# --- changes ----------------------------------------------------------------------------------------------------------------

SINCE_2020 = {"against": "base", "base_period": "2020", "per_year": True}
POVERTY = {"measure": "ratio", "direction": "lower", "cadence": "year"}


def rates(**percents: float) -> list[AnyEvent]:
    return [
        report("u1", "i", year[1:], numerator=percent, denominator=100.0)
        for year, percent in percents.items()
    ]


def test_a_poverty_rate_that_falls_by_more_than_a_point_and_a_half_a_year_meets_its_target() -> None:
    log = campaign(POVERTY, change=SINCE_2020, scoring={"method": "target_ratio", "target": 0.015})
    got = cell(log.add(*rates(y2020=12.0, y2023=6.0)), "2023", "2024-01-10")
    assert (got.actual, got.score, got.period) == (0.02, 1.0, "2023")
    log.add(*rates(y2024=9.0))
    got = cell(log, "2024", "2025-01-10")
    assert (got.actual, got.score) == (0.0075, 0.5)


def test_a_rise_of_what_should_fall_scores_nothing() -> None:
    log = campaign(POVERTY, change=SINCE_2020, scoring={"method": "target_ratio", "target": 0.015})
    assert cell(log.add(*rates(y2020=6.0, y2021=9.0)), "2021", "2022-01-10").score == 0.0


@pytest.mark.parametrize(
    ("change", "actual"),
    [
        ({"against": "period_before"}, 20.0),
        ({"against": "year_before"}, 10.0),
        ({"against": "year_before", "relative": True}, 0.2),
        ({"against": "base", "base_period": "2024-12", "per_year": True}, 480.0),
    ],
)
def test_a_change_is_against_the_period_the_year_or_the_base_before(
    change: dict[str, Any], actual: float
) -> None:
    log = campaign({}, change=change).add(
        report("u1", "i", "2024-01", 50.0), report("u1", "i", "2024-12", 40.0), *monthly(2025, 60.0)
    )
    if change["against"] == "base":
        log.add(report("u1", "i", "2025-01", 80.0, revision=1))
    assert cell(log, "2025-01", "2025-02-10").actual == pytest.approx(actual, rel=1e-12)


def test_a_quarters_change_in_a_monthly_ranking_is_against_the_quarter_before() -> None:
    log = campaign({"cadence": "quarter"}, change={"against": "period_before"}).add(
        report("u1", "i", "2024-Q3", 10.0), report("u1", "i", "2024-Q4", 14.0)
    )
    assert cell(log, "2025-02", "2025-03-10").actual == 4.0


def test_a_years_total_is_compared_with_that_of_the_same_months_a_year_before() -> None:
    log = campaign({"within": "year_to_date"}, change={"against": "year_before"})
    log.add(*monthly(2024, 1.0, 1.0, 50.0), *monthly(2025, 2.0, 3.0))
    assert cell(log, "2025-02", "2025-03-10").actual == 3.0


def test_a_missing_baseline_is_no_leap() -> None:
    log = campaign({}, change={"against": "year_before"}, missing="exclude").add(*monthly(2025, 60.0))
    got = cell(log, "2025-01", "2025-02-10")
    assert (got.state, got.actual, got.score) == ("not_reported", None, None)


def test_a_unit_that_was_not_there_then_has_no_change() -> None:
    units = ({"id": "u1", "valid_from": "2024-06-01"}, "u2")
    log = campaign({}, units, change={"against": "year_before"}).add(*monthly(2025, 60.0))
    got = cell(log, "2025-01", "2025-02-10")
    assert (got.state, got.actual, got.score, got.period) == ("not_applicable", None, None, "2025-01")


def test_before_a_figure_after_the_base_there_is_no_change_yet() -> None:
    log = campaign({"cadence": "year"}, change=SINCE_2020).add(*yearly(y2020=10.0))
    assert cell(log, "2021-03", "2021-04-10").state == "not_due"


def test_growth_from_nothing_is_not_applicable() -> None:
    log = campaign({}, change={"against": "period_before", "relative": True}).add(*monthly(2025, 0.0, 5.0))
    assert cell(log, "2025-02", "2025-03-10").state == "not_applicable"


@pytest.mark.parametrize("base", [1e-300, -1e-300])
def test_growth_from_next_to_nothing_is_beyond_any_figure_and_not_applicable(base: float) -> None:
    log = campaign({}, change={"against": "period_before", "relative": True}).add(*monthly(2025, base, 1e18))
    assert cell(log, "2025-02", "2025-03-10").state == "not_applicable"


def test_a_figure_for_each_of_next_to_nobody_is_not_applicable() -> None:
    rules = pack(
        indicators=[indicator("i"), indicator("people")],
        root=group("all", criterion("i", per={"indicator": "people", "times": 1000.0})),
    )
    log = Log(rules).activate()
    log.add(report("u1", "i", "2025-01", 5.0), report("u1", "people", "2025-01", 1e-320))
    assert cell(log, "2025-01", "2025-02-10").state == "not_applicable"


# --- definitions ------------------------------------------------------------------------------------------------------------


def redefined() -> Log:
    """A count until 2024, a ratio from 2025 on."""
    rules = [
        indicator("i", valid_to="2025-01-01", stale_after=None),
        indicator("i", valid_from="2025-01-01", measure="ratio", stale_after=None),
    ]
    root = group("all", criterion("i", {"method": "target_ratio", "target": 1.0}))
    log = Log(pack(indicators=rules, root=root)).activate()
    return log.add(report("u1", "i", "2024-12", 0.5))


def test_each_period_is_ranked_by_the_definition_of_its_last_day() -> None:
    log = redefined().add(report("u1", "i", "2025-01", numerator=3.0, denominator=4.0))
    assert [cell(log, period, "2025-03-10").actual for period in ("2024-12", "2025-01")] == [0.5, 0.75]


def test_a_figure_of_an_older_definition_does_not_stand_in() -> None:
    assert cell(redefined(), "2025-01", "2025-03-10").state == "not_reported"


def test_a_change_across_definitions_is_not_applicable() -> None:
    rules = [indicator("i", valid_to="2025-01-01"), indicator("i", valid_from="2025-01-01")]
    root = group("all", criterion("i", change={"against": "period_before"}))
    log = Log(pack(indicators=rules, root=root)).activate()
    log.add(report("u1", "i", "2024-12", 1.0), *monthly(2025, 5.0))
    assert cell(log, "2025-01", "2025-02-10").state == "not_applicable"


def test_a_definition_asks_for_no_period_that_ended_before_it_held() -> None:
    rules = [
        indicator("i", cadence="year", valid_to="2025-01-01"),
        indicator("i", cadence="year", valid_from="2025-01-01"),
    ]
    assert cell(Log(pack(indicators=rules)).activate(), "2025-03", "2025-04-10").state == "not_due"


def test_where_no_definition_holds_the_criterion_costs_nothing() -> None:
    log = Log(pack(indicators=[indicator("i", valid_from="2025-06-01")])).activate().add(*monthly(2025, 5.0))
    assert cell(log, "2025-01", "2025-02-10") == CriterionResult("not_due")


def test_figures_of_two_definitions_are_not_compared_as_movement() -> None:
    log = redefined().add(report("u1", "i", "2025-01", numerator=3.0, denominator=4.0))
    row(log, "2024-12", "2025-01-10")
    assert row(log, "2025-01", "2025-02-10").no_delta == "other_rules"


def test_nor_is_what_has_lost_a_criterion_with_what_had_it() -> None:
    rules = [indicator("i"), indicator("j", valid_to="2025-02-01")]
    root = group("all", criterion("i"), criterion("j"))
    log = Log(pack(indicators=rules, root=root)).activate()
    for month in (1, 2, 3):
        log.add(*(report("u1", name, f"2025-{month:02d}", 50.0) for name in "ij"))
    deltas = [row(log, f"2025-{month:02d}", f"2025-{month + 1:02d}-10").no_delta for month in (1, 2, 3)]
    assert deltas == ["no_earlier_evaluation", "other_rules", msgspec.UNSET]


# --- missing ----------------------------------------------------------------------------------------------------------------


def test_the_last_value_is_put_in_until_it_is_stale_and_counts_for_no_coverage() -> None:
    log = campaign({}, missing="last_value", last_value_for=2).add(*monthly(2025, 40.0))
    got = row(log, "2025-03", "2025-04-10")
    assert (got.criteria[0].state, got.criteria[0].score, got.coverage) == ("not_reported", 0.4, 0.0)
    assert (got.criteria[0].actual, got.criteria[0].period) == (None, "2025-01")
    assert cell(log, "2025-04", "2025-05-10") == CriterionResult("not_reported", None, 0.0)


def test_a_last_value_is_divided_by_what_the_denominator_is_now() -> None:
    root = group(
        "all",
        criterion(
            "i", {"method": "target_ratio", "target": 1.0}, missing="last_value", per={"indicator": "people"}
        ),
    )
    log = Log(pack(indicators=[indicator("i"), indicator("people")], root=root)).activate()
    log.add(*monthly(2025, 40.0), report("u1", "people", "2025-02", 80.0))
    assert cell(log, "2025-02", "2025-03-10").score == 0.5


def test_an_overdue_figure_may_fail_the_evaluation_of_its_unit_and_the_reason_is_said() -> None:
    root = group("all", criterion("i", missing="fail"), criterion("j"))
    log = Log(pack(indicators=[indicator("i", due_lag_days=5), indicator("j")], root=root)).activate()
    log.add(report("u1", "j", "2025-01", 90.0), report("u2", "i", "2025-01", 10.0))
    early = row(log, "2025-01", "2025-02-03")
    assert (early.rank, early.not_ranked) == (1, msgspec.UNSET)
    late = row(log, "2025-01", "2025-02-10")
    assert (late.rank, late.not_ranked) == (None, NotRanked("missing_figure", ["i"]))
    assert row(log, "2025-01", "2025-02-11", "u2").rank == 1


def test_a_unit_below_the_minimum_coverage_or_without_any_figure_is_told_why_it_is_not_ranked() -> None:
    log = Log(pack(min_coverage=0.5)).activate()
    assert row(log, "2025-01", "2025-02-10").not_ranked == NotRanked("low_coverage")
    assert row(log, "2025-03", "2025-03-10").not_ranked == NotRanked("nothing_counts")
