"""Does a program answer? Each check asks once, quickly, and never raises."""

import http.client
import json
from collections.abc import Callable
from typing import Any

from deploy.embedded.layout import Layout
from deploy.embedded.ports import HOST
from services.contracts.broker_probe import broker_answers

HealthCheck = Callable[[Layout], bool]

_TIMEOUT_S = 2  # a healthy program answers in milliseconds; a stopped one (SIGSTOP) must not hold up `status`


def kafka_answers(layout: Layout) -> bool:
    """The broker processes requests: an ApiVersions request comes back (an open port alone proves less)."""
    return broker_answers(layout.urls["kafka"], _TIMEOUT_S)


def http_answers(port: str, path: str) -> HealthCheck:
    """GET `path` on the named port of the stack gives a 2xx answer."""
    return lambda layout: 200 <= _get(getattr(layout.ports, port), path)[0] < 300


def why_not_ready(port: int) -> str | None:
    """What a service says of itself when its `/readyz` is not well; None when it is ready."""
    status, body = _get(port, "/readyz")
    return None if 200 <= status < 300 else (body.strip() or "does not answer")


def told(port: int, path: str) -> Any:
    """The JSON that GET `path` gives; None when the service does not answer well."""
    status, body = _get(port, path)
    try:
        return json.loads(body) if 200 <= status < 300 else None
    except ValueError:
        return None


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
