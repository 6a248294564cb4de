"""Cells become scores, criterion by criterion: the method, then what a missing figure costs, then the rounding that the pack names."""

from collections.abc import Sequence

import numpy as np

from services.contracts.pack.model import Criterion, Indicator
from services.scoring.engine.arrays import Booleans, Floats
from services.scoring.engine.cells import Cell
from services.scoring.engine.methods import score
from services.scoring.engine.plan import Plan
from services.scoring.engine.rounding import to_ticks

Rows = Sequence[Sequence[Cell]]
"""The cells of each unit, in the order of the plan's criteria."""


def scores_of(plan: Plan, cells: Rows) -> Floats:
    """(units, criteria) scores; nan where the criterion does not count for the unit."""
    scores = np.full((len(cells), len(plan.criteria)), np.nan)
    for column, (criterion, indicator) in enumerate(zip(plan.criteria, plan.indicators, strict=True)):
        scores[:, column] = _column(criterion, indicator, [row[column] for row in cells])
        if criterion.decimals is not None:
            scores[:, column] = _rounded(scores[:, column], plan.points(column), criterion.decimals)
    return scores


def in_state(cells: Rows, column: int, state: str) -> Booleans:
    """(units,) whether the unit's cell is in that state."""
    return np.array([row[column].state == state for row in cells], dtype=bool)


def _column(criterion: Criterion, indicator: Indicator, cells: Sequence[Cell]) -> Floats:
    """By the method; an overdue figure scores 0 under `zero`, 0/0 what the criterion says, and all else that is missing does not count."""
    actuals = np.array([np.nan if cell.actual is None else cell.actual for cell in cells])
    scores = score(criterion.scoring, indicator.direction, actuals)
    if criterion.missing == "zero":
        scores[[cell.state == "not_reported" for cell in cells]] = 0.0
    if criterion.zero_over_zero != "exclude":
        scores[[cell.state == "not_applicable" for cell in cells]] = criterion.zero_over_zero == "full"
    return scores


def _rounded(scores: Floats, points: float, decimals: int) -> Floats:
    """Scores whose `points` × score has no more than `decimals` decimals."""
    known = ~np.isnan(scores)
    rounded = scores.copy()
    rounded[known] = to_ticks(points * scores[known], decimals) / 10.0**decimals / points
    return rounded
