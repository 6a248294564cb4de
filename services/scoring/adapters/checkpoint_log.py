"""`campaign.checkpoints` on a real Kafka: written beside the outputs, read by offset."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from services.contracts.kafka import UNSECURED, Security
from services.contracts.records import SCHEMA
from services.contracts.topics import CHECKPOINTS
from services.scoring.worker.checkpoint import CHECKPOINT_SCHEMA
from services.scoring.worker.ports import CheckpointLog, NotSaved, ReadStalled
from services.scoring.worker.watchdog import Watchdog

_MAX_REQUEST_BYTES: Final = 8 * 1024 * 1024
_FETCH_BYTES: Final = 4 * 1024 * 1024
_STALLED_AFTER_S: Final = 10.0
_FETCH_MS: Final = 500


class KafkaCheckpoints(CheckpointLog):
    """A producer of its own, so that outputs never wait behind a checkpoint; a fresh consumer for each read (ENGINEERING 1)."""

    def __init__(self, servers: list[str], watchdog: Watchdog, security: Security = UNSECURED) -> None:
        self._client = {"bootstrap_servers": servers, **security}
        self._watchdog = watchdog
        self._producer: Any = None

    async def start(self) -> None:
        self._producer = AIOKafkaProducer(
            **self._client, enable_idempotence=True, acks="all", max_request_size=_MAX_REQUEST_BYTES
        )
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def append(self, partition: int, records: Sequence[tuple[bytes, bytes]]) -> list[int]:
        self._watchdog.check()
        headers = [(SCHEMA, CHECKPOINT_SCHEMA)]
        try:
            futures = [
                await self._producer.send(
                    CHECKPOINTS.name, value=value, key=key, partition=partition, headers=headers
                )
                for key, value in records
            ]
            return [done.offset for done in await asyncio.gather(*futures)]
        except KafkaError as error:
            raise NotSaved(f"{CHECKPOINTS.name}: {error!r}") from error

    async def read(self, partition: int, offsets: Sequence[int]) -> dict[int, bytes]:
        if not offsets:
            return {}
        consumer = AIOKafkaConsumer(
            **self._client,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=_FETCH_BYTES,
        )
        await consumer.start()
        try:
            return await _read(consumer, TopicPartition(CHECKPOINTS.name, partition), sorted(offsets))
        finally:
            await consumer.stop()


async def _read(consumer: Any, tp: TopicPartition, offsets: Sequence[int]) -> dict[int, bytes]:
    """Goes forward through the wanted offsets; records between them that came with a fetch are passed over, further ones are sought."""
    consumer.assign([tp])
    consumer.seek(tp, offsets[0])
    begin, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
    found: dict[int, bytes] = {}
    for offset in offsets:
        if begin <= offset < end and (value := await _value_at(consumer, tp, offset)) is not None:
            found[offset] = value
    return found


async def _value_at(consumer: Any, tp: TopicPartition, offset: int) -> bytes | None:
    """None where compaction took the record, and the next one stands behind its place."""
    if await consumer.position(tp) != offset:
        consumer.seek(tp, offset)
    deadline = time.monotonic() + _STALLED_AFTER_S
    try:
        while time.monotonic() < deadline:
            records = (await consumer.getmany(tp, timeout_ms=_FETCH_MS, max_records=1)).get(tp, [])
            if records:
                value: bytes | None = records[0].value
                return value if records[0].offset == offset else None
            if await consumer.position(tp) > offset:
                return None
    except OffsetOutOfRangeError:
        return None
    raise ReadStalled(f"{tp.topic}/{tp.partition} gave nothing at {offset} for {_STALLED_AFTER_S:.0f} s")
