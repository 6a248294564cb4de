"""Where several origins report a figure, only the first of the pack's order counts: what the others say differently is listed beside it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from services.contracts.ids import UnitId
from services.contracts.results import OriginFigure
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.figures.cell import Cell
from services.scoring.engine.figures.criterion_cells import figures_of
from services.scoring.engine.log.state import SeriesMap
from services.scoring.engine.numbers.rounding import significant

_SLACK = 1e-9


def other_origins(
    series: SeriesMap, assessment: Assessment, as_of: datetime
) -> list[OriginFigure] | msgspec.UnsetType:
    """Units in pack order, each with its criteria and their origins in the pack's order; unset where the pack does not ask for it.

    Figures of the same periods are compared: a total that lacks a month differs for another reason.
    """
    plan = assessment.plan
    checks = plan.block.feed_checks
    if checks is None or checks.origins is None:
        return msgspec.UNSET
    columns = [
        list(_differing(series, assessment, column, checks.origins, as_of))
        for column in range(len(plan.criteria))
    ]
    found = (
        one for row in range(len(assessment.units)) for column in columns for at, one in column if at == row
    )
    return list(found)


def _differing(
    series: SeriesMap, assessment: Assessment, column: int, tolerance: float, as_of: datetime
) -> Iterator[tuple[int, OriginFigure]]:
    plan, units = assessment.plan, [unit.id for unit in assessment.units]
    indicator = plan.indicators[column]
    if column in plan.undefined or len(indicator.origins) == 1:
        return
    counting = figures_of(series, plan, indicator, units, assessment.period, as_of).cells()
    for origin in indicator.origins:
        alone = indicator.model_copy(update={"origins": (origin,)})
        others = figures_of(series, plan, alone, units, assessment.period, as_of).cells()
        for row in _rows(counting, others, tolerance, are_facts=indicator.measure == "facts"):
            other = others[row].actual
            if other is not None and others[row].origin != counting[row].origin:
                criterion = plan.criteria[column].criterion
                yield row, OriginFigure(UnitId(units[row]), criterion, origin, significant(other))


def _rows(
    counting: Sequence[Cell], others: Sequence[Cell], tolerance: float, *, are_facts: bool
) -> Iterator[int]:
    """Units whose other figure is further from the counting one than the tolerated share of it."""
    for row, (own, other) in enumerate(zip(counting, others, strict=True)):
        if own.actual is None or other.actual is None:
            continue
        if own.period == other.period and (are_facts or len(own.figures) == len(other.figures)):
            allowed = tolerance * abs(own.actual)
            if abs(other.actual - own.actual) > allowed + _SLACK * max(abs(own.actual), abs(other.actual)):
                yield row
