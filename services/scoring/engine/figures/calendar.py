"""Periods seen from one another: those inside, the newest ended, the one some periods earlier, and when a report is due."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from services.contracts.pack.calendar import Days, bounds
from services.contracts.periods import Cadence, Period, parse_period, period_of

_FINEST_FIRST: Final[tuple[Cadence, ...]] = (
    "day",
    "week",
    "month",
    "quarter",
    "half",
    "nine_months",
    "year",
    "span",
)
_LENGTH: Final = {cadence: length for length, cadence in enumerate(_FINEST_FIRST)}


_PER_YEAR: Final[dict[Cadence, int]] = {"month": 12, "quarter": 4, "half": 2, "nine_months": 1, "year": 1}


def is_finer(cadence: Cadence, than: Cadence) -> bool:
    """Whether periods of `cadence` are shorter than those of `than`."""
    return _LENGTH[cadence] < _LENGTH[than]


@lru_cache(maxsize=4096)
def inside(period: Period, cadence: Cadence) -> tuple[Period, ...]:
    """The periods of a finer `cadence` that belong to `period`, in order."""
    if cadence == "nine_months":
        candidates = [
            parse_period(f"{year:04d}-9M") for year in range(period.first.year, period.last.year + 1)
        ]
        return tuple(inner for inner in candidates if period.contains(inner))
    return tuple(period.each(cadence))


@lru_cache(maxsize=4096)
def newest_ended(
    day: date, cadence: Cadence, span: Period, cut_off_day: int | None = None, year_starts: int = 1
) -> Period:
    """The newest period of `cadence` whose last day is `day` or earlier; of the cadence `span`, the campaign's span itself."""
    newest = _civil_newest_ended(day, cadence, span)
    if cadence == "span" or (cut_off_day is None and year_starts == 1):
        return newest
    while bounds(newest, cut_off_day, year_starts)[1] > day:
        newest = earlier(newest, 1)
    while (after := earlier(newest, -1)) != newest and bounds(after, cut_off_day, year_starts)[1] <= day:
        newest = after
    return newest


def _civil_newest_ended(day: date, cadence: Cadence, span: Period) -> Period:
    if cadence == "span":
        return span
    if cadence == "nine_months":
        return parse_period(f"{day.year if day >= date(day.year, 9, 30) else day.year - 1:04d}-9M")
    holding = period_of(day, cadence)
    return holding if holding.last <= day else period_of(holding.first - timedelta(days=1), cadence)


@lru_cache(maxsize=65_536)
def earlier(period: Period, count: int) -> Period:
    """The period of the same cadence `count` periods before, or with -1 the next one; a span has none beside it and gives itself."""
    if period.cadence == "span":
        return period
    if period.cadence == "nine_months":
        return parse_period(f"{max(period.first.year - count, 1):04d}-9M")
    if count < 0:
        return period.following()
    for _ in range(count):
        if period.first <= date(2, 1, 1):
            break
        period = period_of(period.first - timedelta(days=1), period.cadence)
    return period


@lru_cache(maxsize=4096)
def year_before(period: Period) -> Period:
    """The same period a year before: the month, the quarter, the week of that number. A span has none before it and gives itself."""
    if period.cadence == "day":
        year, leap_day = period.first.year - 1, (period.first.month, period.first.day) == (2, 29)
        return period_of(period.first.replace(year=year, day=28 if leap_day else period.first.day), "day")
    if period.cadence == "week":
        return period_of(period.first - timedelta(days=361), "week")
    return earlier(period, _PER_YEAR.get(period.cadence, 0))


@lru_cache(maxsize=4096)
def since_new_year(period: Period, year_starts: int = 1) -> date:
    """The first day of the periods of the same cadence that belong to the year of the period's last day; years begin in `year_starts`.

    Quarters and what is longer move with the years, and keep the number of theirs.
    """
    if period.cadence == "week":
        start = _new_year(period.first + timedelta(days=3), year_starts)
        week = period_of(start, "week")
        return week.first if start <= week.first + timedelta(days=3) else week.following().first
    begins = _new_year(period.last, year_starts if period.cadence in ("day", "month") else 1)
    return min(period.first, begins)


def _new_year(day: date, year_starts: int) -> date:
    return date(day.year if day.month >= year_starts else day.year - 1, year_starts, 1)


def period_at(clock: datetime, cadence: Cadence, span: Period, days: Days) -> Period:
    """The period of `cadence` that holds the clock's local day, the day clamped into `span`. Raises nothing for a clock outside it."""
    today = clock.astimezone(ZoneInfo(days.zone)).date()
    if days.cut_off_day is not None and today.day > days.cut_off_day and cadence not in ("day", "week"):
        today = period_of(today, "month").following().first
    return _period_on(min(max(today, span.first), span.last), cadence, span)


@lru_cache(maxsize=4096)
def _period_on(day: date, cadence: Cadence, span: Period) -> Period:
    if cadence == "span":
        return span
    if cadence == "nine_months":
        return parse_period(f"{day.year:04d}-9M")
    return period_of(day, cadence)
