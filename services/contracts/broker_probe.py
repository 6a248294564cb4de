"""Does a broker answer? Asked with one small request: an open port proves less, as a process that stands still keeps its ports open."""

import socket
import ssl
import struct
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
