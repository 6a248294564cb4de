"""Does a broker answer? Asked with one small request: an open port proves less, as a process that stands still keeps its ports open."""

import socket
import ssl
import struct
import time
from datetime import UTC, datetime
from typing import Final

ASK: Final = struct.pack(">ihhih", 10, 18, 0, 1, -1)
"""ApiVersions, version 0, which every broker answers, before any authentication: size, key 18, version 0, correlation 1, no client id."""

ANSWER_BYTES: Final = 10


def is_answer(answer: bytes) -> bool:
    """Whether the first `ANSWER_BYTES` of an answer are those to `ASK`, without an error."""
    return len(answer) == ANSWER_BYTES and struct.unpack(">iih", answer)[1:] == (1, 0)


def address_of(server: str) -> tuple[str, int]:
    """Host and port of `host:port`; an IPv6 host may stand in brackets."""
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)


def broker_answers(server: str, timeout_s: float, tls: ssl.SSLContext | None = None) -> bool:
    """Asks once, blocks for at most about `timeout_s` a step, and never raises."""
    host, port = address_of(server)
    try:
        with socket.create_connection((host, port), timeout_s) as plain:
            connection = tls.wrap_socket(plain, server_hostname=host) if tls else plain
            connection.sendall(ASK)
            return is_answer(_received(connection))
    except OSError:  # TimeoutError and SSLError are such
        return False


def _received(connection: socket.socket) -> bytes:
    answer = b""
    while len(answer) < ANSWER_BYTES and (part := connection.recv(ANSWER_BYTES - len(answer))):
        answer += part
    return answer


class BrokerLook:
    """Since when no broker answers, for a client that waits for one in silence. For one thread, which calls `heard` when records come and
    `look` when none do; a look asks at most once in `EVERY_S`.
    """

    EVERY_S: Final = 1.0
    TIMEOUT_S: Final = 1.0

    def __init__(self, servers: list[str], tls: ssl.SSLContext | None = None) -> None:
        self._servers = servers
        self._tls = tls
        self._heard_at = datetime.now(UTC)
        self._looked_s = float("-inf")
        self.silent_since: datetime | None = None

    def heard(self) -> None:
        self._heard_at, self.silent_since = datetime.now(UTC), None

    def look(self) -> None:
        if time.monotonic() - self._looked_s < self.EVERY_S:
            return
        answering = next(
            (one for one in self._servers if broker_answers(one, self.TIMEOUT_S, self._tls)), None
        )
        if answering is None:
            self.silent_since = self._heard_at
        else:
            self.heard()
            # asked first from now on: one host that is gone must not cost its time-out at each look
            self._servers = [answering, *(one for one in self._servers if one != answering)]
        self._looked_s = time.monotonic()
