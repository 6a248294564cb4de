"""A campaign's own calendar in a ranking: when a figure is due, which period is live, and school years."""

from typing import Any

import pytest

from services.contracts.results import CriterionResult
from services.scoring.engine import rank_live
from tests.unit.scoring.engine.events import Log, indicator, pack, report, tick

CUT_OFF = {"calendar": {"cut_off_day": 25}}


def cell(log: Log, period: str, as_of: str) -> CriterionResult:
    evaluation = log.evaluate(period, as_of).evaluation
    assert evaluation is not None
    return next(unit for unit in evaluation.units if unit.unit == "u1").criteria[0]


def campaign(rule: dict[str, Any], fields: dict[str, Any] | None = None) -> Log:
    return Log(pack(indicators=[indicator("i", **rule)], campaign=fields)).activate()


@pytest.mark.parametrize(
    ("as_of", "state"), [("2025-06-27T23:59", "not_due"), ("2025-06-28", "not_reported")]
)
def test_a_lag_counts_from_the_cut_off_day(as_of: str, state: str) -> None:
    assert cell(campaign({"due_lag_days": 2}, CUT_OFF), "2025-06", as_of).state == state


def test_a_lag_in_working_days_passes_over_holidays() -> None:
    holidays = {"calendar": {"holidays": ["2025-05-01", "2025-05-02"]}}
    log = campaign({"due_lag_working_days": 2}, holidays)
    states = [cell(log, "2025-04", as_of).state for as_of in ("2025-05-06T23:59", "2025-05-07")]
    assert states == ["not_due", "not_reported"]


@pytest.mark.parametrize(("now", "period"), [("2025-06-25T12:00", "2025-06"), ("2025-06-26", "2025-07")])
def test_the_live_month_begins_after_the_cut_off_day(now: str, period: str) -> None:
    log = campaign({}, CUT_OFF).add(tick(now))
    ranked = rank_live(log.state, log.packs, None)
    assert ranked is not None
    assert ranked[0].period == period


def school() -> Log:
    log = campaign({"cadence": "year", "year_starts": 9, "stale_after": 0})
    return log.add(report("u1", "i", "2023", 30.0), report("u1", "i", "2024", 40.0))


@pytest.mark.parametrize(
    ("period", "school_year"),
    [("2025-07", "2023"), ("2025-08", "2024"), ("2025", "2024"), ("2024", "2023")],
)
def test_a_school_year_counts_once_it_has_ended(period: str, school_year: str) -> None:
    assert cell(school(), period, "2026-01-10").period == school_year


def test_a_quota_of_a_school_year_begins_anew_in_september() -> None:
    log = campaign({"within": "year_to_date", "year_starts": 9})
    log.add(*(report("u1", "i", f"2025-{month:02d}", float(month)) for month in (7, 8, 9, 10)))
    assert [cell(log, period, "2025-12-10").actual for period in ("2025-08", "2025-10")] == [15.0, 19.0]
