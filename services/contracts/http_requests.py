"""What every HTTP request gets, whichever service answers it: an id, a trace, both in the log lines, and its place in the metrics."""

import itertools
import re
import secrets
import time
from typing import Final

from prometheus_client import Counter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.contracts.logs import bind_request
from services.contracts.metrics import HttpMetrics
from services.contracts.tracing import TRACEPARENT, Trace, TraceSource

_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_REQUEST_ID: Final = b"x-request-id"
_TRACEPARENT: Final = TRACEPARENT.encode()
_WANTED: Final = frozenset(
    {_REQUEST_ID, _TRACEPARENT}
)  # one look at each header: two look-ups cost 9 us a request


class HttpRequests:
    """Takes the caller's `X-Request-Id` and `traceparent` when they are well formed, else makes them. Plain ASGI: streams pass through."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics
        self._by_status: dict[int, Counter] = {}
        self._process = secrets.token_hex(6)
        self._numbers = itertools.count(
            1
        )  # randomness for each would give the interpreter lock away each time
        self._traces = TraceSource()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        given = {name: value for name, value in scope["headers"] if name in _WANTED}
        request_id = self._request_id(given.get(_REQUEST_ID, b"").decode("latin-1"))
        trace = self._traces.follow(given.get(_TRACEPARENT, b"").decode("latin-1"))
        scope.setdefault("state", {}).update(request_id=request_id, trace=trace)
        bind_request(request_id, trace.trace_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-request-id"] = request_id
                self._count(message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, send_with_id)

    def _request_id(self, given: str) -> str:
        return given if _WELL_FORMED.fullmatch(given) else f"{self._process}-{next(self._numbers)}"

    def _count(self, status: int, took_s: float) -> None:
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._by_status[status] = self._metrics.http_requests.labels(str(status))
        counter.inc()
        self._metrics.http_answer_seconds.observe(took_s)


def instance_of(request: Request) -> str:
    """The URI of this occurrence in a problem."""
    return f"urn:thidua:request:{request.state.request_id}"


def trace_of_request(request: Request) -> Trace:
    """The trace that this request begins or goes on with."""
    trace: Trace = request.state.trace
    return trace
