"""Which figure counts, and what a missing one is."""

from typing import Any

import pytest

from services.contracts.events import AnyEvent
from services.contracts.results import CriterionResult
from services.scoring.engine import rank_live
from tests.unit.scoring.engine.events import Log, at, indicator, pack, report, tick


def official(rule: dict[str, Any], events: list[AnyEvent], period: str, as_of: str) -> CriterionResult:
    log = Log(pack(indicators=[indicator("i", **rule)])).activate().add(*events)
    evaluation = log.evaluate(period, as_of).evaluation
    assert evaluation is not None
    return next(unit for unit in evaluation.units if unit.unit == "u1").criteria[0]


def live(rule: dict[str, Any], events: list[AnyEvent], now: str, **campaign: Any) -> CriterionResult:
    log = Log(pack(indicators=[indicator("i", **rule)], campaign=campaign)).activate().add(*events, tick(now))
    ranked = rank_live(log.state, log.packs, None)
    assert ranked is not None
    return next(unit for unit in ranked[0].units if unit.unit == "u1").criteria[0]


def months(*values: float) -> list[AnyEvent]:
    return [report("u1", "i", f"2025-{month:02d}", value) for month, value in enumerate(values, 1)]


# --- states -----------------------------------------------------------------------------------------------------------------


def test_before_its_due_day_a_missing_figure_is_not_due() -> None:
    cell = official({"due_lag_days": 10}, [], "2025-01", "2025-02-10T23:59")
    assert cell == CriterionResult("not_due")


def test_from_its_due_day_on_it_is_not_reported_and_scores_zero() -> None:
    cell = official({"due_lag_days": 10}, [], "2025-01", "2025-02-11T00:00")
    assert cell == CriterionResult("not_reported", None, 0.0)


def test_a_figure_before_its_due_day_is_reported_and_zero_is_a_figure() -> None:
    cell = official({"due_lag_days": 10}, months(0.0), "2025-01", "2025-02-01")
    assert (cell.state, cell.actual, cell.score) == ("reported", 0.0, 0.0)


def test_nothing_of_nothing_is_not_applicable_and_earns_nothing() -> None:
    events: list[AnyEvent] = [report("u1", "i", "2025-01", numerator=0.0, denominator=0.0)]
    cell = official({"measure": "ratio"}, events, "2025-01", "2025-02-10")
    assert (cell.state, cell.actual, cell.score) == ("not_applicable", None, None)
    assert cell.id == events[0].id


def test_ratio_and_passed_give_their_figures() -> None:
    ratio: list[AnyEvent] = [report("u1", "i", "2025-01", numerator=3.0, denominator=4.0)]
    assert official({"measure": "ratio"}, ratio, "2025-01", "2025-02-10").actual == 0.75
    passed: list[AnyEvent] = [report("u1", "i", "2025-01", passed=True)]
    assert official({"measure": "passed"}, passed, "2025-01", "2025-02-10").actual == 1.0


def test_a_figure_of_another_measure_does_not_count() -> None:
    assert official({"measure": "ratio"}, months(5.0), "2025-01", "2025-02-10").state == "not_reported"


def test_the_days_of_the_packs_zone_decide_what_is_due() -> None:
    rule = indicator("i")
    log = Log(pack(indicators=[rule], campaign={"zone": "Asia/Ho_Chi_Minh"})).activate()
    early, late = (log.evaluate("2025-01", f"2025-01-31T{hour}").evaluation for hour in ("16:59", "17:00"))
    assert early is not None and late is not None
    assert early.units[0].criteria[0].state == "not_due"
    assert late.units[0].criteria[0].state == "not_reported"


# --- origins ----------------------------------------------------------------------------------------------------------------


def test_the_first_origin_of_the_packs_order_counts() -> None:
    events: list[AnyEvent] = [
        report("u1", "i", "2025-01", 90.0, origin="self", revision=9),
        report("u1", "i", "2025-01", 60.0, origin="department"),
    ]
    cell = official({"origins": ["department", "self"]}, events, "2025-01", "2025-02-10")
    assert (cell.actual, cell.origin) == (60.0, "department")
    cell = official({"origins": ["automatic", "self"]}, events, "2025-01", "2025-02-10")
    assert (cell.actual, cell.origin) == (90.0, "self")
    assert official({"origins": ["automatic"]}, events, "2025-01", "2025-02-10").state == "not_reported"


# --- finer periods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("within", "actual"), [("last", 30.0), ("sum", 60.0), ("mean", 20.0), ("to_date", 65.0)]
)
def test_finer_periods_make_up_a_coarser_one(within: str, actual: float) -> None:
    events = [report("u1", "i", "2024-12", 5.0), *months(10.0, 20.0, 30.0, 99.0)]
    cell = official({"within": within}, events, "2025-Q1", "2025-05-10")
    assert (cell.actual, cell.period) == (actual, "2025-03")


