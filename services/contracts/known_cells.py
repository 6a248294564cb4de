"""Cells that senders of a campaign may report, as far as they were found good: events name the same ones again and again."""

from datetime import UTC, datetime
from itertools import count
from typing import Final, NamedTuple

from services.contracts.ids import BlockId
from services.contracts.pack.indicator import Indicator

_REMEMBERED: Final = 100_000
"""For all senders of a campaign, about 40 MB; then it begins anew."""

CellKey = tuple[int, str | None, str, str]
"""(number of the sender, unit, indicator, period), as the event names them."""


class Cell(NamedTuple):
    """What a sender may report: an indicator of a unit for a period, with the block that it goes to.

    `begins` is the first instant of the period, in UTC: to compare two instants of one zone is quick.
    """

    block: BlockId
    indicator: Indicator
    begins: datetime


class KnownCells:
    """Those of one pack, boundedly many."""

    def __init__(self) -> None:
        self._senders = count()
        self.cells: dict[CellKey, Cell] = {}
        self.values: dict[CellKey, BlockId] = {}
        """The blocks of those cells that take a plain value and whose periods have begun, `values_begun` at the latest."""
        self.values_begun = datetime.min.replace(tzinfo=UTC)

    def new_sender(self) -> int:
        """A number that no other sender of this pack has."""
        return next(self._senders)

    def remember(self, key: CellKey, cell: Cell) -> None:
        if len(self.cells) >= _REMEMBERED:
            self.cells.clear()
            self.values.clear()
        self.cells[key] = cell

    def remember_value(self, key: CellKey, cell: Cell) -> None:
        """Of a remembered cell that takes a plain value, and whose period has begun."""
        self.values[key] = cell.block
        self.values_begun = max(self.values_begun, cell.begins)
