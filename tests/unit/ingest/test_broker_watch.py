"""The door's watch over the broker looks when something is in doubt, and no more often than a slow broker can bear."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from services.contracts.broker_probe import ASK
from services.ingest.broker_watch import BrokerWatch

_ANSWER = bytes.fromhex("0000000a000000010000")
_NEVER_S = 60.0
_WITHIN_S = 20.0


class _Broker:
    """Answers every look, unless it hangs up or hangs, and counts them."""

    def __init__(self) -> None:
        self.looks = 0
        self.hangs_up = False
        self.hanging_looks = 0
        self.looked_twice = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(len(ASK)) == ASK
        if self.hangs_up:
            writer.close()
            return
        if self.hanging_looks:
            self.hanging_looks -= 1
            await reader.read()
            writer.close()
            return
        self.looks += 1
        if self.looks == 2:
            self.looked_twice.set()
        writer.write(_ANSWER)
        await reader.read()
        writer.close()


@asynccontextmanager
async def _watched(
    interval_s: float, on_silence: Callable[[], None] = lambda: None, timeout_s: float = _WITHIN_S
) -> AsyncIterator[tuple[_Broker, BrokerWatch]]:
    broker = _Broker()
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    watch = BrokerWatch(
        [f"127.0.0.1:{server.sockets[0].getsockname()[1]}"],
        interval_s,
        on_silence=on_silence,
        timeout_s=timeout_s,
    )
    async with server:
        watch.start()
        try:
            await asyncio.wait_for(watch.up(), _WITHIN_S)
            yield broker, watch
        finally:
            await watch.stop()


def _run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 2 * _WITHIN_S))


def test_a_doubt_is_looked_into_before_the_next_look_is_due() -> None:
    async def doubted() -> None:
        async with _watched(_NEVER_S) as (broker, watch):
            watch.doubt()
            await broker.looked_twice.wait()

    _run(doubted)


def test_many_doubts_at_a_time_are_few_looks() -> None:
    async def doubted() -> None:
        loop = asyncio.get_running_loop()
        async with _watched(_NEVER_S) as (broker, watch):
            began = loop.time()
            while broker.looks < 4:
                watch.doubt()
                await asyncio.sleep(0)
            assert loop.time() - began >= 0.25  # three pauses lie between four looks

    _run(doubted)


def test_a_broker_that_does_not_answer_is_told_and_one_that_is_back_is_found_soon() -> None:
    async def away() -> None:
        silence = asyncio.Event()
        async with _watched(_NEVER_S, silence.set) as (broker, watch):
            assert not silence.is_set()
            broker.hangs_up = True
            watch.doubt()
            await silence.wait()
            assert not watch.is_up
            broker.hangs_up = False
            await watch.up()

    _run(away)


def test_one_look_that_nobody_answers_proves_nothing_and_the_next_comes_soon() -> None:
    async def slow() -> None:
        silence = asyncio.Event()
        async with _watched(_NEVER_S, silence.set, timeout_s=0.5) as (broker, watch):
            broker.hanging_looks = 1
            watch.doubt()
            await broker.looked_twice.wait()
            assert broker.hanging_looks == 0
            assert watch.is_up
            assert not silence.is_set()

    _run(slow)


def test_a_broker_that_leaves_two_looks_in_a_row_unanswered_hangs() -> None:
    async def hanging() -> None:
        silence = asyncio.Event()
        async with _watched(_NEVER_S, silence.set, timeout_s=0.05) as (broker, watch):
            broker.hanging_looks = 2
            watch.doubt()
            await silence.wait()
            assert broker.hanging_looks == 0
            assert not watch.is_up
            await watch.up()

    _run(hanging)
