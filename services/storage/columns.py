"""Rows of one table held as columns, the form in which they are inserted: no step between a record and the store makes rows of them."""

from collections.abc import Iterable, Sequence
from typing import Any, Self, overload

from services.storage.rows import Row


class Columns(Sequence[Row]):
    """A sequence of rows of one class. `values` has a list for each field, all of one length; rows are made only when asked for."""

    def __init__(self, row_class: type[Row], values: list[list[Any]] | None = None) -> None:
        self.row_class = row_class
        self.values = values if values is not None else [[] for _ in row_class._fields]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """Of at least one row, all of one class."""
        return cls(type(rows[0]), [list(column) for column in zip(*rows, strict=True)])

    def extend(self, more: "Columns") -> None:
        """Appends rows of the same class."""
        for column, added in zip(self.values, more.values, strict=True):
            column.extend(added)

    def emptied(self) -> "Columns":
        """As this one, without a row."""
        return Columns(self.row_class)

    def __len__(self) -> int:
        return len(self.values[0])

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> "Columns": ...
    def __getitem__(self, index: int | slice) -> "Row | Columns":
        if isinstance(index, slice):
            return Columns(self.row_class, [column[index] for column in self.values])
        return self.row_class(*(column[index] for column in self.values))


def by_table(rows: Iterable[Row]) -> list[Columns]:
    """The rows of each class, in the order in which the classes first come."""
    found: dict[type[Row], list[Row]] = {}
    for row in rows:
        found.setdefault(type(row), []).append(row)
    return [Columns.of(of_class) for of_class in found.values()]
