"""One key sends as much as it can, wrong events too, while others send one event a second each: they keep their latency.

    python -m bench.outages.noise HOST PORT KEY SOURCE SUBJECT SECONDS

is the noise alone, in a process of its own.
"""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Final

import msgspec

from bench.outages.figures import Figure, below, equal, p95, staleness
from bench.outages.load import Load, Request, report
from bench.outages.world import BLOCKS, World, block_ids, unit_of
from services.contracts.ids import UnitId
from services.contracts.principals import Role

QUIET_KEYS: Final = 12
NOISY_BLOCK: Final = 0
NOISY_CONNECTIONS: Final = 16
NOISY_BATCHES: Final = (200, 2, 5_000)
QUIET_P95_S: Final = 0.5


def run(world: World, seconds: float) -> list[Figure]:
    """The quiet ones alone, then beside a noisy unit, then beside a noisy department, `seconds` each."""
    quiet = [world.key("unit", frozenset({unit_of(n % BLOCKS, n)})) for n in range(1, QUIET_KEYS + 1)]
    alone = _measured(world, "alone", quiet, seconds)
    beside_unit = _with_noise(world, "unit", quiet, seconds)
    beside_department = _with_noise(world, "department", quiet, seconds)
    return [*alone, *beside_unit, *beside_department]


def _with_noise(world: World, role: Role, quiet: list[str], seconds: float) -> list[Figure]:
    subject = unit_of(NOISY_BLOCK, 0)
    key = world.key(role, frozenset({subject}) if role == "unit" else None)
    ports = world.stack.layout.ports
    noise = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "bench.outages.noise",
            "127.0.0.1",
            str(ports.ingest),
            key,
            f"/bench/{role}/noise",
            subject,
            f"{seconds + 1}",
        ],
        stdout=subprocess.PIPE,
    )
    time.sleep(1.0)
    figures = _measured(world, f"beside a noisy {role}", quiet, seconds)
    told, _ = noise.communicate(timeout=seconds + 30)
    return [Figure(f"the noisy {role}'s answers, events", told.decode().strip()), *figures]


def _measured(world: World, name: str, quiet: list[str], seconds: float) -> list[Figure]:
    """p95 over the quiet keys' events: of the door's answer, and from acceptance to the board, in the other blocks and in the noisy one, whose
    events stand in one line with the noise."""
    run, starts = f"{name.replace(' ', '-')}-{time.monotonic_ns()}", world.ends()
    load = Load(world.stack.urls["ingest"], _one_each(quiet, run), len(quiet))
    load.start()
    time.sleep(seconds)
    answers = load.stop()
    accepted = [record for record in world.accepted_since(starts) if record.events == 1]
    world.wait_shown(accepted)
    stale = staleness(accepted, world.board.seen)
    noisy = block_ids()[NOISY_BLOCK]
    refused = sum(answer.status != 200 for answer in answers)
    return [
        equal(f"{name}: quiet events that were not accepted", refused, 0),
        below(f"{name}: p95 of the door's answer", p95([answer.took_s for answer in answers]), QUIET_P95_S),
        below(
            f"{name}: p95 accepted to board, other blocks",
            p95([one.seconds for one in stale if one.block != noisy]),
            QUIET_P95_S,
        ),
        Figure(
            f"{name}: p95 accepted to board, the noisy block",
            f"{p95([one.seconds for one in stale if one.block == noisy]):.3f} s",
        ),
    ]


def _one_each(quiet: list[str], run: str) -> Iterator[Request]:
    """One event of each quiet key in turn, so that at as many requests a second as there are keys each sends one a second."""
    for number in count():
        place = number % len(quiet)
        name, n = f"{run}-{number}", place + 1
        event = report(name, "/bench/unit/quiet", n % BLOCKS, n)
        yield Request(quiet[place], b"[" + event + b"]", (name,))


async def _send_all(
    host: str, port: int, key: str, source: str, subject: UnitId, seconds: float
) -> Counter[int]:
    """Over many connections, each sending its next batch when the last is answered, whatever the answer asks for."""
    told: Counter[int] = Counter()
    numbers, ends = count(), time.monotonic() + seconds

    async def send() -> None:
        while time.monotonic() < ends:
            reader, writer = await asyncio.open_connection(host, port)
            while time.monotonic() < ends:
                number = next(numbers)
                batch = NOISY_BATCHES[number % len(NOISY_BATCHES)]
                writer.write(_request(key, _batch(source, subject, number, batch)))
                status, closes = await _answer(reader)
                told[status] += batch
                if closes:
                    break
            writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(NOISY_CONNECTIONS):
            group.create_task(send())
    return told


def _batch(source: str, subject: UnitId, number: int, batch: int) -> bytes:
    """Every third batch names a unit that nobody has."""
    event = msgspec.json.decode(report("@", source, NOISY_BLOCK, number))
    event["subject"] = "nobody" if number % 9 < 3 else subject
    before, after = msgspec.json.encode(event).split(b"@")
    return b"[" + b",".join(before + b"%d-%d" % (number, n) + after for n in range(batch)) + b"]"


def _request(key: str, body: bytes) -> bytes:
    head = f"POST /v1/events HTTP/1.1\r\nHost: door\r\nAuthorization: Bearer {key}\r\n"
    return (
        f"{head}Content-Type: application/cloudevents-batch+json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """The status, and whether the door closes the connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if "content-length:" in head:
        await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
    return int(head.split(" ")[1]), "connection: close" in head


def main(arguments: list[str]) -> None:
    host, port, key, source, subject, seconds = arguments
    print(dict(asyncio.run(_send_all(host, int(port), key, source, UnitId(subject), float(seconds)))))


if __name__ == "__main__":
    main(sys.argv[1:])
