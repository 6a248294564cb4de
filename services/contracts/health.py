"""A small HTTP endpoint for services that have none of their own: `/livez` and `/readyz` with the state behind them as JSON, `/metrics`.

It answers from a thread of its own, so it still answers, and says so, when the service's own loop stands still.
"""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import msgspec

from services.contracts.metrics import MEDIA_TYPE, ServiceMetrics


class Health(NamedTuple):
    """`live`: the process does its work; `ready`: it has what it needs. `state` is shown as JSON."""

    live: bool
    ready: bool
    state: dict[str, Any]


class HealthServer:
    """Serves a probe's answer: 200 when live (ready), else 503. Without metrics of its own the service shows those of its process."""

    def __init__(
        self, host: str, port: int, probe: Callable[[], Health], metrics: ServiceMetrics | None = None
    ) -> None:
        self._server = ThreadingHTTPServer((host, port), _handler_of(probe, metrics or ServiceMetrics()))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler_of(probe: Callable[[], Health], metrics: ServiceMetrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._send(200, MEDIA_TYPE, metrics.exposition())
                return
            health = probe()
            good = {"/livez": health.live, "/readyz": health.ready}.get(self.path)
            if good is None:
                self._answer(404, {"detail": "this endpoint has /livez, /readyz and /metrics"})
            else:
                self._answer(
                    200 if good else 503, {"live": health.live, "ready": health.ready, **health.state}
                )

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            self._send(status, "application/json", msgspec.json.encode(body))

        def _send(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Health probes are not worth a log line each."""

    return Handler
