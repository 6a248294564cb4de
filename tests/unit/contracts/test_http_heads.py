"""The head of a request is bounded, in bytes and in time; what comes within the bounds is served as ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from services.contracts.http_heads import BoundedHeads

WITHIN_S = 20.0


class Hasty(BoundedHeads):
    max_head_bytes = 2_000
    head_timeout_s = 1.0


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    app = FastAPI()
    app.add_api_route("/", lambda: "served")
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=Hasty, log_config=None))
    running = asyncio.create_task(server._serve())
    async with asyncio.timeout(WITHIN_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no more than the flag
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", server.servers[0].sockets[0].getsockname()[1]
        )
        yield reader, writer
    writer.close()
    server.should_exit = True
    await running


async def test_a_head_without_an_end_is_refused_at_its_bound() -> None:
    async with connected() as (reader, writer):
        for part in (b"GET / HTTP/1.1\r\n", b"x: " + b"y" * 1_900, b"y" * 200):
            writer.write(part)
            await asyncio.sleep(0.02)
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.endswith(b"more than 2000 bytes.")


async def test_a_connection_that_sends_nothing_is_closed() -> None:
    async with connected() as (reader, _):
        assert await reader.read() == b""


async def test_a_head_that_trickles_in_is_cut_off() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nx: ")
        reading = asyncio.create_task(reader.read())
        while not reading.done():
            writer.write(b"y")
            await asyncio.sleep(0.05)
        assert reading.result() == b""


async def test_requests_within_the_bounds_follow_one_another_on_one_connection() -> None:
    async with connected() as (reader, writer):
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
            await asyncio.sleep(0.15)
            writer.write(b"\r\n")
            assert (await reader.readuntil(b'"served"')).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.2)


async def test_a_body_may_take_longer_than_a_head() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n")
        assert (await reader.readuntil(b'"served"')).startswith(b"HTTP/1.1 200")
        for _ in range(8):
            writer.write(b"z" * 375)
            await asyncio.sleep(0.15)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b'"served"')).startswith(b"HTTP/1.1 200")
