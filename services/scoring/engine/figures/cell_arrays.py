"""A block's cells, and their figures as arrays: gathered once, then every criterion is scored and counted from its column."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Self, overload

import numpy as np

from services.scoring.engine.figures.cell import OVERDUE, Cell, Column
from services.scoring.engine.numbers.arrays import Booleans, Floats


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


class Cells(Sequence[Sequence[Cell]]):
    """A row for each unit, in the order of the plan's criteria. Rows are made when one is asked for."""

    def __init__(self, columns: Sequence[Column], units: int) -> None:
        self.columns = columns
        self._units = units

    @classmethod
    def of(cls, rows: Sequence[Sequence[Cell]], criteria: int) -> Self:
        """Of cells that are there."""
        return cls([Column.of([row[column] for row in rows]) for column in range(criteria)], len(rows))

    def __len__(self) -> int:
        return self._units

    @overload
    def __getitem__(self, row: int) -> Sequence[Cell]: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Sequence[Cell]]: ...
    def __getitem__(self, row: int | slice) -> Sequence[Cell] | Sequence[Sequence[Cell]]:
        return self._rows[row]

    @cached_property
    def _rows(self) -> list[tuple[Cell, ...]]:
        return list(zip(*(column.cells() for column in self.columns), strict=True))

    def arrays(self) -> CellArrays:
        """Most cells are reported: only the others are looked at one by one."""
        shape = len(self.columns), self._units
        actual = np.array([column.actuals for column in self.columns], dtype=np.float64).reshape(shape)
        last = np.full(shape, np.nan)
        overdue, inapplicable = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        for column, row in np.argwhere(np.isnan(actual)).tolist():
            cell = self.columns[column].cell(row)
            overdue[column, row] = cell.state in OVERDUE
            inapplicable[column, row] = cell.state == "not_applicable"
            if cell.last is not None:
                last[column, row] = cell.last
        return CellArrays(actual.T, last.T, overdue.T, inapplicable.T)
