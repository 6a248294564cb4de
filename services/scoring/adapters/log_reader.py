"""Direct reads of `campaign.events`, independent of the consumer group."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.contracts.kafka import UNSECURED, Security
from services.contracts.topics import EVENTS
from services.scoring.worker.ports import LogReader, LogRecord, ReadStalled

STALLED_AFTER_S: Final = 10.0
"""A broker that answers gives something well within this; after it the process ends rather than stay silent."""

_FETCH_MS: Final = 500
_RECORDS_AT_A_TIME: Final = 2_000
_FETCH_BYTES: Final = 4 * 1024 * 1024


class KafkaLogReader(LogReader):
    """A fresh consumer for each read: a reused one may have lost its fetch task and then returns nothing for ever (ENGINEERING 1)."""

    def __init__(self, servers: list[str], security: Security = UNSECURED) -> None:
        self._client = {"bootstrap_servers": servers, **security}
        self._metadata: Any = None

    async def start(self) -> None:
        self._metadata = AIOKafkaConsumer(**self._client)
        await self._metadata.start()

    async def stop(self) -> None:
        await self._metadata.stop()

    async def partitions(self) -> int:
        """Number of partitions of the topic. Raises `LookupError` when it does not exist."""
        admin = AIOKafkaAdminClient(**self._client)
        await admin.start()
        try:
            (topic,) = await admin.describe_topics([EVENTS.name])
        finally:
            await admin.close()
        if topic["error_code"] != 0:
            raise LookupError(f"topic {EVENTS.name} does not exist; run: thidua topics create")
        return len(topic["partitions"])

    async def high_watermarks(self, partitions: Sequence[int]) -> dict[int, int]:
        ends = await self._metadata.end_offsets([TopicPartition(EVENTS.name, p) for p in partitions])
        return {tp.partition: offset for tp, offset in ends.items()}

    async def read(self, partition: int, start: int, end: int) -> AsyncIterator[list[LogRecord]]:
        consumer = AIOKafkaConsumer(
            **self._client,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=100,
        )
        await consumer.start()
        try:
            async for records in _records(consumer, TopicPartition(EVENTS.name, partition), start, end):
                yield records
        finally:
            await consumer.stop()


async def _records(consumer: Any, tp: TopicPartition, start: int, end: int) -> AsyncIterator[list[LogRecord]]:
    consumer.assign([tp])
    consumer.seek(tp, start)
    loop = asyncio.get_running_loop()
    position, progress = start, loop.time()
    while position < end:
        batch = (await consumer.getmany(tp, timeout_ms=_FETCH_MS, max_records=_RECORDS_AT_A_TIME)).get(tp, [])
        records = [
            LogRecord(r.offset, r.key or b"", r.value or b"", r.timestamp, tuple(r.headers))
            for r in batch
            if r.offset < end
        ]
        if records:
            yield records
        reached = await consumer.position(tp)  # counts holes (compaction, transaction markers) as read
        if reached > position:
            position, progress = reached, loop.time()
        elif loop.time() - progress > STALLED_AFTER_S:
            raise ReadStalled(
                f"{tp.topic}/{tp.partition} gave nothing between {position} and {end} for {STALLED_AFTER_S:.0f} s"
            )
