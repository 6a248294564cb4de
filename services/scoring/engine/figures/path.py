"""Planned paths: the target of a day, and the traffic light of a figure against it.

A path is a chain of points (day, value), the last of which is the final target: straight lines between them, or steps. Only additions,
multiplications and divisions of doubles, so the same on every machine.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from services.contracts.pack.paths import Lights, MilestonePath, MonthlyPath, PlannedPath, StraightPath
from services.contracts.periods import Period, parse_period
from services.contracts.results import Light
from services.scoring.engine.figures.calendar import earlier
from services.scoring.engine.numbers.arrays import Direction

_SLACK = 1e-9
"""A figure that is nine tenths of its target may come to a hair less than 0.9 of it."""

_DAY = timedelta(days=1)


class Point(NamedTuple):
    """What is to be reached by the end of a day."""

    day: date
    value: float


def target_at(
    path: PlannedPath, final: float, span: Period, day: date, own_base: float | None = None
) -> float | None:
    """What the path asks for at the end of `day`: before its first point that point's value, from its last on the final target.

    `own_base` is the unit's figure of the path's `base_period`; null without one, and then there is no path for that unit.
    """
    base = own_base if isinstance(path, StraightPath) and path.base_period is not None else 0.0
    if base is None:
        return None
    points = _points(path, final, _stretch(path, span, day), base)
    at = bisect_right(points, day, key=lambda point: point.day)
    if at in (0, len(points)):
        return points[max(at - 1, 0)].value
    before, after = points[at - 1], points[at]
    if isinstance(path, MilestonePath) and path.steps:
        return before.value
    share = (day - before.day).days / (after.day - before.day).days
    return before.value + (after.value - before.value) * share


def light_of(lights: Lights, direction: Direction, actual: float, target: float) -> Light:
    """By attainment A / T, where less is better T / A. A target at or below 0 has no such share: a figure as good as that is on the path."""
    reached = attainment(direction, actual, target)
    if reached >= lights.on_path - _SLACK:
        return "on_path"
    return "at_risk" if reached >= lights.at_risk - _SLACK else "off_path"


def attainment(direction: Direction, actual: float, target: float) -> float:
    """A / T, where less is better T / A; infinite where the target is reached and the division says nothing, 0 where it is not."""
    above, below = (actual, target) if direction == "higher" else (target, actual)
    if below > 0:
        return above / below
    return float("inf") if above >= below else 0.0


def starts_on(path: StraightPath, span: Period) -> date:
    """The day of the straight path's base."""
    if path.start is not None:
        return path.start
    if path.base_period is not None:
        return parse_period(path.base_period).last
    return max(span.first, date.min + _DAY) - _DAY


def _stretch(path: PlannedPath, span: Period, day: date) -> Period:
    """What the path is for: the campaign, or the year of that day."""
    resets = not isinstance(path, MilestonePath) and path.resets == "year"
    return parse_period(f"{day.year:04d}") if resets else span


@lru_cache(maxsize=4096)
def _points(path: PlannedPath, final: float, stretch: Period, own_base: float) -> tuple[Point, ...]:
    match path:
        case StraightPath():
            start = starts_on(path, stretch)
            base = own_base if path.base is None else path.base
            return Point(start, base), Point(path.end or stretch.last, final)
        case MilestonePath():
            reached = [Point(one.day, one.value) for one in path.milestones]
            return *reached, Point(path.end or stretch.last, final)
        case MonthlyPath():
            months = _months(path, stretch)
            return tuple(months if months[-1].day >= stretch.last else [*months, Point(stretch.last, final)])


def _months(path: MonthlyPath, stretch: Period) -> Sequence[Point]:
    """The base on the day before the first month, then the end of each."""
    month = parse_period(path.first or f"{stretch.first.year:04d}-01")
    base = path.values[0] if path.base is None else path.base
    points = [Point(earlier(month, 1).last, base)]
    for value in path.values:
        points.append(Point(month.last, value))
        month = month.following()
    return points
