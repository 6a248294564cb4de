"""Periods: what each text means, which belongs to which, and what is no period."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.periods import BadPeriod, Cadence, parse_period, period_of

TILING: list[Cadence] = ["day", "week", "month", "quarter", "half", "year"]
DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 1, 1))


@pytest.mark.parametrize(
    ("text", "first", "last", "cadence"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31), "year"),
        ("2025-H2", date(2025, 7, 1), date(2025, 12, 31), "half"),
        ("2025-Q1", date(2025, 1, 1), date(2025, 3, 31), "quarter"),
        ("2025-9M", date(2025, 1, 1), date(2025, 9, 30), "nine_months"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31), "month"),
        ("2025-W01", date(2024, 12, 30), date(2025, 1, 5), "week"),
        ("2020-W53", date(2020, 12, 28), date(2021, 1, 3), "week"),
        ("2025-06-17", date(2025, 6, 17), date(2025, 6, 17), "day"),
        ("2021/2025", date(2021, 1, 1), date(2025, 12, 31), "span"),
    ],
)
def test_each_form_names_whole_days(text: str, first: date, last: date, cadence: str) -> None:
    period = parse_period(text)
    assert (period.first, period.last, period.cadence, str(period)) == (first, last, cadence, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25",
        "0000",
        "2025-6",
        " 2025",
        "2025\n",
        "2025-Q5",
        "2025-H3",
        "2025-13",
        "2025-00",
        "2025-W54",
        "2025-W53",
        "9999-W52",
        "2025-02-30",
        "2025/2021",
        "٢٠٢٥",
        "２０２５-06",
    ],
)
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(BadPeriod):
        parse_period(text)


def test_the_end_is_the_first_instant_after_the_last_local_day() -> None:
    assert parse_period("2025-06").end("Asia/Ho_Chi_Minh").isoformat() == "2025-07-01T00:00:00+07:00"


def test_a_week_belongs_to_the_month_of_its_thursday() -> None:
    week = parse_period("2025-W27")
    assert parse_period("2025-07").contains(week)
    assert not parse_period("2025-06").contains(week)


@given(DAYS, st.sampled_from(TILING))
def test_every_day_lies_in_its_period(day: date, cadence: Cadence) -> None:
    period = period_of(day, cadence)
    assert period.first <= day <= period.last
    assert period.cadence == cadence


@given(DAYS, st.sampled_from(TILING))
def test_periods_of_a_cadence_follow_each_other_without_gap(day: date, cadence: Cadence) -> None:
    period = period_of(day, cadence)
    assert (period.following().first - period.last).days == 1


@given(st.integers(min_value=1950, max_value=2150), st.sampled_from(TILING))
def test_a_year_is_made_of_periods_that_each_belong_to_it_alone(year: int, cadence: Cadence) -> None:
    own = set(parse_period(str(year)).each(cadence))
    assert own
    assert own.isdisjoint(parse_period(str(year + 1)).each(cadence))


def test_periods_are_ordered_by_their_end() -> None:
    assert sorted(map(parse_period, ["2025", "2025-Q1", "2025-01"])) == [
        parse_period("2025-01"),
        parse_period("2025-Q1"),
        parse_period("2025"),
    ]
