"""How many columns, rows and screens a block takes on a wall of 1920 x 1080, read from five metres."""

from dataclasses import dataclass
from math import ceil
from typing import Final, Literal

ONE_COLUMN: Final = 10
TWO_COLUMNS: Final = 36
THREE_WITH_CELLS: Final = 51
"""17 rows of two lines in three columns: fewer rows rather than smaller text."""
THREE_COLUMNS: Final = 69
"""23 rows of one line in three columns, without the cells of the groups: one screen is worth more than the cells."""

Shape = Literal["one", "two", "cells", "line", "end"]
"""`end` is a row of the top or the bottom of the table, beside a map."""
Panel = Literal["side", "bar", "map", "none"]


@dataclass(frozen=True, slots=True)
class Layout:
    """`shape` names the row's form; a screen holds `columns` x `rows` units; `panel` is where the flags stand."""

    shape: Shape
    columns: int
    rows: int
    pages: int
    per_page: int
    panel: Panel

    def page_of(self, place: int) -> int:
        """Which screen, from 0, holds the unit at that place of the board, from 0."""
        return min(place // self.per_page, self.pages - 1)


def layout_for(units: int, *, has_groups: bool, has_flags: bool) -> Layout:
    """The layout of a block. Above 69 units it takes several screens, equally full, that take turns."""
    beside: Panel = "side" if has_flags else "none"
    below: Panel = "bar" if has_flags else "none"
    if units <= ONE_COLUMN:
        return _filled("one", 1, units, 1, beside)
    if units <= TWO_COLUMNS:
        return _filled("two", 2, units, 1, beside)
    if THREE_WITH_CELLS < units <= THREE_COLUMNS or not has_groups:
        return _filled("line", 3, units, ceil(units / THREE_COLUMNS), below)
    return _filled("cells", 3, units, ceil(units / THREE_WITH_CELLS), below)


def _filled(shape: Shape, columns: int, units: int, pages: int, panel: Panel) -> Layout:
    rows = max(1, ceil(ceil(units / pages) / columns))
    per_page = min(ceil(units / pages), rows * columns) if units else 1
    return Layout(shape, columns, rows, pages, max(1, per_page), panel)
