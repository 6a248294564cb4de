"""Periods of a campaign: `2025`, `2025-H1`, `2025-Q2`, `2025-9M`, `2025-06`, `2025-W23`, `2025-06-17`, `2021/2025`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

Cadence = Literal["day", "week", "month", "quarter", "half", "nine_months", "year", "span"]

_PATTERNS: Final[tuple[tuple[re.Pattern[str], Cadence], ...]] = (
    (re.compile(r"(\d{4})", re.ASCII), "year"),
    (re.compile(r"(\d{4})-H([12])", re.ASCII), "half"),
    (re.compile(r"(\d{4})-Q([1-4])", re.ASCII), "quarter"),
    (re.compile(r"(\d{4})-9M", re.ASCII), "nine_months"),
    (re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII), "month"),
    (re.compile(r"(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])", re.ASCII), "week"),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII), "day"),
    (re.compile(r"(\d{4})/(\d{4})", re.ASCII), "span"),
)


class BadPeriod(ValueError):  # noqa: N818 - it names what is bad
    """The text is no period; the message says what is."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of whole local days, `first` to `last`, both included. Ordered by its end, then by its start."""

    last: date
    first: date
    text: str
    cadence: Cadence

    def __str__(self) -> str:
        return self.text

    def start(self, zone: str) -> datetime:
        """First instant of the period in `zone`, aware."""
        return datetime.combine(self.first, time(), ZoneInfo(zone))

    def end(self, zone: str) -> datetime:
        """First instant after the period in `zone`, aware."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZoneInfo(zone))

    def contains(self, other: "Period") -> bool:
        """Whether `other` belongs to this period. A week belongs to the period that holds its Thursday."""
        if other.cadence == "week" and self.cadence != "week":
            thursday = other.first + timedelta(days=3)
            return self.first <= thursday <= self.last
        return self.first <= other.first and other.last <= self.last

    def each(self, cadence: Cadence) -> "Iterator[Period]":
        """The periods of `cadence` that belong to this one, in order."""
        day = self.first - timedelta(days=6)
        while day <= self.last + timedelta(days=6):
            inner = period_of(day, cadence)
            if self.contains(inner):
                yield inner
            day = inner.last + timedelta(days=1)

    def following(self) -> "Period":
        """The next period of the same cadence."""
        return period_of(self.last + timedelta(days=1), self.cadence)


@lru_cache(maxsize=65_536)
def parse_period(text: str) -> Period:
    """The period that `text` names. Raises `BadPeriod` with the accepted forms."""
    for pattern, cadence in _PATTERNS:
        if match := pattern.fullmatch(text):
            try:
                return _build(text, cadence, [int(part) for part in match.groups()])
            except (ValueError, OverflowError) as error:
                raise BadPeriod(f"{text!r} is no date of the calendar: {error}") from error
    raise BadPeriod(
        f"{text!r} is not a period; write 2025, 2025-H1, 2025-Q2, 2025-9M, 2025-06, 2025-W23, 2025-06-17 or 2021/2025"
    )


def _build(text: str, cadence: Cadence, parts: list[int]) -> Period:
    year = parts[0]
    match cadence:
        case "year":
            return Period(date(year, 12, 31), date(year, 1, 1), text, cadence)
        case "half":
            return Period(_month_end(year, 6 * parts[1]), date(year, 6 * parts[1] - 5, 1), text, cadence)
        case "quarter":
            return Period(_month_end(year, 3 * parts[1]), date(year, 3 * parts[1] - 2, 1), text, cadence)
        case "nine_months":
            return Period(date(year, 9, 30), date(year, 1, 1), text, cadence)
        case "month":
            return Period(_month_end(year, parts[1]), date(year, parts[1], 1), text, cadence)
        case "week":
            monday = date.fromisocalendar(year, parts[1], 1)
            return Period(monday + timedelta(days=6), monday, text, cadence)
        case "day":
            day = date(*parts)
            return Period(day, day, text, cadence)
        case "span":
            if parts[1] < year:
                raise ValueError("the last year comes before the first")
            return Period(date(parts[1], 12, 31), date(year, 1, 1), text, cadence)


def _month_end(year: int, month: int) -> date:
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return following - timedelta(days=1)


def period_of(day: date, cadence: Cadence) -> Period:
    """The period of `cadence` that holds `day`. Raises `BadPeriod` for cadences that do not tile the calendar."""
    year, month = day.year, day.month
    match cadence:
        case "day":
            return parse_period(day.isoformat())
        case "week":
            iso = day.isocalendar()
            return parse_period(f"{iso.year:04d}-W{iso.week:02d}")
        case "month":
            return parse_period(f"{year:04d}-{month:02d}")
        case "quarter":
            return parse_period(f"{year:04d}-Q{(month + 2) // 3}")
        case "half":
            return parse_period(f"{year:04d}-H{1 if month <= 6 else 2}")
        case "year":
            return parse_period(f"{year:04d}")
        case _:
            raise BadPeriod(
                f"the cadence {cadence!r} does not tile the calendar; use day, week, month, quarter, half or year"
            )
