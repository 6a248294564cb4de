"""An open load: requests leave at their times whatever becomes of those before, as from many senders; each answer is kept."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec
import uvloop

from bench.door_campaign import INDICATORS
from bench.outages.world import BLOCKS, unit_of
from services.cli.door import BATCH_MEDIA_TYPE

_GIVE_UP_S: Final = 30.0


class Request(NamedTuple):
    """One batch: the key that sends it, its body, and the ids in it."""

    key: str
    body: bytes
    ids: tuple[str, ...]


class Answer(NamedTuple):
    """When the request left (monotonic seconds), how long the answer took, and what it was; status 0 when there was none."""

    at: float
    took_s: float
    status: int
    retry_after: str | None
    ids: tuple[str, ...]


class Load(threading.Thread):
    """Sends `requests` at the rate until `stop`. `answers` is whole once `stop` has returned."""

    def __init__(self, door: str, requests: Iterator[Request], requests_per_s: float) -> None:
        super().__init__(daemon=True)
        self.answers: list[Answer] = []
        self._door = door
        self._requests = requests
        self._interval_s = 1 / requests_per_s
        self._stopping = threading.Event()

    def run(self) -> None:
        uvloop.run(self._send_all())

    def stop(self) -> list[Answer]:
        """Sends nothing more, and waits for the answers that are due."""
        self._stopping.set()
        self.join()
        return self.answers

    async def _send_all(self) -> None:
        connections = Connections(self._door)
        async with asyncio.TaskGroup() as group:
            began = time.monotonic()
            for number, request in enumerate(self._requests):
                await asyncio.sleep(max(0.0, began + number * self._interval_s - time.monotonic()))
                if self._stopping.is_set():
                    break
                group.create_task(self._send(connections, request))
        connections.close()

    async def _send(self, connections: "Connections", request: Request) -> None:
        at = time.monotonic()
        status, retry_after = await connections.post(request)
        self.answers.append(Answer(at, time.monotonic() - at, status, retry_after, request.ids))


class Connections:
    """Plain HTTP/1.1 over as many connections as are under way at a time: a client library would cost more than the door."""

    def __init__(self, door: str) -> None:
        self._host, _, port = door.removeprefix("http://").partition(":")
        self._port = int(port)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, request: Request) -> tuple[int, str | None]:
        """Status and `Retry-After`; status 0 when there was no answer."""
        try:
            async with asyncio.timeout(_GIVE_UP_S):
                reader, writer = self._taken() or await self._opened()
                writer.write(_head(request) + request.body)
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        except (OSError, asyncio.IncompleteReadError):  # TimeoutError is an OSError
            return 0, None
        if "connection: close" in head:
            writer.close()
        else:
            self._idle.append((reader, writer))
        retry_after = head.partition("retry-after:")[2].partition("\r\n")[0].strip()
        return int(head.split(" ")[1]), retry_after or None

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()

    def _taken(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """An idle connection that the door has not closed meanwhile."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
        return None

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port)


def _head(request: Request) -> bytes:
    return (
        f"POST /v1/events HTTP/1.1\r\nHost: door\r\nAuthorization: Bearer {request.key}\r\n"
        f"Content-Type: {BATCH_MEDIA_TYPE}\r\nContent-Length: {len(request.body)}\r\n\r\n"
    ).encode()


def accepted_ids(answers: list[Answer]) -> set[str]:
    """Of requests whose events were all accepted."""
    return {one for answer in answers if answer.status == 200 for one in answer.ids}


def reports(key: str, run: str, batch: int, source: str = "/bench/department/load") -> Iterator[Request]:
    """Batches of reports, each of one block, the blocks in turn."""
    number = 0
    while True:
        block = number % BLOCKS
        ids = tuple(f"{run}-{number}-{place}" for place in range(batch))
        events = [report(name, source, block, number * batch + place) for place, name in enumerate(ids)]
        yield Request(key, b"[" + b",".join(events) + b"]", ids)
        number += 1


def report(name: str, source: str, block: int, number: int) -> bytes:
    return _encode(
        {
            "specversion": "1.0",
            "type": "vn.thidua.report.v1",
            "id": name,
            "source": source,
            "subject": unit_of(block, number),
            "time": "2025-07-05T08:00:00+07:00",
            "data": {
                "indicator": f"i{number % INDICATORS}",
                "period": f"2025-{number // 80 % 6 + 1:02d}",
                "value": number / 7,
            },
        }
    )


_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode
