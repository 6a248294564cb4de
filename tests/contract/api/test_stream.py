"""`/v1/stream` over a real server: what a reader gets, and what it gets when it comes again."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import psutil
import pytest

from tests.support.api import FedApi, RunningServer
from tests.support.boards import BoardBuilder, build_pack

DEADLINE_S = 60


@dataclass
class Event:
    name: str
    id: str | None
    data: dict[str, object]


class Reading:
    """An open stream."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.last_id: str | None = None

    async def next(self, name: str | None = None) -> Event:
        """The next event, or the next of that name."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                event = await self._event()
                if name in (None, event.name):
                    return event

    async def _event(self) -> Event:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line == "" and "event" in fields:
                self.last_id = fields.get("id", self.last_id)
                return Event(fields["event"], fields.get("id"), json.loads(fields["data"]))
            key, _, value = line.partition(": ")
            fields[key] = value
        raise EOFError


@asynccontextmanager
async def reading(
    server: RunningServer, last_event_id: str | None = None, **query: str
) -> AsyncIterator[Reading]:
    headers = {"Last-Event-ID": last_event_id} if last_event_id is not None else {}
    async with (
        httpx.AsyncClient(timeout=DEADLINE_S) as client,
        client.stream("GET", f"{server.url}/v1/stream", params=query, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Reading(answer.aiter_lines())


@pytest.fixture
def api() -> FedApi:
    return FedApi(api_freshness_interval_s=0.2)


@pytest.fixture
def board(api: FedApi) -> BoardBuilder:
    board = BoardBuilder(build_pack("mau", 12))
    api.publish(board)
    return board


@pytest.fixture
def server(api: FedApi) -> "AsyncIterator[RunningServer]":
    with RunningServer(api) as running:
        yield running  # type: ignore[misc]


async def test_a_new_reader_gets_what_is_there_then_what_comes(
    api: FedApi, board: BoardBuilder, server: RunningServer
) -> None:
    api.feed(board.flag("leader", place=0))
    async with reading(server) as stream:
        first = await stream.next("ranking")
        assert first.data["block"] == "mau/main"
        assert "criteria" not in first.data["units"][0]  # type: ignore[index]
        assert (await stream.next("flag")).data["kind"] == "leader"
        board.push("u001", 0.99)
        api.feed(board.ranking(datetime.now(UTC)))
        second = await stream.next("ranking")
        assert second.data["cause"] == [3, board.offset, 0]
        api.feed(board.evaluation("2026-10"))
        assert (await stream.next("evaluation")).data["period"] == "2026-10"
        assert (await stream.next("freshness")).data["block"] == "mau/main"


async def test_a_reader_that_comes_again_gets_only_the_newest_of_what_it_missed(
    api: FedApi, board: BoardBuilder, server: RunningServer
) -> None:
    other = BoardBuilder(build_pack("khac", 8))
    api.publish(other)
    async with reading(server) as stream:
        await stream.next("ranking")
        await stream.next("ranking")
        seen = stream.last_id
    for score in (0.2, 0.3, 0.4):
        board.push("u001", score)
        api.feed(board.ranking(datetime.now(UTC)))
    async with reading(server, last_event_id=seen) as stream:
        missed = await stream.next()
        assert (missed.name, missed.data["block"], missed.data["cause"]) == (
            "ranking",
            "mau/main",
            [3, board.offset, 0],
        )
        assert (await stream.next()).name == "freshness"


async def test_an_id_is_good_after_the_api_was_started_anew(
    board: BoardBuilder, server: RunningServer
) -> None:
    async with reading(server) as stream:
        await stream.next("ranking")
        seen = stream.last_id
    restarted = FedApi(api_freshness_interval_s=0.2)
    restarted.publish(board)
    with RunningServer(restarted) as again:
        async with reading(again, last_event_id=seen) as stream:
            assert (await stream.next()).name == "freshness"
            board.push("u001", 0.99)
            restarted.feed(board.ranking(datetime.now(UTC)))
            assert (await stream.next("ranking")).data["cause"] == [3, board.offset, 0]


async def test_the_id_may_stand_in_the_address(board: BoardBuilder, server: RunningServer) -> None:
    async with reading(server) as stream:
        await stream.next("ranking")
        seen = stream.last_id
    async with reading(server, after=str(seen)) as stream:
        assert (await stream.next()).name == "freshness"


async def test_a_reader_of_one_block_hears_of_no_other(
    api: FedApi, board: BoardBuilder, server: RunningServer
) -> None:
    other = BoardBuilder(build_pack("khac", 8))
    api.publish(other)
    async with reading(server, block="khac/main") as stream:
        await stream.next("ranking")
        board.push("u001", 0.5)
        other.push("u001", 0.5)
        api.feed(board.ranking(datetime.now(UTC)), other.ranking(datetime.now(UTC)))
        assert (await stream.next("ranking")).data["block"] == "khac/main"
        assert (await stream.next("freshness")).data["block"] == "khac/main"


async def test_a_reader_that_takes_nothing_is_cut_off_holds_little_memory_and_the_others_go_on() -> None:
    api = FedApi(api_stream_queue=8, api_stream_send_timeout_s=0.5)
    board = BoardBuilder(build_pack("lon", 195))
    api.publish(board)
    with RunningServer(api) as server, deaf_reader(server.port) as deaf:
        async with reading(server) as stream:
            await stream.next("ranking")
            deadline, before = time.monotonic() + 180, psutil.Process().memory_info().rss
            while not (api.live.hub.dropped and is_cut_off(deaf)):
                assert time.monotonic() < deadline, "the deaf reader is still there"
                board.push("u001", 0.5)
                api.feed(board.ranking(datetime.now(UTC)))
                assert (await stream.next("ranking")).data["cause"] == [3, board.offset, 0]
            assert psutil.Process().memory_info().rss - before < 48e6
            assert (len(api.live.hub), api.live.hub.dropped) == (1, 1)


def deaf_reader(port: int) -> socket.socket:
    """A connection that asks for the stream and takes no more of it than its small buffer."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", port))
    reader.sendall(b"GET /v1/stream HTTP/1.1\r\nHost: board\r\n\r\n")
    return reader


def is_cut_off(reader: socket.socket) -> bool:
    """Whether the other side has reset the connection. Reads nothing."""
    return bool(reader.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


async def test_when_the_service_stops_streams_are_told_to_reconnect_at_once() -> None:
    api = FedApi(api_shutdown_grace_s=50)
    api.publish(BoardBuilder(build_pack("mau", 8)))
    server = RunningServer(api).start()
    async with reading(server) as stream:
        await stream.next("ranking")
        began = time.monotonic()
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        assert (await stream.next("reconnect")).data == {}
        with pytest.raises(EOFError):
            await stream.next()
        await stopping
        assert time.monotonic() - began < 20
