"""Periods seen from one another: those inside, the newest ended, the one some periods earlier, and when a report is due."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

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
def newest_ended(day: date, cadence: Cadence, span: Period) -> Period:
    """The newest period of `cadence` whose last day is `day` or earlier; of the cadence `span`, the campaign's span itself."""
    if cadence == "span":
        return span
    if cadence == "nine_months":
        return parse_period(f"{day.year if day >= date(day.year, 9, 30) else day.year - 1:04d}-9M")
    holding = period_of(day, cadence)
    return holding if holding.last <= day else period_of(holding.first - timedelta(days=1), cadence)


@lru_cache(maxsize=65_536)
def earlier(period: Period, count: int) -> Period:
    """The period of the same cadence `count` periods before; a span has none before it and gives itself."""
    if period.cadence == "span":
        return period
    if period.cadence == "nine_months":
        return parse_period(f"{max(period.first.year - count, 1):04d}-9M")
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
def since_new_year(period: Period) -> date:
    """The first day of the periods of the same cadence that belong to the period's year, the year of its last day."""
    year = parse_period(f"{period.last.year:04d}")
    if is_finer(period.cadence, "year") and period.cadence != "nine_months":
        return inside(year, period.cadence)[0].first
    return min(period.first, year.first)


@lru_cache(maxsize=65_536)
def begins_at(period: Period, zone: str) -> datetime:
    """The period's first instant."""
    return period.start(zone)


@lru_cache(maxsize=65_536)
def due_at(period: Period, zone: str, lag_days: int) -> datetime:
    """The instant from which a report for the period is overdue: the end of the `lag_days`th day after the period."""
    return period.end(zone) + timedelta(days=lag_days)


def period_at(clock: datetime, cadence: Cadence, span: Period, zone: str) -> Period:
    """The period of `cadence` that holds the clock's local day, the day clamped into `span`. Raises nothing for a clock outside it."""
    today = clock.astimezone(ZoneInfo(zone)).date()
    return _period_on(min(max(today, span.first), span.last), cadence, span)


@lru_cache(maxsize=4096)
def _period_on(day: date, cadence: Cadence, span: Period) -> Period:
    if cadence == "span":
        return span
    if cadence == "nine_months":
        return parse_period(f"{day.year:04d}-9M")
    return period_of(day, cadence)
