"""Readers that open the board's stream and read nothing: they are dropped, take bounded memory, and hold up nobody."""

import socket
import time
from typing import Final

from bench.outages.figures import Figure, below, equal, staleness
from bench.outages.load import Load, reports
from bench.outages.world import World, wait_until

READERS: Final = 50
EVENTS_PER_S: Final = 500
PER_REQUEST: Final = 10
RECEIVE_BUFFER_BYTES: Final = 4 * 1024
MOST_STALE_S: Final = 2.0
MEMORY_MB: Final = 64.0
DROPPED_WITHIN_S: Final = 60.0
"""Their buffers fill (512 KB each, at some 200 KB a second), then 20 s without a byte taken."""


def run(world: World, seconds: float) -> list[Figure]:
    """Load for `seconds` and until the last of them is dropped."""
    starts, before, dropped = world.ends(), world.memory_mb("api"), world.health("api")["dropped_readers"]
    load = Load(
        world.stack.urls["ingest"],
        reports(world.key("department"), f"slow-{time.monotonic_ns()}", PER_REQUEST),
        EVENTS_PER_S / PER_REQUEST,
    )
    readers = [deaf_reader("127.0.0.1", world.stack.layout.ports.api) for _ in range(READERS)]
    load.start()
    time.sleep(seconds)
    grown = world.memory_mb("api") - before
    took = seconds + wait_until(
        lambda: world.health("api")["dropped_readers"] - dropped >= READERS,
        "slow readers are dropped",
        DROPPED_WITHIN_S,
    )
    answers = load.stop()
    accepted = world.accepted_since(starts)
    world.wait_shown(accepted)
    for reader in readers:
        reader.close()
    stale = max(one.seconds for one in staleness(accepted, world.board.seen))
    return [
        equal(
            "readers that read nothing, dropped", world.health("api")["dropped_readers"] - dropped, READERS
        ),
        Figure("the last of them was dropped after", f"{took:.0f} s"),
        below("the api's memory grew by", grown, MEMORY_MB, "MB"),
        below("the board of a reader that reads, at its most stale", stale, MOST_STALE_S),
        equal("requests that were not accepted", sum(answer.status != 200 for answer in answers), 0),
    ]


def deaf_reader(host: str, port: int) -> socket.socket:
    """A connection that asks for the stream of all blocks and takes no more of it than its small buffer."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    reader.connect((host, port))
    reader.sendall(b"GET /v1/stream HTTP/1.1\r\nHost: board\r\nAccept: text/event-stream\r\n\r\n")
    return reader
