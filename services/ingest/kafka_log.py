"""The log on Kafka: sends on the event loop's thread, counts acknowledgements down, wakes the loop once a request."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, Final

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError

from services.contracts.events import EVENT_SCHEMA
from services.contracts.ids import BlockId
from services.contracts.problems import LogUnavailable
from services.contracts.records import SCHEMA, Headers
from services.contracts.routing import partition_of
from services.contracts.topics import EVENTS
from services.ingest.broker_watch import BrokerWatch
from services.ingest.event_log import EventLog, LogRecord
from services.ingest.pending import Pending
from services.ingest.settings import IngestSettings

_HEADERS: Final[Headers] = [(SCHEMA, EVENT_SCHEMA), ("content-type", b"application/cloudevents-batch+json")]
_RETRY_S: Final = 0.5  # while the broker or its topic is not there yet
_GRACE_S: Final = (
    2.0  # kafka-python forgets the delivery timeout while it waits for a producer id: the door must not
)

_log = structlog.get_logger("thidua.ingest")


class KafkaEventLog(EventLog):
    """`campaign.events` on a broker. Nothing is available before `connect` has returned."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._give_up_s = settings.ingest_delivery_timeout_ms / 1000 + _GRACE_S
        self._watch = BrokerWatch(settings.kafka_servers(), settings.ingest_probe_interval_s)
        self._pending = Pending(settings.ingest_unacknowledged_bytes)
        self._producer: Any = None
        self._partitions = 0
        self._partition_by_block: dict[BlockId, int] = {}

    async def connect(self) -> None:
        """Returns when the broker answers and has the topic, however long that takes."""
        self._watch.start()
        await self._watch.first_seen()
        while self._producer is None:
            self._producer = await self._tried(self._new_producer)
        while not self._partitions:
            self._partitions = await self._tried(self._ask_partitions) or 0
        _log.info("log connected", topic=EVENTS.name, partitions=self._partitions)

    async def append(self, records: Sequence[LogRecord]) -> None:
        if not records:
            return
        if not self._partitions or not self._watch.is_up:
            raise LogUnavailable("The broker does not answer; the events were not sent.")
        size = sum(len(record.value) for record in records)
        with self._pending.held(size):
            error = await self._send_all(records)
        if error is not None:
            _log.warning("append failed", records=len(records), error=repr(error))
            raise LogUnavailable("The broker did not acknowledge in time.") from error

    @property
    def is_available(self) -> bool:
        return bool(self._partitions) and self._watch.is_up and not self._pending.is_stalled

    async def close(self) -> None:
        self._partitions = 0
        await self._watch.stop()
        if self._producer is not None:
            await asyncio.to_thread(self._producer.close, self._give_up_s)

    async def _send_all(self, records: Sequence[LogRecord]) -> BaseException | None:
        """The first error, or None when all are acknowledged."""
        acks = _Acknowledgements(len(records))
        try:
            for record in records:
                self._send(record, acks)
            async with asyncio.timeout(self._give_up_s):
                return await acks.all_in
        except (KafkaError, TimeoutError) as error:
            return error

    def _send(self, record: LogRecord, acks: "_Acknowledgements") -> None:
        """Returns at once: the topic's metadata are known since `connect`, and `max_block_ms` bounds what remains."""
        future = self._producer.send(
            EVENTS.name,
            value=record.value,
            key=record.block.encode(),
            partition=self._partition(record.block),
            headers=_HEADERS,
        )
        future.add_callback(acks.succeeded)
        future.add_errback(acks.failed)

    def _partition(self, block: BlockId) -> int:
        held = self._partition_by_block.get(block)
        if held is None:
            held = self._partition_by_block[block] = partition_of(block, self._partitions)
        return held

    async def _tried(self, call: Any) -> Any:
        """The call's result, from a thread; None, after a pause, when the broker would not have it yet."""
        try:
            return await asyncio.to_thread(call)
        except KafkaError as error:
            _log.info("waiting for the broker", reason=repr(error))
            await asyncio.sleep(_RETRY_S)
            return None

    def _new_producer(self) -> Any:
        settings = self._settings
        return KafkaProducer(
            bootstrap_servers=settings.kafka_servers(),
            client_id="thidua-ingest",
            acks="all",
            enable_idempotence=True,
            linger_ms=settings.ingest_linger_ms,
            batch_size=256 * 1024,  # a busy door's requests share a produce
            max_request_size=4 * 1024 * 1024,
            max_block_ms=settings.ingest_max_block_ms,
            request_timeout_ms=settings.ingest_request_timeout_ms,
            delivery_timeout_ms=settings.ingest_delivery_timeout_ms,
            reconnect_backoff_max_ms=1_000,  # 30 s by default: a broker that is back must be found
            metrics_enabled=False,
        )

    def _ask_partitions(self) -> int:
        return len(self._producer.partitions_for(EVENTS.name) or ())


class _Acknowledgements:
    """Counts the acknowledgements of one request; they come from the producer's thread, or from `send` itself."""

    def __init__(self, expected: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._left = expected
        self._error: BaseException | None = None
        self._lock = threading.Lock()
        self.all_in: asyncio.Future[BaseException | None] = self._loop.create_future()

    def succeeded(self, _metadata: object) -> None:
        self._count(None)

    def failed(self, error: BaseException) -> None:
        self._count(error)

    def _count(self, error: BaseException | None) -> None:
        with self._lock:
            self._error = self._error or error
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.all_in.done():
            self.all_in.set_result(self._error)
