"""Rows of one table as the bytes in which ClickHouse takes them: an event is never a row, nor a value in a list, on its way into the store."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Final, NamedTuple, overload

from services.storage.columns import Columns
from services.storage.native import leb128
from services.storage.rows import Row

_ARRAYS: Final = "Array("
_NULLABLES: Final = "Nullable("


class Column(NamedTuple):
    """A column of a Native block. A nullable one is two streams, which are nulls and values, an array as well: lengths (UInt64) and values."""

    name: str
    type: str

    @property
    def head(self) -> bytes:
        return b"".join(leb128(len(text)) + text for text in (self.name.encode(), self.type.encode()))

    @property
    def streams(self) -> int:
        return 2 if self.type.startswith((_ARRAYS, _NULLABLES)) else 1


class Piece(NamedTuple):
    """The rows of one record: the bytes of each stream, in the order of the columns. `order` is the record's place in the log."""

    order: tuple[int, int]
    many: int
    streams: Sequence[bytes]
    rows: Callable[[], Columns]
    """Makes the same rows, of one class, the thorough way."""


class Packed(Sequence[Row]):
    """Rows of one class, in the order of their adding. `native` is what is inserted; rows are made only when they are asked for."""

    def __init__(self, row_class: type[Row], columns: Sequence[Column], pieces: Sequence[Piece] = ()) -> None:
        self.row_class = row_class
        self._columns = columns
        self._pieces = list(pieces)
        self._rows = sum(piece.many for piece in pieces)

    def extend(self, more: "Packed") -> None:
        """Appends rows of the same class."""
        self._pieces += more._pieces
        self._rows += more._rows

    def emptied(self) -> "Packed":
        """As this one, without a row."""
        return Packed(self.row_class, self._columns)

    @property
    def names(self) -> list[str]:
        """Of the columns, in their order."""
        return [column.name for column in self._columns]

    def native(self) -> bytes:
        """One block of the Native format. Records stand in the order of the log, as the table does: what is sorted need not be sorted again."""
        pieces = sorted(self._pieces, key=lambda piece: piece.order)
        streams = iter(zip(*(piece.streams for piece in pieces), strict=True))
        head = leb128(len(self._columns)) + leb128(self._rows)
        return b"".join(chain([head], *(_column(column, streams) for column in self._columns)))

    def __len__(self) -> int:
        return self._rows

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Columns: ...
    def __getitem__(self, index: int | slice) -> Row | Columns:
        rows = Columns(self.row_class)
        for piece in self._pieces:
            rows.extend(piece.rows())
        return rows[index]


def _column(column: Column, streams: Iterator[tuple[bytes, ...]]) -> Iterator[bytes]:
    yield column.head
    first = next(streams)
    if column.type.startswith(_ARRAYS):
        yield array("Q", accumulate(array("Q", b"".join(first)))).tobytes()
    else:
        yield from first
    for _ in range(1, column.streams):
        yield from next(streams)
