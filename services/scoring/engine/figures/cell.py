"""A cell: one unit on one criterion; and a column of them, of which the figures are there at once and the cells when they are asked for."""

from collections.abc import Sequence
from typing import Final, Self

import msgspec

from services.contracts.event_data import Origin
from services.contracts.results import CellState
from services.scoring.engine.log.state import Figure


class Cell(msgspec.Struct, frozen=True, gc=False):
    """One unit on one criterion. `figures` made `actual`, newest first; `actual` is null unless the state is `reported`.

    Of facts, `figures` are the newest dozen; none, where a register's silence means zero.
    `last` is the older figure that the missing policy puts in for one that is `not_reported`; `period`, `origin` and `figures` are then its own.
    """

    state: CellState
    actual: float | None = None
    period: str | None = None
    origin: Origin | None = None
    figures: tuple[Figure, ...] = ()
    last: float | None = None


NOT_DUE: Final = Cell("not_due")
NOT_REPORTED: Final = Cell("not_reported")

OVERDUE: Final[tuple[CellState, ...]] = ("not_reported", "inherited")
"""States of a figure that is due and does not count: a pass that earlier units had is theirs until the new one confirms it."""


class Column:
    """The cells of one criterion (units,). Most are one figure of the very period that is asked for, and scoring needs no more of it than a
    number: its cell is made when it is asked for."""

    __slots__ = ("_held", "_origins", "_period", "actuals")

    def __init__(
        self,
        period: str,
        held: Sequence[Cell | Figure],
        origins: Sequence[Origin | None],
        actuals: Sequence[float | None],
    ) -> None:
        """`held` are cells, and figures of that period, each with its origin. `actuals` are those of all of them."""
        self._period, self._held, self._origins = period, held, origins
        self.actuals = actuals

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Self:
        """A column of cells that are there."""
        return cls("", cells, (), [cell.actual for cell in cells])

    def cell(self, row: int) -> Cell:
        held = self._held[row]
        if isinstance(held, Cell):
            return held
        return Cell("reported", self.actuals[row], self._period, self._origins[row], (held,))

    def figures(self, row: int) -> tuple[Figure, ...]:
        """The cell's, without making it."""
        held = self._held[row]
        return held.figures if isinstance(held, Cell) else (held,)

    def cells(self) -> list[Cell]:
        return [self.cell(row) for row in range(len(self.actuals))]
