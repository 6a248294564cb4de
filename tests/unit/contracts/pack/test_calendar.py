"""When periods begin, end and are due by a campaign's own calendar."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.pack.calendar import (
    Calendar,
    after_working_days,
    begins_at,
    bounds,
    days_of,
    ends_at,
    overdue_at,
)
from services.contracts.pack.load import load_pack
from services.contracts.pack.problem import BadPack
from services.contracts.periods import parse_period
from tests.unit.contracts.pack.conftest import Spoil

HANOI = "Asia/Ho_Chi_Minh"
TET = tuple(date(2026, 2, day) for day in (16, 17, 18, 19, 20))
OFFICE = days_of(HANOI, Calendar(holidays=TET, worked=(date(2026, 2, 28),)))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-06", "2026-05-26", "2026-06-25"),
        ("2026-01", "2025-12-26", "2026-01-25"),
        ("2026-Q2", "2026-03-26", "2026-06-25"),
        ("2026", "2025-12-26", "2026-12-25"),
        ("2026-06-30", "2026-06-30", "2026-06-30"),
        ("2026-W10", "2026-03-02", "2026-03-08"),
    ],
)
def test_with_a_cut_off_day_months_and_longer_periods_end_on_it(period: str, first: str, last: str) -> None:
    assert bounds(parse_period(period), 25) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2025", "2025-09-01", "2026-08-31"),
        ("2025-H1", "2025-09-01", "2026-02-28"),
        ("2025-Q4", "2026-06-01", "2026-08-31"),
        ("2025-06", "2025-06-01", "2025-06-30"),
    ],
)
def test_a_school_year_is_named_by_the_year_that_it_begins_in(period: str, first: str, last: str) -> None:
    assert bounds(parse_period(period), None, 9) == (date.fromisoformat(first), date.fromisoformat(last))


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.one_of(st.none(), st.integers(1, 28)))
def test_months_follow_one_another_without_a_gap_whatever_the_cut_off_day(
    day: date, cut_off: int | None
) -> None:
    month = parse_period(f"{day.year:04d}-{day.month:02d}")
    _, last = bounds(month, cut_off)
    first, _ = bounds(month.following(), cut_off)
    assert (first - last).days == 1


def test_the_civil_calendar_is_that_of_the_periods_themselves() -> None:
    days, period = days_of(HANOI, None), parse_period("2026-Q2")
    assert (begins_at(period, days), ends_at(period, days)) == (period.start(HANOI), period.end(HANOI))


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        ("2026-02-13", 0, "2026-02-13"),
        ("2026-02-12", 1, "2026-02-13"),
        ("2026-02-13", 1, "2026-02-23"),
        ("2026-02-27", 1, "2026-02-28"),
        ("2026-02-28", 1, "2026-03-02"),
    ],
)
def test_working_days_pass_over_weekends_and_tet_but_not_days_worked_in_exchange(
    day: str, count: int, due: str
) -> None:
    assert after_working_days(date.fromisoformat(day), count, OFFICE) == date.fromisoformat(due)


def test_a_report_is_overdue_from_the_end_of_the_last_working_day_of_its_lag() -> None:
    january = parse_period("2026-01")
    assert overdue_at(january, OFFICE, 1, 0, 12) == datetime(2026, 2, 25, tzinfo=ZoneInfo(HANOI))
    assert overdue_at(january, OFFICE, 1, 12, None) == datetime(2026, 2, 13, tzinfo=ZoneInfo(HANOI))


# --- faults -------------------------------------------------------------------------------------------------------------------


def said(spoil: Spoil, calendar: str, indicator: str) -> list[str]:
    spoil("campaign.yaml", "live_cadence: month", f"live_cadence: month{calendar}")
    with pytest.raises(BadPack) as bad:
        load_pack(spoil("indicators.yaml", "  cadence: month", indicator))
    return [str(problem) for problem in bad.value.problems]


@pytest.mark.parametrize(
    ("calendar", "indicator", "problem"),
    [
        (
            "",
            "  cadence: month\n  due_lag_working_days: 5",
            "indicators.yaml:6: 'online' is due in working days, and the campaign says no holidays; "
            "write calendar: {holidays: [2026-01-01, ...]} into campaign.yaml, or due_lag_days instead",
        ),
        (
            "",
            "  cadence: month\n  due_lag_days: 5\n  due_lag_working_days: 5",
            "indicators.yaml:1: a report is due after due_lag_days or after due_lag_working_days; write one of the two instead",
        ),
        (
            "\ncalendar: {cut_off_day: 31}",
            "  cadence: month",
            "campaign.yaml:5: 'cut_off_day' cannot be 31; write a number of at most 28 instead",
        ),
        (
            "\ncalendar: {holidays: [1/1/2026]}",
            "  cadence: month",
            "campaign.yaml:5: 'holidays' cannot be '1/1/2026'; write a date, as in 2025-07-01 instead",
        ),
        (
            "\ncalendar: {cut_off_day: 25}",
            "  cadence: week",
            "indicators.yaml:5: 'online' is counted by the week, which no cut-off day moves; "
            "write figures by the month or longer, or no cut_off_day instead",
        ),
        (
            "",
            "  cadence: month\n  year_starts: 13",
            "indicators.yaml:6: 'year_starts' cannot be 13; write a number of at most 12 instead",
        ),
        (
            "",
            "  cadence: month\n  year_starts: 9",
            "indicators.yaml:6: a month that is no year_to_date is the same in any year; "
            "write within: year_to_date, or no year_starts instead",
        ),
    ],
)
def test_a_wrong_calendar_is_told(spoil: Spoil, calendar: str, indicator: str, problem: str) -> None:
    assert problem in said(spoil, calendar, indicator)
