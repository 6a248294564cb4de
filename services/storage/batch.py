"""What was read and is not written yet: rows by table, and how far the log was read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from services.contracts.following import Record
from services.storage.rows import TABLES, Row


class Partition(NamedTuple):
    topic: str
    number: int


class Written(NamedTuple):
    """A row with the record that it comes from."""

    row: Row
    record: Record


@dataclass(slots=True)
class Batch:
    """`next_offsets` are what is committed once all rows are written."""

    started_s: float
    next_offsets: dict[Partition, int] = field(default_factory=dict)
    rows: int = 0
    size_bytes: int = 0
    _by_table: dict[type[Row], list[Written]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.next_offsets)

    def add(self, record: Record, rows: list[Row]) -> None:
        for row in rows:
            self._by_table.setdefault(type(row), []).append(Written(row, record))
        self.rows += len(rows)
        self.size_bytes += len(record.value or b"")
        self.next_offsets[Partition(record.topic, record.partition)] = record.offset + 1

    def tables(self) -> Iterator[list[Written]]:
        """The rows of each table, in the order of `TABLES`."""
        for row_class in TABLES:
            if written := self._by_table.get(row_class):
                yield written

    def token(self) -> str:
        """The same for the same stretch of the log."""
        return hashlib.sha256(repr(sorted(self.next_offsets.items())).encode()).hexdigest()[:32]
