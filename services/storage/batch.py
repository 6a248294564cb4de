"""What was read and is not written yet: rows by table, and how far the log was read."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.contracts.following import Record
from services.storage.columns import Columns
from services.storage.packed import Packed
from services.storage.rows import TABLES, Row


class Partition(NamedTuple):
    topic: str
    number: int


class Written:
    """Rows of one table, with the record that each comes from."""

    def __init__(self, empty: Columns | Packed) -> None:
        self.rows = empty
        self._ends: list[int] = []
        self._records: list[Record] = []

    def add(self, record: Record, rows: Columns | Packed) -> None:
        """Of the kind with which it began."""
        self.rows.extend(rows)  # type: ignore[arg-type]  # see above
        self._ends.append(len(self.rows))
        self._records.append(record)

    def record_of(self, row: int) -> Record:
        return self._records[bisect_right(self._ends, row)]


@dataclass(slots=True)
class Batch:
    """`next_offsets` are what is committed once all rows are written."""

    started_s: float
    next_offsets: dict[Partition, int] = field(default_factory=dict)
    rows: int = 0
    size_bytes: int = 0
    _by_table: dict[tuple[type[Row], type], Written] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.next_offsets)

    def add(self, record: Record, tables: Sequence[Columns | Packed]) -> None:
        """Adds a record with its rows, which may be none."""
        for rows in tables:
            of_kind = rows.row_class, type(rows)
            written = self._by_table.get(of_kind)
            if written is None:
                written = self._by_table[of_kind] = Written(rows.emptied())
            written.add(record, rows)
            self.rows += len(rows)
        self.size_bytes += len(record.value or b"")
        self.next_offsets[Partition(record.topic, record.partition)] = record.offset + 1

    def tables(self) -> Iterator[Written]:
        """The rows of each table, in the order of `TABLES`: those that came as columns, those that came packed."""
        for row_class in TABLES:
            for kind in (Columns, Packed):
                if written := self._by_table.get((row_class, kind)):
                    yield written

    def token(self) -> str:
        """The same for the same stretch of the log."""
        return hashlib.sha256(repr(sorted(self.next_offsets.items())).encode()).hexdigest()[:32]
