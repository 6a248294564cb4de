"""Publishes outputs and appends the worker's own events, through one idempotent producer."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaProducer

from services.contracts.events import EVENT_SCHEMA
from services.contracts.kafka import UNSECURED, Security
from services.contracts.metrics import ScoringMetrics
from services.contracts.records import SCHEMA, SHOWS, Headers, result_headers
from services.contracts.topics import DEAD_LETTERS, EVALUATIONS, EVENTS
from services.contracts.tracing import TRACEPARENT, TraceSource
from services.scoring.worker.ports import EventLog, Output, OutputLog
from services.scoring.worker.watchdog import Watchdog

log = structlog.get_logger("thidua.scoring")

_MAX_REQUEST_BYTES = 8 * 1024 * 1024


class KafkaOutputs(OutputLog, EventLog):
    """acks=all and idempotent; a batch's futures are gathered, never awaited one by one (143/s against 10,000/s)."""

    def __init__(
        self,
        servers: list[str],
        watchdog: Watchdog,
        security: Security = UNSECURED,
        metrics: ScoringMetrics | None = None,
    ) -> None:
        self._metrics = metrics or ScoringMetrics()
        self._traces = TraceSource()
        self._client = {"bootstrap_servers": servers, **security}
        self._watchdog = watchdog
        self._producer: Any = None

    async def start(self) -> None:
        self._producer = AIOKafkaProducer(
            **self._client,
            enable_idempotence=True,
            acks="all",
            max_request_size=_MAX_REQUEST_BYTES,
            linger_ms=0,
        )
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def publish(self, partition: int, outputs: Sequence[Output]) -> None:
        self._watchdog.check()
        with self._metrics.publish_seconds.time():
            futures = [await self._send(partition, output) for output in outputs]
            await asyncio.gather(*futures)
        for topic, count in Counter(output.topic for output in outputs).items():
            self._metrics.outputs.labels(topic).inc(count)
        for output in outputs:
            tell(output)

    def publish_soon(self, partition: int, output: Output) -> None:
        self._watchdog.check()
        task = asyncio.ensure_future(self._send_and_wait(partition, output))
        task.add_done_callback(self._note_live)

    async def append(self, partition: int, key: bytes, value: bytes) -> None:
        self._watchdog.check()
        headers = [(SCHEMA, EVENT_SCHEMA), (TRACEPARENT, self._traces.begin().encode())]
        await self._producer.send_and_wait(
            EVENTS.name, value=value, key=key, partition=partition, headers=headers
        )

    async def _send_and_wait(self, partition: int, output: Output) -> None:
        await (await self._send(partition, output))

    async def _send(self, partition: int, output: Output) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = await self._producer.send(
            output.topic,
            value=output.value,
            key=output.key,
            partition=partition if output.partition is None else output.partition,
            headers=output_headers(output, time.time_ns() // 1000),
        )
        return future

    def _note_live(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._metrics.live_failures.inc()
            log.warning("a live value was not written; it is written again within seconds", error=repr(error))


def output_headers(output: Output, sent_us: int) -> Headers:
    """What an output says of itself outside its bytes: schema, cause, time of sending, the trace of the request behind it, and what a
    ranking is the first to show."""
    headers = result_headers(output.schema, output.cause, sent_us)
    if output.trace is not None:
        headers.append((TRACEPARENT, output.trace.encode()))
    if output.shows is not None:
        headers.append((SHOWS, output.shows))
    return headers


_TOLD: Final = {EVALUATIONS.name: "evaluation published", DEAD_LETTERS.name: "event refused"}


def tell(output: Output) -> None:
    """A log line for what an operator searches for by trace, block or place; flags and rankings are seen on the board."""
    if (what := _TOLD.get(output.topic)) is not None:
        log.info(
            what,
            block=output.block,
            partition=output.cause.partition,
            offset=output.cause.offset,
            index=output.cause.index,
            trace=output.trace and output.trace.trace_id,
        )
