"""Compares Kafka's log with the one in ClickHouse, event by event; what one side lacks over several records is told in one sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Finding, Kind
from services.cli.auditing.pairs import Pair
from services.cli.auditing.row_comparison import differing_columns
from services.cli.auditing.sides import StoredRecord
from services.cli.backup_folder import Copied
from services.cli.counted import counted
from services.cli.differences import named_differences
from services.contracts.event_data import WHOLE_RECORD
from services.contracts.following import Record
from services.contracts.topics import EVENTS
from services.storage.decoding.events import event_rows
from services.storage.decoding.origin import Origin
from services.storage.rows import RawEventRow

TABLE: Final = "raw_log"

Found = tuple[int, Finding]
"""A finding with the offset that it is about."""


@dataclass
class LogComparison:
    """Of one partition. `stored_to` is what storage had committed: what lies at or above it may still come."""

    log_id: UUID
    partition: int
    stored_to: int
    records: int = 0
    events: int = 0
    waiting: int = 0
    """Records that storage has not come to yet."""
    _lacking: "_Run | None" = None

    def compare(self, pair: Pair, block: str) -> Iterator[Found]:
        """What differs at the pair's offset, and what was lacking before it."""
        if pair.kafka is None or pair.stored is None:
            yield from self._one_sided(pair, block)
            return
        yield from self.end()
        self.records += 1
        yield from self._events(pair.kafka, pair.stored, block)

    def end(self) -> Iterator[Found]:
        """Tells of what was lacking up to here."""
        if self._lacking is not None:
            yield self._lacking.first, self._lacking.finding(self.partition)
        self._lacking = None

    def _one_sided(self, pair: Pair, block: str) -> Iterator[Found]:
        if pair.kafka is not None and pair.offset >= self.stored_to:
            self.waiting += 1
            return
        where = CLICKHOUSE if pair.kafka is not None else KAFKA
        count = len(self._expected(pair.kafka) if pair.kafka else pair.stored.rows if pair.stored else ())
        if self._lacking is None or (self._lacking.where, self._lacking.block) != (where, block):
            yield from self.end()
            self._lacking = _Run(where, block, pair.offset)
        self._lacking.add(pair.offset, count)

    def _events(self, kafka: Copied, stored: StoredRecord, block: str) -> Iterator[Found]:
        expected = {row.index: row for row in self._expected(kafka)}
        held = {row.index: row for row in stored.rows}
        self.events += len(expected)
        for index in sorted(expected.keys() | held.keys()):
            if expected.get(index) != held.get(index):
                for finding in self._event(expected.get(index), held.get(index), block):
                    yield kafka.offset, finding

    def _event(self, expected: RawEventRow | None, held: RawEventRow | None, block: str) -> Iterator[Finding]:
        row = expected or held
        assert row is not None
        place = f"{EVENTS.name}/{row.partition}/{row.offset}/{row.index}"
        if expected is None or held is None:
            where, other = (KAFKA, "ClickHouse") if expected is None else (CLICKHOUSE, "Kafka")
            what = [f"the event {_called(row)} stands in {other} only"]
            yield Finding(kind=Kind.MISSING_EVENT, block=block, where=where, what=what, place=place)
            return
        if expected.body != held.body:
            what = [
                f"the bytes of {_called(expected)} in ClickHouse are not those in Kafka",
                *named_differences(expected.body, held.body),
            ]
            yield Finding(kind=Kind.CHANGED_EVENT, block=block, where=CLICKHOUSE, what=what, place=place)
            return
        key = {"partition": row.partition, "offset": row.offset, "index": row.index}
        yield from differing_columns(TABLE, expected, held, key, block)

    def _expected(self, kafka: Copied) -> list[RawEventRow]:
        record = Record(
            EVENTS.name,
            self.partition,
            kafka.offset,
            (kafka.key or b"").decode(errors="replace"),
            kafka.value,
            (),
            kafka.timestamp_ms,
        )
        rows = event_rows(record, Origin(self.log_id, 1))
        return [row for row in rows if isinstance(row, RawEventRow)]


@dataclass
class _Run:
    """Offsets that one side lacks, one after the other."""

    where: str
    block: str
    first: int
    last: int = 0
    records: int = 0
    events: int = field(default=0)

    def add(self, offset: int, events: int) -> None:
        self.last = offset
        self.records += 1
        self.events += events

    def finding(self, partition: int) -> Finding:
        other = "ClickHouse" if self.where == KAFKA else "Kafka"
        span = f"offset {self.first}" if self.records == 1 else f"offsets {self.first} to {self.last}"
        what = (
            f"{span}: {counted(self.records, 'record')} with {counted(self.events, 'event')} in {other} only"
        )
        place = f"{EVENTS.name}/{partition}/{self.first}"
        return Finding(kind=Kind.MISSING_EVENT, block=self.block, where=self.where, what=[what], place=place)


def _called(row: RawEventRow) -> str:
    if row.index == WHOLE_RECORD:
        return "(the whole record)"
    return f"{row.source} {row.id}" if row.id else "(unreadable)"
