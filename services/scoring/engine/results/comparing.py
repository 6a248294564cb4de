"""Two assessments of one plan beside one another: the same units, figures that were reported again, groups that can be compared."""

from typing import Final

import numpy as np

from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.figures.cell import Cell

_REPEATABLE: Final = ("value", "ratio")

Pair = tuple[int, int]
"""Rows of one unit, before and now."""


def pairs_of(before: Assessment, now: Assessment) -> list[Pair]:
    """The units that are in both, in the order of now."""
    rows = {unit.id: row for row, unit in enumerate(before.units)}
    return [(rows[unit.id], row) for row, unit in enumerate(now.units) if unit.id in rows]


def repeated(before: Assessment, now: Assessment, pair: Pair) -> dict[int, bool]:
    """By criterion whose figure the unit reported again since, whether it is exactly the old one.

    Passed or not is no evidence: a title that is held is reported the same for years. Nor are facts: each is its own.
    """
    then, cells = before.cells[pair[0]], now.cells[pair[1]]
    return {
        at: _figures(then[at]) == _figures(cells[at])
        for at, indicator in enumerate(now.plan.indicators)
        if indicator.measure in _REPEATABLE and _is_again(then[at], cells[at])
    }


def is_comparable(before: Assessment, now: Assessment, pair: Pair, node: int) -> bool:
    """Whether the unit has a score at the node, before and now, of figures in the same states."""
    old, row = pair
    if np.isnan(before.nodes[node][old]) or np.isnan(now.nodes[node][row]):
        return False
    return all(before.cells[old][at].state == now.cells[row][at].state for at in now.plan.criteria_in(node))


def _is_again(then: Cell, now: Cell) -> bool:
    """Whether both have a figure, from two different reports: one that stands in for another period repeats by itself."""
    both = then.actual is not None and now.actual is not None
    return both and then.figures[0].event != now.figures[0].event


def _figures(cell: Cell) -> list[tuple[float, float]]:
    return [(figure.amount, figure.of) for figure in cell.figures]
