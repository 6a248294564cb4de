"""The open-loop load of the pipeline's benchmark, in a process of its own: batches of reports at fixed times, whatever the door does.

    python -m bench.pipeline_load HOST PORT RUN RATE SECONDS BATCH BLOCKS SPREAD

A request holds `BATCH` events of `SPREAD` blocks out of `BLOCKS`. Bodies are templates in which only the number of the request changes, so
that the generator costs next to nothing; each event has an id of its own, and a later one supersedes an earlier one of its cell. Prints what
became of them, as `Sent` in JSON.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
import uvloop

from bench.door_campaign import INDICATORS, KEY, UNITS_A_BLOCK

CONNECTIONS: Final = 8
TEMPLATES: Final = 100
"""Different bodies: as many as there are blocks at the most."""

_NUMBER: Final = b"@@@@@@@@"
_AGAIN_S: Final = 0.2
"""After a 429 or 503, with which the door asks to be left alone for a moment."""


class Load(NamedTuple):
    """What to send: `rate` events a second for `lasts_s`, `batch` events a request, over `spread` of `blocks` blocks each."""

    run: str
    rate: float
    lasts_s: float
    batch: int
    blocks: int
    spread: int

    @property
    def requests(self) -> int:
        return max(1, round(self.rate * self.lasts_s / self.batch))


class Sent(msgspec.Struct):
    """`late_p95_s`: how long after its time a request was answered that waited for a free connection, and for the door. `refused`: answers that
    asked for the same batch again."""

    events: int
    refused: int
    took_s: float
    late_p95_s: float
    cpu_s: float


def bodies(load: Load, stamp: str = "") -> Iterator[bytes]:
    """Bodies of the requests, in order. `stamp` are members that the door would add to each event."""
    templates = [_template(load, number, stamp) for number in range(TEMPLATES)]
    for number in range(load.requests):
        yield templates[number % TEMPLATES].replace(_NUMBER, b"%08d" % number)


def _template(load: Load, number: int, stamp: str) -> bytes:
    events = (f"{_event(load, number, place)[:-1]}{stamp}}}".encode() for place in range(load.batch))
    return b"[" + b",".join(events) + b"]"


def _event(load: Load, number: int, place: int) -> str:
    """Cells are taken in turn: units fastest, then indicators, then months."""
    block = (number * load.spread + place % load.spread) % load.blocks
    cell = place // load.spread + number
    unit, indicator, month = (
        cell % UNITS_A_BLOCK,
        cell // UNITS_A_BLOCK % INDICATORS,
        cell // (UNITS_A_BLOCK * INDICATORS) % 6 + 1,
    )
    return (
        f'{{"specversion":"1.0","type":"vn.thidua.report.v1","id":"{load.run}-{_NUMBER.decode()}-{place}",'
        f'"source":"/bench/department/load","subject":"b{block}-u{unit}","time":"2025-07-05T08:00:00+07:00",'
        f'"data":{{"indicator":"i{indicator}","period":"2025-{month:02d}","value":{(number * 200 + place) / 7}}}}}'
    )


class _Sending:
    """Requests leave at their times over a few connections; one that finds none free waits for it, and counts as late."""

    def __init__(self, load: Load, host: str, port: int) -> None:
        self._load = load
        self._address = host, port
        self._bodies = bodies(load)
        self._next = 0
        self.late_s: list[float] = []
        self.refused = 0

    async def run(self) -> float:
        """The seconds from the first request to the last answer."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(self._connection(began))
        return time.perf_counter() - began

    async def _connection(self, began: float) -> None:
        reader, writer = await asyncio.open_connection(*self._address, limit=1024 * 1024)
        while self._next < self._load.requests:
            due = began + self._next * self._load.batch / self._load.rate
            self._next += 1
            body = next(self._bodies)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            while not await _is_accepted(reader, writer, body):
                self.refused += 1
                await asyncio.sleep(_AGAIN_S)
            self.late_s.append(time.perf_counter() - due)
        writer.close()


def _head(length: int) -> bytes:
    return (
        b"POST /v1/events HTTP/1.1\r\nHost: door\r\nAuthorization: Bearer %s\r\n"
        b"Content-Type: application/cloudevents-batch+json\r\nContent-Length: %d\r\n\r\n"
        % (KEY.encode(), length)
    )


async def _is_accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> bool:
    """Sends a batch. False when the door asks for it again later. Raises `RuntimeError` when it rejects events."""
    writer.write(_head(len(body)))
    writer.write(body)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    answer = await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    if b" 429 " in head[:16] or b" 503 " in head[:16]:
        return False
    if b" 200 " not in head[:16] or b'"rejected":0,' not in answer[-60:]:
        raise RuntimeError(f"the door rejected a batch: {head!r} {answer[:500]!r}")
    return True


def send(load: Load, host: str, port: int) -> Sent:
    sending = _Sending(load, host, port)
    began = time.process_time()
    took_s = uvloop.run(sending.run())
    late = sorted(sending.late_s)
    events = load.requests * load.batch
    return Sent(events, sending.refused, took_s, late[int(len(late) * 0.95)], time.process_time() - began)


def main(arguments: list[str]) -> None:
    if len(arguments) != 8:
        sys.exit(__doc__)
    host, port, run, rate, lasts_s, batch, blocks, spread = arguments
    load = Load(run, float(rate), float(lasts_s), int(batch), int(blocks), int(spread))
    print(msgspec.json.encode(send(load, host, int(port))).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
