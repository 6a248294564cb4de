"""A block's cells as arrays: gathered once, then every criterion is scored and counted from its column."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from services.scoring.engine.figures.cells import OVERDUE, Cell
from services.scoring.engine.numbers.arrays import Booleans, Floats

Rows = Sequence[Sequence[Cell]]
"""The cells of each unit, in the order of the plan's criteria."""


class CellArrays(NamedTuple):
    """(units, criteria) each, or (units,) of one criterion."""

    actual: Floats
    """nan where there is none, which is wherever the state is not `reported`."""
    last: Floats
    """The older figure that may be put in; nan where there is none."""
    overdue: Booleans
    inapplicable: Booleans

    def columns(self) -> "Iterator[CellArrays]":
        """Each criterion's own."""
        return (
            CellArrays(*own) for own in zip(*(np.ascontiguousarray(array.T) for array in self), strict=True)
        )

    @property
    def reported(self) -> Booleans:
        """Where a figure counts."""
        return ~np.isnan(self.actual)


def arrays_of(cells: Rows, criteria: int) -> CellArrays:
    """Most cells are reported: only the others are looked at one by one."""
    shape = len(cells), criteria
    actual = np.array([cell.actual for row in cells for cell in row], dtype=np.float64).reshape(shape)
    last = np.full(shape, np.nan)
    overdue, inapplicable = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for row, column in np.argwhere(np.isnan(actual)).tolist():
        cell = cells[row][column]
        overdue[row, column] = cell.state in OVERDUE
        inapplicable[row, column] = cell.state == "not_applicable"
        if cell.last is not None:
            last[row, column] = cell.last
    return CellArrays(actual, last, overdue, inapplicable)