def test_a_sum_of_ratios_adds_numerators_and_denominators_apart() -> None:
    events: list[AnyEvent] = [
        report("u1", "i", "2025-01", numerator=1.0, denominator=2.0),
        report("u1", "i", "2025-02", numerator=0.0, denominator=0.0),
        report("u1", "i", "2025-03", numerator=2.0, denominator=8.0),
    ]
    rule = {"measure": "ratio", "within": "sum"}
    assert official(rule, events, "2025-Q1", "2025-05-10").actual == 0.3
    assert official(rule | {"within": "mean"}, events, "2025-Q1", "2025-05-10").actual == 0.375


def test_a_running_total_adds_up_the_periods_before_too() -> None:
    assert official({"within": "to_date"}, months(10.0, 20.0, 30.0), "2025-02", "2025-03-10").actual == 30.0


def test_with_nothing_inside_it_is_overdue_once_the_first_inner_period_is() -> None:
    assert official({"due_lag_days": 5}, [], "2025-Q1", "2025-02-05T12:00").state == "not_due"
    assert official({"due_lag_days": 5}, [], "2025-Q1", "2025-02-06").state == "not_reported"


def test_a_week_counts_in_the_month_of_its_thursday() -> None:
    events: list[AnyEvent] = [report("u1", "i", "2025-W05", 3.0), report("u1", "i", "2025-W06", 4.0)]
    rule = {"cadence": "week", "within": "sum"}
    assert official(rule, events, "2025-01", "2025-02-20").actual == 3.0
    assert official(rule, events, "2025-02", "2025-03-20").actual == 4.0


# --- coarser periods --------------------------------------------------------------------------------------------------------


def test_a_coarser_indicator_gives_its_newest_period_that_has_ended() -> None:
    events: list[AnyEvent] = [report("u1", "i", "2024-Q4", 40.0), report("u1", "i", "2025-Q1", 50.0)]
    rule = {"cadence": "quarter"}
    for month, wanted in (("2025-01", "2024-Q4"), ("2025-02", "2024-Q4"), ("2025-03", "2025-Q1")):
        assert official(rule, events, month, "2025-04-20").period == wanted


def test_nine_months_stand_between_the_half_and_the_year() -> None:
    events: list[AnyEvent] = [report("u1", "i", "2024-9M", 40.0), report("u1", "i", "2025-9M", 50.0)]
    rule = {"cadence": "nine_months"}
    assert official(rule, events, "2025-08", "2025-10-20").period == "2024-9M"
    assert official(rule, events, "2025-09", "2025-10-20").period == "2025-9M"
    assert official(rule, events, "2025", "2026-01-20").period == "2025-9M"


# --- staleness --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stale_after", "period"), [(0, None), (1, None), (2, "2025-01"), (None, "2025-01")])
def test_an_older_figure_stands_in_while_it_is_not_stale(stale_after: int | None, period: str | None) -> None:
    cell = official({"stale_after": stale_after}, months(10.0), "2025-03", "2025-04-10")
    assert (cell.state, cell.period) == ("not_reported" if period is None else "reported", period)


def test_a_coarser_figure_goes_stale_by_its_own_periods() -> None:
    events: list[AnyEvent] = [report("u1", "i", "2024-Q3", 40.0)]
    rule = {"cadence": "quarter", "stale_after": 1}
    assert official(rule, events, "2025-02", "2025-03-10").period == "2024-Q3"
    assert official(rule, events, "2025-03", "2025-04-10").state == "not_reported"


def test_a_sum_is_never_stood_in_for() -> None:
    rule = {"within": "sum", "stale_after": None}
    assert official(rule, months(10.0), "2025-Q2", "2025-07-10").state == "not_reported"


def test_a_newer_figure_never_counts_for_an_older_period() -> None:
    assert (
        official({"stale_after": None}, months(10.0, 20.0)[1:], "2025-01", "2025-03-10").state
        == "not_reported"
    )


def test_the_live_ranking_shows_the_newest_known_figure() -> None:
    assert live({}, months(10.0, 20.0), "2025-07-15").period == "2025-02"
    assert live({"live_stale_after": 4}, months(10.0, 20.0), "2025-07-15").state == "not_due"
    assert live({"live_stale_after": 5}, months(10.0, 20.0), "2025-07-15").period == "2025-02"


def test_a_live_year_counts_staleness_from_the_month_that_the_clock_is_in() -> None:
    rule = {"live_stale_after": 1}
    events: list[AnyEvent] = [report("u1", "i", "2024-12", 7.0)]
    assert live(rule, events, "2025-01-15", live_cadence="year").period == "2024-12"
    assert live(rule, events, "2025-02-15", live_cadence="year").state == "not_reported"


def test_a_clock_after_the_campaign_ranks_its_last_period() -> None:
    events: list[AnyEvent] = [report("u1", "i", "1995", 50.0)]
    cell = live(
        {"cadence": "year", "stale_after": 0}, events, "2026-07-15", live_cadence="year", span="1990/2022"
    )
    assert (cell.state, cell.period) == ("reported", "1995")


def test_a_cell_names_the_event_that_is_its_evidence() -> None:
    wanted = report("u1", "i", "2025-01", 10.0, source="/a", id="b")
    cell = official({}, [wanted], "2025-01", "2025-02-10")
    assert (cell.source, cell.id) == ("/a", "b")
    assert at("2025-02-10") > wanted.time
