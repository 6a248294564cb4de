"""Checks that a planned path fits its criterion, its indicator and the campaign's span."""

from collections.abc import Iterator
from datetime import date

from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import Targeted, final_target
from services.contracts.pack.paths import MilestonePath, MonthlyPath, PlannedPath, StraightPath
from services.contracts.pack.scheme import Criterion
from services.contracts.periods import BadPeriod, Period, parse_period

Words = tuple[str, str]
"""(what is wrong, what to write instead)."""


def path_faults(criterion: Criterion, indicator: Indicator | None, span: Period | None) -> Iterator[Words]:
    """What is wrong with the criterion's path. `indicator` and `span` are null where they are wrong themselves."""
    path, method = criterion.path, criterion.scoring
    if path is None:
        return
    if not isinstance(method, Targeted):
        yield (
            f"{method.method} has no target that a path could lead to",
            "a path with target_ratio, capped_ratio, exceedance or pass_fail",
        )
        return
    if indicator is not None and indicator.measure == "passed":
        yield f"{indicator.id!r} is passed or not and has no path", "no path"
    if (
        indicator is not None
        and criterion.per is not None
        and isinstance(path, StraightPath)
        and path.base_period
    ):
        yield (
            "the base of a figure with a denominator is not known",
            "base: ... with the figure per denominator",
        )
    yield from _periods(path)
    if span is not None:
        yield from _days(path, span)
        yield from _months(path, final_target(method), span)


def _periods(path: PlannedPath) -> Iterator[Words]:
    named = [
        (path.base_period, "the period of the base, as in 2020") if isinstance(path, StraightPath) else None,
        (path.first, "a month, as in 2025-01") if isinstance(path, MonthlyPath) else None,
    ]
    for text, instead in filter(None, named):
        if text is not None and _period(text) is None:
            yield f"{text!r} is no period", instead
    first = _period(path.first) if isinstance(path, MonthlyPath) and path.first else None
    if first is not None and first.cadence != "month":
        yield f"{first} is a {first.cadence}, the path is by the month", "a month, as in 2025-01"


def _period(text: str) -> Period | None:
    try:
        return parse_period(text)
    except BadPeriod:
        return None


def _days(path: PlannedPath, span: Period) -> Iterator[Words]:
    """The last point is the end, after all others and not after the campaign."""
    if isinstance(path, MonthlyPath):
        return
    end = path.end or span.last
    if end > span.last:
        yield f"the path ends on {end}, after the campaign", f"an end on or before {span.last}"
    last = _last_before_end(path)
    if last is not None and last >= end:
        yield f"the path has {last} before its end, {end}", f"a day before {end}"


def _last_before_end(path: StraightPath | MilestonePath) -> date | None:
    if isinstance(path, MilestonePath):
        return path.milestones[-1].day
    if path.start is None and path.base_period is not None:
        base = _period(path.base_period)
        return None if base is None else base.last
    return path.start


def _months(path: PlannedPath, final: float, span: Period) -> Iterator[Words]:
    """A table that reaches its end says the target there."""
    if not isinstance(path, MonthlyPath):
        return
    month = _period(path.first or f"{span.first.year:04d}-01")
    if month is None or month.cadence != "month":
        return
    for _ in path.values[1:]:
        month = month.following()
    if month.last > span.last and path.resets == "never":
        yield (
            f"the {len(path.values)} values go on to {month}, after the campaign",
            f"values up to {span.last}",
        )
    elif (month.last == span.last or path.resets == "year") and path.values[-1] != final:
        yield f"the last value is {path.values[-1]:g}, the target {final:g}", f"{final:g} as the last value"
