"""Builds Kafka producers that can send at once, and gets rid of those that failed."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError

from services.contracts.kafka import Security
from services.contracts.topics import EVENTS
from services.ingest.broker_watch import BrokerWatch
from services.ingest.settings import IngestSettings

_RETRY_S: Final = 0.5  # while the broker or its topic is not there yet
_BOOTSTRAP_MS: Final = 5_000  # a broker that has just opened its port; then the attempt begins anew

_log = structlog.get_logger("thidua.ingest")
_T = TypeVar("_T")


class ReadyProducer(NamedTuple):
    """A producer that knows the topic's metadata, so that `send` does not wait for them, and the topic's partitions."""

    producer: Any
    partitions: int


class Producers:
    """One at a time is in use; kafka-python's have to be replaced after a failure (see `KafkaEventLog`)."""

    def __init__(self, settings: IngestSettings, security: Security, watch: BrokerWatch) -> None:
        self._settings = settings
        self._security = security
        self._watch = watch

    async def ready(self) -> ReadyProducer:
        """A new one, when the broker answers and has the topic, however long that takes."""
        producer = await self._until_some(self._build)
        partitions = await self._until_some(lambda: len(producer.partitions_for(EVENTS.name) or ()))
        _log.info("log connected", topic=EVENTS.name, partitions=partitions)
        return ReadyProducer(producer, partitions)

    async def discard(self, producer: Any, within_s: float) -> None:
        """Ends it, after what it was given has been acknowledged or has expired, or else after the time."""
        await asyncio.to_thread(_end, producer, within_s)

    async def _until_some(self, call: Callable[[], _T]) -> _T:
        """The call's first result that is not empty, from a thread."""
        while True:
            await self._watch.up()
            try:
                if result := await asyncio.to_thread(call):
                    return result
            except KafkaError as error:
                _log.info("waiting for the broker", reason=repr(error))
            await asyncio.sleep(_RETRY_S)

    def _build(self) -> Any:
        settings = self._settings
        return KafkaProducer(
            bootstrap_servers=settings.kafka_servers(),
            bootstrap_timeout_ms=_BOOTSTRAP_MS,
            client_id="thidua-ingest",
            acks="all",
            enable_idempotence=True,
            linger_ms=0,  # `Gathering` holds requests back, and only those of a busy door
            batch_size=256 * 1024,  # a busy door's requests share a produce
            max_request_size=4 * 1024 * 1024,
            max_block_ms=settings.ingest_max_block_ms,
            request_timeout_ms=settings.ingest_request_timeout_ms,
            delivery_timeout_ms=settings.ingest_delivery_timeout_ms,
            reconnect_backoff_max_ms=1_000,  # 30 s by default: a broker that is back must be found
            metrics_enabled=False,
            **self._security,
        )


def _end(producer: Any, within_s: float) -> None:
    try:
        producer.close(within_s)
    except (
        KafkaError
    ):  # it holds what it can neither send nor give up, and `close` leaves its thread running then
        producer._sender.force_close()
