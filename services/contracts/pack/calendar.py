"""The campaign's own calendar: on which day periods begin and end, and which days are worked.

A period keeps its name and what it is made of: `2025-Q2` is April to June. With a cut-off day its days move, and with them when it may be
reported, is due, is ranked live and is evaluated. Whose block a unit is in goes by the civil calendar's last day of the period throughout.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from services.contracts.pack.base import Model
from services.contracts.periods import Cadence, Period

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_WEEKDAYS: Final[tuple[Weekday, ...]] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_OF_YEARS: Final[tuple[Cadence, ...]] = ("quarter", "half", "nine_months", "year")
"""Cadences that move with the first month of a year."""

_OF_DAYS: Final[tuple[Cadence, ...]] = ("day", "week")
"""Cadences that no cut-off day moves."""

_MONTHS: Final = 12
_DAY: Final = timedelta(days=1)


class Calendar(Model):
    """`cut_off_day: 25` makes June the 26 May to 25 June, and every longer period end on the 25th of its last month."""

    cut_off_day: int | None = Field(default=None, ge=1, le=28)
    weekend: tuple[Weekday, ...] = ("saturday", "sunday")
    holidays: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    """Days of a weekend that are worked, in exchange for others."""


class Days(NamedTuple):
    """The same as plain values, quick to look up by."""

    zone: str
    cut_off_day: int | None = None
    weekend: frozenset[int] = frozenset((5, 6))
    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_worked(self, day: date) -> bool:
        """Whether offices are open."""
        return day in self.worked or (day.weekday() not in self.weekend and day not in self.holidays)


def days_of(zone: str, calendar: Calendar | None) -> Days:
    """The days of a campaign in that zone; without a calendar those of the civil one."""
    if calendar is None:
        return Days(zone)
    weekend = frozenset(_WEEKDAYS.index(day) for day in calendar.weekend)
    return Days(zone, calendar.cut_off_day, weekend, frozenset(calendar.holidays), frozenset(calendar.worked))


@lru_cache(maxsize=65_536)
def bounds(period: Period, cut_off_day: int | None, year_starts: int = 1) -> tuple[date, date]:
    """The period's first and last day. `year_starts` is the month in which years begin: with 9, `2025` is September 2025 to August 2026."""
    first, last = period.first, period.last
    if year_starts > 1 and period.cadence in _OF_YEARS:
        first, last = _later(first, year_starts - 1), _later(last + _DAY, year_starts - 1) - _DAY
    if cut_off_day is not None and period.cadence not in _OF_DAYS:
        first, last = (first - _DAY).replace(day=cut_off_day) + _DAY, last.replace(day=cut_off_day)
    return first, last


def begins_at(period: Period, days: Days, year_starts: int = 1) -> datetime:
    """The period's first instant, aware."""
    return _midnight(bounds(period, days.cut_off_day, year_starts)[0], days.zone)


def ends_at(period: Period, days: Days, year_starts: int = 1) -> datetime:
    """The first instant after the period, aware."""
    return _midnight(bounds(period, days.cut_off_day, year_starts)[1] + _DAY, days.zone)


@lru_cache(maxsize=65_536)
def overdue_at(
    period: Period, days: Days, year_starts: int, lag_days: int, lag_working_days: int | None
) -> datetime:
    """The instant from which a report for the period is overdue: the end of the last day of the lag after the period. Aware."""
    last = bounds(period, days.cut_off_day, year_starts)[1]
    if lag_working_days is None:
        return _midnight(last + timedelta(days=lag_days) + _DAY, days.zone)
    return _midnight(after_working_days(last, lag_working_days, days) + _DAY, days.zone)


def after_working_days(day: date, count: int, days: Days) -> date:
    """The `count`th working day after `day`; the day itself for 0."""
    while count > 0:
        day += _DAY
        count -= days.is_worked(day)
    return day


def _later(first_of_month: date, months: int) -> date:
    years, month = divmod(first_of_month.month - 1 + months, _MONTHS)
    return first_of_month.replace(year=first_of_month.year + years, month=month + 1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
