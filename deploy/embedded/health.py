"""Does a program answer? Each check asks once, quickly, and never raises."""

import http.client
import socket
import struct
from collections.abc import Callable

from deploy.embedded.layout import Layout
from deploy.embedded.ports import HOST

HealthCheck = Callable[[Layout], bool]

_TIMEOUT_S = 2  # a healthy program answers in milliseconds; a stopped one (SIGSTOP) must not hold up `status`
_API_VERSIONS = struct.pack(
    ">ihhih", 10, 18, 0, 1, -1
)  # size, key 18, version 0, correlation 1, no client id


def kafka_answers(layout: Layout) -> bool:
    """The broker processes requests: an ApiVersions request comes back (an open port alone proves less)."""
    try:
        with socket.create_connection((HOST, layout.ports.kafka), _TIMEOUT_S) as connection:
            connection.sendall(_API_VERSIONS)
            answer = connection.recv(10)
    except OSError:
        return False
    return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (1, 0)


def http_answers(port: str, path: str) -> HealthCheck:
    """GET `path` on the named port of the stack gives a 2xx answer."""
    return lambda layout: 200 <= _get(getattr(layout.ports, port), path)[0] < 300


def why_not_ready(port: int) -> str | None:
    """What a service says of itself when its `/readyz` is not well; None when it is ready."""
    status, body = _get(port, "/readyz")
    return None if 200 <= status < 300 else (body.strip() or "does not answer")


def _get(port: int, path: str) -> tuple[int, str]:
    """Status and body; status 0 when there is no answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()
