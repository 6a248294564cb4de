"""The two copies of the log that an audit reads, record by record: Kafka's, and the one that storage keeps in ClickHouse."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from clickhouse_connect.driver.exceptions import Error
from urllib3.exceptions import HTTPError

from services.cli.auditing import reads
from services.cli.backup_folder import Copied
from services.cli.broker import KafkaBroker, Span
from services.cli.failures import CannotReach
from services.cli.log_copy import LogCopier
from services.cli.publishing import published_packs
from services.cli.stored_scores import unreachable
from services.contracts.event_data import WHOLE_RECORD
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.stored import Read
from services.contracts.topics import EVENTS, Topic
from services.scoring.worker.ports import LogRecord
from services.storage.rows import RawEventRow

T = TypeVar("T")

PAGE_ROWS: Final = 20_000
"""Some 10 MB of events, and 0.1 s of ClickHouse."""

_BEFORE_THE_FIRST: Final = -2


class LogSide(Protocol):
    """Kafka. Every method raises `CannotReach` when it does not answer."""

    def partitions(self) -> int: ...

    def packs(self) -> PackCatalog: ...

    def log_id(self, topic: Topic) -> UUID:
        """Kafka's id of the topic: another one after it was created anew."""

    def spans(self, topic: Topic) -> dict[int, Span]: ...

    def committed(self, group: str, topic: Topic) -> dict[int, int]:
        """By partition, the next offset of the group; partitions without a commit are left out."""

    def records(self, topic: Topic, partition: int, start: int, end: int) -> Iterator[Copied]:
        """What the topic holds of [start, end), in order."""


class KafkaSide:
    """A `LogSide` of a broker."""

    def __init__(self, broker: KafkaBroker, copier: LogCopier) -> None:
        self._broker = broker
        self._copier = copier

    def partitions(self) -> int:
        held = self._broker.existing([EVENTS]).get(EVENTS.name)
        if held is None:
            raise CannotReach(
                f"The topic {EVENTS.name} does not exist.", "Create the topics: thidua topics create."
            )
        return held.partitions

    def packs(self) -> PackCatalog:
        return published_packs(self._broker)

    def log_id(self, topic: Topic) -> UUID:
        return self._broker.log_id(topic)

    def spans(self, topic: Topic) -> dict[int, Span]:
        return self._broker.spans(topic)

    def committed(self, group: str, topic: Topic) -> dict[int, int]:
        return {number: one.offset for number, one in self._broker.committed(group, topic).items()}

    def records(self, topic: Topic, partition: int, start: int, end: int) -> Iterator[Copied]:
        if start < end:
            for polled in self._copier.read(topic.name, partition, start, end):
                yield from polled


class StoredRecord(NamedTuple):
    """A record of the log as ClickHouse holds it: its events, in order."""

    offset: int
    rows: list[RawEventRow]

    @property
    def value(self) -> bytes:
        """The record's bytes: whole where they are kept whole, else its events in the one form that we write."""
        if self.rows[0].index == WHOLE_RECORD:
            return self.rows[0].body
        return b"[" + b",".join(row.body for row in self.rows) + b"]"

    def record(self) -> LogRecord:
        first = self.rows[0]
        return LogRecord(self.offset, first.block.encode(), self.value, first.logged)


class Rows(Protocol):
    """A `services.contracts.stored.StoreReader`."""

    def rows(self, read: Read[T], **parameters: str | int | list[str]) -> list[T]: ...


class StoredSide:
    """ClickHouse. Every method raises `CannotReach` when it does not answer."""

    def __init__(self, reader: Rows, page_rows: int = PAGE_ROWS) -> None:
        self._reader = reader
        self._page_rows = page_rows

    def rows(self, read: Read[T], **parameters: str | int | list[str]) -> list[T]:
        try:
            return self._reader.rows(read, **parameters)
        except (Error, HTTPError, OSError) as error:
            raise unreachable(error) from error

    def log(
        self, log_id: UUID, partition: int, block: BlockId | None, start: int = 0
    ) -> Iterator[StoredRecord]:
        """A partition's records from an offset on, in order; of all blocks, or of one."""
        record: list[RawEventRow] = []
        for row in self._log_rows(log_id, partition, block, start):
            if record and record[0].offset != row.offset:
                yield StoredRecord(record[0].offset, record)
                record = []
            record.append(row)
        if record:
            yield StoredRecord(record[0].offset, record)

    def _log_rows(
        self, log_id: UUID, partition: int, block: BlockId | None, start: int
    ) -> Iterator[RawEventRow]:
        place = (start, _BEFORE_THE_FIRST)
        fixed: dict[str, Any] = {"log": str(log_id), "partition": partition, "block": block or ""}
        while page := self.rows(reads.LOG, **fixed, offset=place[0], index=place[1], rows=self._page_rows):
            yield from page
            if len(page) < self._page_rows:
                return
            place = (page[-1].offset, page[-1].index)
