"""The loop: read, decode, write, commit. Commit comes last, and writing twice is writing once, so a kill at any moment loses nothing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Final, Protocol
from uuid import uuid4

import structlog

from services.contracts.following import Record
from services.contracts.metrics import StorageMetrics
from services.contracts.steps import COUNTED_WITHIN_US
from services.contracts.topics import DEAD_LETTERS
from services.contracts.tracing import trace_of
from services.storage.batch import Batch, Written
from services.storage.columns import Columns
from services.storage.decoding import Origin, Undecodable, decode
from services.storage.errors import RowsRefused, TryAgain
from services.storage.logs import Logs
from services.storage.packed import Packed
from services.storage.progress import Progress
from services.storage.rows import TABLES, RecordTimeRow
from services.storage.source import Source
from services.storage.store import Store

_log = structlog.get_logger("thidua.storage")

_POLL_S: Final = 0.2
_LAG_EVERY_S: Final = 1.0
_AGE_PER_WRITING: Final = 4.0
"""A batch gathers for so many times as long as the last took to write: under load few large parts, which cost ClickHouse a third less."""


class DeadLetters(Protocol):
    def send(self, letters: Sequence[tuple[Record, str]]) -> None:
        """Write (record, why) to the dead letters; returns when the broker has them. Raises `BrokerUnavailable`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A batch is written when it has so many rows or bytes, or is so old: `age_s`, or more up to `age_max_s` while inserts take long.
    Failed inserts come again after `retry_s`, doubling up to `retry_max_s`."""

    rows: int
    size_bytes: int
    age_s: float
    age_max_s: float
    retry_s: float
    retry_max_s: float


class Writer:
    """One thread's work. `run` returns when `stopping` is set; what is not written then is read again at the next start."""

    def __init__(
        self,
        source: Source,
        store: Store,
        logs: Logs,
        dead_letters: DeadLetters,
        limits: Limits,
        progress: Progress,
        stopping: Event,
        monotonic_s: Callable[[], float] = time.monotonic,
        wall_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
        metrics: StorageMetrics | None = None,
    ) -> None:
        self._source = source
        self._store = store
        self._logs = logs
        self._dead_letters = dead_letters
        self._limits = limits
        self._progress = progress
        self._stopping = stopping
        self._monotonic_s = monotonic_s
        self._wall_us = wall_us
        self._metrics = metrics or StorageMetrics()
        self._run_id = (
            uuid4().hex
        )  # a token must not outlive the process: an emptied table is to be filled again
        self._batch = Batch(monotonic_s())
        self._refused: list[tuple[Record, str]] = []
        self._age_s = limits.age_s
        self._measured_s = 0.0

    def run(self) -> None:
        while not self._stopping.is_set():
            self.turn()
        if self._batch:
            self.flush()

    def turn(self) -> None:
        """Read once; write when it is time."""
        records = self._source.poll(self._wait_s())
        if self._source.take_reassigned() and not self._until_done(self._logs.refresh, "topic ids"):
            return
        for record in records:
            self._take(record)
            if self._is_due():
                self.flush()
        if self._is_due():
            self.flush()
        self._measure()

    def flush(self) -> None:
        """Write the batch and commit. Leaves everything uncommitted when stopped before it could be written."""
        batch, began_s = self._batch, self._monotonic_s()
        for written in batch.tables():
            kind = f"{written.rows.row_class.__name__}:{type(written.rows).__name__}"
            token = f"{self._run_id}:{batch.token()}:{kind}"
            if not self._write(written, token, 0, len(written.rows)):
                return
        if self._refused and not self._until_done(self._send_refused, "dead letters"):
            return
        self._source.commit(batch.next_offsets)
        self._batch = Batch(self._monotonic_s())
        self._age_s = self._age_after(self._monotonic_s() - began_s)
        self._progress.inserted(batch.rows)

    def _age_after(self, writing_s: float) -> float:
        return min(max(self._limits.age_s, _AGE_PER_WRITING * writing_s), self._limits.age_max_s)

    def _take(self, record: Record) -> None:
        if not self._batch:
            self._batch = Batch(self._monotonic_s())
        log_id, generation = self._logs.of(record.topic)
        try:
            tables = decode(record, Origin(log_id, generation))
        except Undecodable as error:
            tables = ()
            self._refuse(record, str(error))
        self._batch.add(record, tables)

    def _write(self, written: Written, token: str, first: int, end: int) -> bool:
        """Whether rows `first` to `end` are written, but for those that the store can never take. False when stopped before that."""
        rows = written.rows if end - first == len(written.rows) else written.rows[first:end]
        try:
            return self._until_done(lambda: self._insert(rows, token), rows.row_class.__name__)
        except RowsRefused as error:
            if end - first == 1:
                self._refuse(written.record_of(first), str(error))
                return True
            middle = (first + end) // 2
            return self._write(written, token + "<", first, middle) and self._write(
                written, token + ">", middle, end
            )

    def _insert(self, rows: Columns | Packed, token: str) -> None:
        with self._metrics.insert_seconds.time():
            self._store.insert(rows, token)
        self._metrics.rows.labels(TABLES[rows.row_class]).inc(len(rows))
        if rows.row_class is RecordTimeRow:
            self._measure_way(rows)

    def _measure_way(self, rows: Columns | Packed) -> None:
        """From the door until these records were stored. What is read again, a restored log or a new store, is no wait."""
        stored, spread = self._wall_us(), self._metrics.steps["door_to_stored"]
        for row in rows:
            if isinstance(row, RecordTimeRow) and stored - row.door <= COUNTED_WITHIN_US:
                spread.add(stored - row.door, row.events)

    def _until_done(self, work: Callable[[], None], what: str) -> bool:
        """Try for as long as it takes, and stay in the group meanwhile. Whether it was done: False when stopped. Raises `RowsRefused`."""
        pause_s = self._limits.retry_s
        while True:
            try:
                work()
            except TryAgain as error:
                _log.warning("waiting", what=what, error=str(error)[:300], again_in_s=pause_s)
                self._metrics.retries.inc()
                self._progress.turn(waiting_for=f"{what}: {error}"[:300])
            else:
                self._progress.turn()
                return True
            if self._stopping.is_set():
                return False
            self._source.hold(pause_s)
            self._measure_behind()
            pause_s = min(2 * pause_s, self._limits.retry_max_s)

    def _refuse(self, record: Record, why: str) -> None:
        trace = trace_of(record.headers)
        _log.error(
            "record refused",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            trace=trace and trace.trace_id,
            why=why[:300],
        )
        self._metrics.refused_records.labels(record.topic).inc()
        if record.topic != DEAD_LETTERS.name:  # a letter about a letter would be refused again, and again
            self._refused.append((record, why))

    def _send_refused(self) -> None:
        self._dead_letters.send(self._refused)
        self._refused = []

    def _is_due(self) -> bool:
        batch, limits = self._batch, self._limits
        return bool(batch) and (
            batch.rows >= limits.rows
            or batch.size_bytes >= limits.size_bytes
            or self._monotonic_s() - batch.started_s >= self._age_s
        )

    def _wait_s(self) -> float:
        if not self._batch:
            return _POLL_S
        left_s = self._batch.started_s + self._age_s - self._monotonic_s()
        return min(_POLL_S, max(left_s, 0.0))

    def _measure(self) -> None:
        if self._monotonic_s() - self._measured_s >= _LAG_EVERY_S:
            self._measured_s = self._monotonic_s()
            lag = self._measure_behind()
            self._progress.turn(waiting_for=self._waiting_for(lag))

    def _measure_behind(self) -> dict[str, int] | None:
        lag = self._source.lag()
        if lag is not None:
            self._progress.measured(lag)
        return lag

    def _waiting_for(self, lag: dict[str, int] | None) -> str | None:
        if (since := self._source.silent_since()) is not None:
            return f"Kafka, which has not answered since {since:%H:%M:%S} UTC"
        return None if lag is not None else "partitions of the topics"
