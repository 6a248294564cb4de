"""The door under the real server, spoken to by raw sockets: slow, oversized and broken-off bodies."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.ingest.app import create_app
from services.ingest.server import DoorServer
from services.ingest.settings import IngestSettings
from tests.door_samples import UNIT_KEY, as_json, report
from tests.unit.ingest.conftest import STRUCTURED, TestDoor

ANSWER_WITHIN_S = 30.0


@pytest.fixture
def settings() -> IngestSettings:
    return IngestSettings(ingest_port=0, ingest_body_timeout_s=1.5, ingest_shutdown_timeout_s=2)


@pytest.fixture
async def port(door: TestDoor, settings: IngestSettings) -> AsyncIterator[int]:
    server = DoorServer(create_app(door.door), settings)
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(ANSWER_WITHIN_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no more than the flag
            await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.end()
    await running


def head(length: int | None, content_type: str = STRUCTURED) -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = ["POST /v1/events HTTP/1.1", "Host: door", f"Authorization: Bearer {UNIT_KEY}"]
    return "\r\n".join([*lines, f"Content-Type: {content_type}", size, "", ""]).encode()


async def exchange(port: int, sent: bytes) -> tuple[int, dict[str, Any]]:
    """Status and problem that come back, while the connection stays open on the sender's side."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            writer.write(sent)
            return await answer(reader)
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length"))
    return int(lines[0].split()[1]), json.loads(await reader.readexactly(length))


async def good_still_gets_in(port: int) -> bool:
    body = as_json(report(id="good"))
    return (await exchange(port, head(len(body)) + body))[1]["status"] == "accepted"


async def test_a_huge_announced_body_is_refused_before_it_comes(port: int, door: TestDoor) -> None:
    status, problem = await exchange(port, head(50_000_000_000) + b"{")
    assert (status, problem["type"]) == (413, "urn:thidua:problem:batch-too-large")
    assert await good_still_gets_in(port)


async def test_a_body_that_grows_past_the_limit_is_refused_while_it_comes(port: int) -> None:
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    status, problem = await exchange(port, head(None) + chunk * 9)
    assert (status, problem["type"]) == (413, "urn:thidua:problem:batch-too-large")
    assert await good_still_gets_in(port)


async def test_a_body_that_does_not_come_to_its_end_is_given_up(port: int, door: TestDoor) -> None:
    status, problem = await exchange(port, head(1_000) + b'{"specversion":')
    assert (status, problem["type"]) == (408, "urn:thidua:problem:slow-body")
    assert door.log.records == []
    assert await good_still_gets_in(port)


async def test_a_sender_that_leaves_in_the_middle_disturbs_nobody(port: int, door: TestDoor) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head(1_000) + b'{"specversion":')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await good_still_gets_in(port)
    assert [event.id for event in door.logged()] == ["good"]


async def test_after_a_refusal_that_left_the_body_unread_the_connection_is_closed(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head(1_000, "text/plain") + b"half")
    async with asyncio.timeout(ANSWER_WITHIN_S):
        assert (await answer(reader))[0] == 415
        assert await reader.read() == b""
    writer.close()


async def test_a_refused_key_does_not_cost_a_good_sender_its_connection(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = as_json(report(id="first", subject="nobody"))
    async with asyncio.timeout(ANSWER_WITHIN_S):
        writer.write(head(len(body)) + body)
        assert (await answer(reader))[0] == 422
        good = as_json(report(id="second"))
        writer.write(head(len(good)) + good)
        assert (await answer(reader))[0] == 200
    writer.close()


async def test_what_is_no_http_is_refused_and_disturbs_nobody(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x16\x03\x01\x02\x00garbage\r\n\r\n")
    async with asyncio.timeout(ANSWER_WITHIN_S):
        with contextlib.suppress(ConnectionError):
            assert b"Traceback" not in await reader.read()
    writer.close()
    assert await good_still_gets_in(port)


async def test_a_head_without_an_end_is_not_kept(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v1/events HTTP/1.1\r\nx: " + b"y" * 100_000)
    async with asyncio.timeout(ANSWER_WITHIN_S):
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    writer.close()
    assert await good_still_gets_in(port)
