"""The log on Kafka: sends on the event loop's thread, counts acknowledgements down, wakes the loop once a request."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from kafka.errors import KafkaConnectionError, KafkaError

from services.contracts.events import EVENT_SCHEMA
from services.contracts.ids import BlockId
from services.contracts.kafka import UNSECURED, Security
from services.contracts.metrics import IngestMetrics
from services.contracts.problems import LogUnavailable
from services.contracts.records import SCHEMA, Headers
from services.contracts.routing import partition_of
from services.contracts.topics import EVENTS
from services.contracts.tracing import TRACEPARENT, Trace
from services.ingest.acknowledgements import Acknowledgements
from services.ingest.broker_watch import BrokerWatch
from services.ingest.event_log import EventLog, LogRecord
from services.ingest.pending import Pending
from services.ingest.producers import Producers, ReadyProducer
from services.ingest.settings import IngestSettings

_HEADERS: Final[Headers] = [(SCHEMA, EVENT_SCHEMA), ("content-type", b"application/cloudevents-batch+json")]
_GRACE_S: Final = (
    2.0  # kafka-python forgets the delivery timeout while it waits for a producer id: the door must not
)

_DOUBT_S: Final = (
    0.25  # ten times what an acknowledgement takes: then the broker is looked at before the next look is due
)

_log = structlog.get_logger("thidua.ingest")


class KafkaEventLog(EventLog):
    """`campaign.events` on a broker. Nothing is available before `connect` has returned.

    After a failed append the producer is replaced: an idempotent producer of kafka-python 3.0 that gives up a record which it has tried to
    send drops its producer id and never asks for another, so it would fail for ever (seen after kill -9 of the broker).
    """

    def __init__(
        self,
        settings: IngestSettings,
        security: Security = UNSECURED,
        metrics: IngestMetrics | None = None,
        producers: Producers | None = None,
    ) -> None:
        self._give_up_s = settings.ingest_delivery_timeout_ms / 1000 + _GRACE_S
        self._watch = BrokerWatch(
            settings.kafka_servers(),
            settings.ingest_probe_interval_s,
            security.get("ssl_context"),
            on_silence=self._give_up_waiting,
        )
        self._producers = producers or Producers(settings, security, self._watch)
        self._metrics = metrics or IngestMetrics()
        self._pending = Pending(settings.ingest_unacknowledged_bytes)
        self._waiting: set[Acknowledgements] = set()
        self._ready: ReadyProducer | None = None
        self._partition_by_block: dict[BlockId, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self) -> None:
        """Returns when the broker answers and has the topic, however long that takes."""
        self._watch.start()
        await self._use_new_producer()

    async def append(self, records: Sequence[LogRecord], trace: Trace | None = None) -> None:
        if not records:
            return
        size, began = sum(len(record.value) for record in records), time.perf_counter()
        # those that were let in together have their checks first, and then share a produce
        await asyncio.sleep(0)
        ready = self._ready
        if ready is None or not self._watch.is_up:
            raise LogUnavailable("The broker does not answer; the events were not sent.")
        with self._pending.held(size):
            error = await self._send_all(ready, records, _headers(trace))
        self._count(error, len(records), size, time.perf_counter() - began)
        if error is not None:
            _log.warning("append failed", records=len(records), error=repr(error))
            self._replace(ready)
            raise LogUnavailable("The broker did not acknowledge in time.") from error

    @property
    def is_available(self) -> bool:
        return self._ready is not None and self._watch.is_up and not self._pending.is_stalled

    @property
    def acknowledges(self) -> bool:
        return self.is_available and not self._pending.is_late

    async def close(self) -> None:
        ready, self._ready = self._ready, None
        for task in self._tasks:
            task.cancel()
        await self._watch.stop()
        if ready is not None:
            await self._producers.discard(ready.producer, self._give_up_s)

    async def _use_new_producer(self) -> None:
        ready = await self._producers.ready()
        self._partition_by_block = {}
        self._ready = ready

    def _replace(self, failed: ReadyProducer) -> None:
        """Once for each producer, whichever append sees it first; others may still be acknowledged by the old one. While no broker answers
        all of them have been given up, and a producer that retries costs a core (seen from its request timeout to its delivery timeout)."""
        if self._ready is failed:
            self._ready = None
            self._run(self._use_new_producer())
            within_s = self._give_up_s if self._watch.is_up else 0.0
            self._run(self._producers.discard(failed.producer, within_s))

    def _run(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _count(self, error: BaseException | None, records: int, size: int, took_s: float) -> None:
        if error is not None:
            self._metrics.append_failures.inc()
            return
        self._metrics.records.inc(records)
        self._metrics.record_bytes.inc(size)
        self._metrics.append_seconds.observe(took_s)

    async def _send_all(
        self, ready: ReadyProducer, records: Sequence[LogRecord], headers: Headers
    ) -> BaseException | None:
        """The first error, or None when all are acknowledged."""
        acks = Acknowledgements(len(records))
        self._waiting.add(acks)
        doubt = asyncio.get_running_loop().call_later(_DOUBT_S, self._watch.doubt)
        try:
            for record in records:
                self._send(ready, record, headers, acks)
            async with asyncio.timeout(self._give_up_s):
                return await acks.all_in
        except (KafkaError, TimeoutError) as error:
            return error
        finally:
            doubt.cancel()
            self._waiting.discard(acks)

    def _give_up_waiting(self) -> None:
        """No broker answers: who waits for one is told now, as a hanging one keeps kafka-python waiting for its whole delivery timeout."""
        for acks in self._waiting:
            acks.give_up(KafkaConnectionError("no broker answers"))

    def _send(
        self, ready: ReadyProducer, record: LogRecord, headers: Headers, acks: Acknowledgements
    ) -> None:
        """Returns at once, as the topic's metadata are known; `max_block_ms` bounds what remains."""
        future = ready.producer.send(
            EVENTS.name,
            value=record.value,
            key=record.block.encode(),
            partition=self._partition(record.block, ready.partitions),
            headers=headers,
        )
        future.add_callback(acks.succeeded)
        future.add_errback(acks.failed)

    def _partition(self, block: BlockId, partitions: int) -> int:
        held = self._partition_by_block.get(block)
        if held is None:
            held = self._partition_by_block[block] = partition_of(block, partitions)
        return held


def _headers(trace: Trace | None) -> Headers:
    return _HEADERS if trace is None else [*_HEADERS, (TRACEPARENT, trace.encode())]
