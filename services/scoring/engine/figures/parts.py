"""Parts that are more than their whole: "of which domestic" above the total. A notice for a person to look at; no score changes.

It is no reason to refuse a report: the part and the whole come from different people and in either order, and until both are there nobody can
tell which of them is wrong. So both are kept, and the evaluation says where they do not fit.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from services.contracts.ids import UnitId
from services.contracts.results import Notice
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.figures.cell import Cell
from services.scoring.engine.figures.criterion_cells import figures_of
from services.scoring.engine.log.state import SeriesMap
from services.scoring.engine.numbers.rounding import significant
from services.scoring.engine.scoring.plan import Plan

_SLACK = 1e-9
"""Sums of parts may come to a hair more than the whole."""


def has_parts(plan: Plan) -> bool:
    """Whether any indicator of the block is a part of another."""
    return any(indicator.part_of is not None for indicator in plan.indicators)


def parts_above_wholes(series: SeriesMap, assessment: Assessment, as_of: datetime) -> Iterator[Notice]:
    """In the order of the criteria, each indicator once. Of ratios the numerators are compared, whatever they are of.

    Only figures of the same periods are compared: otherwise the difference is one of time.
    """
    plan, period, told = assessment.plan, assessment.period, set()
    units = [unit.id for unit in assessment.units]
    for criterion, part in zip(plan.criteria, plan.indicators, strict=True):
        whole = None if part.part_of is None else plan.pack.indicator_on(part.part_of, period.last)
        if whole is None or part.id in told:
            continue
        told.add(part.id)
        parts, wholes = (figures_of(series, plan, one, units, period, as_of).cells() for one in (part, whole))
        yield from _noticed(criterion.criterion, assessment, parts, wholes)


def _noticed(
    criterion: str, assessment: Assessment, parts: Sequence[Cell], wholes: Sequence[Cell]
) -> Iterator[Notice]:
    both = {
        row: (_amount(one), _amount(other))
        for row, (one, other) in enumerate(zip(parts, wholes, strict=True))
        if one.figures and (one.period, len(one.figures)) == (other.period, len(other.figures))
    }
    above = {row: own - whole for row, (own, whole) in both.items() if own > whole + _SLACK * abs(whole)}
    if above:
        units = [UnitId(assessment.units[row].id) for row in above]
        most = significant(max(above.values()))
        yield Notice("part_above_whole", assessment.period.text, criterion, units, len(both), most, 0.0)


def _amount(cell: Cell) -> float:
    return math.fsum(figure.amount for figure in cell.figures)
