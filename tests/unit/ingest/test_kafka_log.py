"""While no broker answers, an append that waits for one is ended, and the producer that holds it is replaced; without Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from services.contracts.broker_probe import ASK
from services.contracts.ids import BlockId
from services.contracts.problems import LogUnavailable
from services.ingest.event_log import LogRecord
from services.ingest.kafka_log import KafkaEventLog
from services.ingest.producers import Producers, ReadyProducer
from services.ingest.settings import IngestSettings

_ANSWER = bytes.fromhex("0000000a000000010000")
_AT_ONCE_S = 5.0  # half of the delivery timeout, for machines that do much else
_RECORD = LogRecord(BlockId("demo/north"), b"[]")


class _Future:
    """As kafka-python's, acknowledged by the test."""

    def __init__(self) -> None:
        self._on_success: Callable[[object], None] = lambda _: None

    def add_callback(self, call: Callable[[object], None]) -> None:
        self._on_success = call

    def add_errback(self, _call: Callable[[BaseException], None]) -> None:
        pass

    def acknowledge(self) -> None:
        self._on_success(None)


class _Producer:
    def __init__(self) -> None:
        self.sent: list[_Future] = []

    def send(self, *_args: object, **_kwargs: object) -> _Future:
        self.sent.append(_Future())
        return self.sent[-1]


class _Producers:
    """Always one at hand."""

    def __init__(self) -> None:
        self.built: list[_Producer] = []
        self.discarded: list[tuple[object, float]] = []

    async def ready(self) -> ReadyProducer:
        self.built.append(_Producer())
        return ReadyProducer(self.built[-1], 12)

    async def discard(self, producer: Any, within_s: float) -> None:
        self.discarded.append((producer, within_s))


@asynccontextmanager
async def _running() -> AsyncIterator[tuple[KafkaEventLog, _Producers, asyncio.Server]]:
    """A log whose broker answers looks while the server listens, and nothing else."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(len(ASK)) == ASK
        writer.write(_ANSWER)
        await reader.read()
        writer.close()

    server, producers = await asyncio.start_server(answer, "127.0.0.1", 0), _Producers()
    settings = IngestSettings(
        kafka_bootstrap=f"127.0.0.1:{server.sockets[0].getsockname()[1]}", ingest_probe_interval_s=0.05
    )
    log = KafkaEventLog(settings, producers=cast(Producers, producers))
    await log.connect()
    await _until(lambda: log.is_available)
    async with server:
        yield log, producers, server
        await log.close()


async def _until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + _AT_ONCE_S
    while not is_so():
        assert time.monotonic() < ends
        await asyncio.sleep(0.001)


async def _sent(producer: _Producer, count: int) -> None:
    await _until(lambda: len(producer.sent) == count)


async def test_who_waits_when_no_broker_answers_any_more_is_told_then_and_not_after_the_delivery_timeout() -> (
    None
):
    async with _running() as (log, producers, server):
        waiting = [asyncio.create_task(log.append([_RECORD, _RECORD])) for _ in range(3)]
        await _sent(producers.built[0], 6)
        server.close()
        async with asyncio.timeout(_AT_ONCE_S):
            ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in ended] == [LogUnavailable] * 3
        assert not log.is_available
        with pytest.raises(LogUnavailable, match="not sent"):
            await log.append([_RECORD])
        assert len(producers.built[0].sent) == 6


async def test_a_producer_that_was_given_up_is_replaced_once_and_what_it_acknowledges_later_changes_nothing() -> (
    None
):
    async with _running() as (log, producers, server):
        waiting = [asyncio.create_task(log.append([_RECORD])) for _ in range(2)]
        await _sent(producers.built[0], 2)
        server.close()
        await asyncio.gather(*waiting, return_exceptions=True)
        await _until(lambda: bool(producers.discarded))
        for late in producers.built[0].sent:
            late.acknowledge()
        await asyncio.sleep(0)
        assert producers.discarded == [(producers.built[0], 0.0)]
        assert len(producers.built) == 2


async def test_an_acknowledged_append_ends_well() -> None:
    async with _running() as (log, producers, _):
        append = asyncio.create_task(log.append([_RECORD]))
        await _sent(producers.built[0], 1)
        assert not append.done()
        producers.built[0].sent[0].acknowledge()
        await append
