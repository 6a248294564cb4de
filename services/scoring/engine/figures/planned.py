"""The planned paths of a block: the target of the day for each unit, its traffic light, and what it scores against that and the final target."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from services.contracts.pack.calendar import bounds
from services.contracts.pack.methods import final_target
from services.contracts.pack.model import Unit
from services.contracts.pack.paths import PlannedPath, StraightPath
from services.contracts.periods import Period, parse_period
from services.contracts.results import Light
from services.scoring.engine.figures.cell_arrays import Cells
from services.scoring.engine.figures.criterion_cells import figures_of
from services.scoring.engine.figures.path import light_of, target_at
from services.scoring.engine.log.state import SeriesMap
from services.scoring.engine.numbers.arrays import Floats
from services.scoring.engine.scoring.plan import Plan

Targets = Mapping[int, Floats]
"""By criterion with a path: (units,) the target of the day; nan where there is no path for the unit."""

NO_PATHS: Targets = {}


class OnPath(NamedTuple):
    """Where a block stands on one criterion's path, by unit. `targets` are nan and lights null where a unit has no path or no figure."""

    targets: Floats
    lights: tuple[Light | None, ...]


def paths_of(
    series: SeriesMap,
    plan: Plan,
    units: Sequence[Unit],
    cells: Cells,
    period: Period,
    as_of: datetime,
) -> dict[int, OnPath]:
    """By criterion with a path. A figure is held against the target of the last day of its own period, or of `as_of` where that comes first.

    So a quarter's figure that stands in a ranking of a later month is asked for no more than its quarter was.
    """
    today = as_of.astimezone(ZoneInfo(plan.pack.campaign.zone)).date()
    found = {}
    for column, path in plan.paths:
        bases = _own_bases(series, plan, units, column, path, as_of)
        targets = _targets(plan, column, path, [row[column].period for row in cells], bases, period, today)
        lights = _lights(plan, column, path, cells.columns[column].actuals, targets)
        found[column] = OnPath(np.array([np.nan if one is None else one for one in targets]), lights)
    return found


def targets_in(paths: Mapping[int, OnPath]) -> Targets:
    """What the scores are taken against: the target of the day, where the path says so."""
    return {column: on_path.targets for column, on_path in paths.items()}


def _own_bases(
    series: SeriesMap, plan: Plan, units: Sequence[Unit], column: int, path: PlannedPath, as_of: datetime
) -> Sequence[float | None]:
    if not isinstance(path, StraightPath) or path.base_period is None:
        return [None] * len(units)
    base_period = parse_period(path.base_period)
    ids = [unit.id for unit in units]
    return figures_of(series, plan, plan.indicators[column], ids, base_period, as_of).actuals


def _targets(
    plan: Plan,
    column: int,
    path: PlannedPath,
    periods: Sequence[str | None],
    bases: Sequence[float | None],
    ranked: Period,
    today: date,
) -> list[float | None]:
    """The target of each unit. Most figures are of one period: each day is looked up once."""
    span = parse_period(plan.pack.campaign.span)
    final = final_target(plan.targeted(column))
    found: dict[tuple[str | None, float | None], float | None] = {}
    for key in zip(periods, bases, strict=True):
        if key not in found:
            day = _day(plan, column, key[0], ranked, today)
            found[key] = target_at(path, final, span, day, key[1])
    return [found[key] for key in zip(periods, bases, strict=True)]


def _day(plan: Plan, column: int, period: str | None, ranked: Period, today: date) -> date:
    cut_off_day = plan.pack.campaign.days.cut_off_day
    _, last = bounds(ranked, cut_off_day)
    if period is None:
        return min(last, today)
    _, own = bounds(parse_period(period), cut_off_day, plan.indicators[column].year_starts)
    return min(own, last, today)


def _lights(
    plan: Plan,
    column: int,
    path: PlannedPath,
    actuals: Sequence[float | None],
    targets: Sequence[float | None],
) -> tuple[Light | None, ...]:
    direction = plan.directions[column]
    return tuple(
        None if actual is None or target is None else light_of(path.lights, direction, actual, target)
        for actual, target in zip(actuals, targets, strict=True)
    )
