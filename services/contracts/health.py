"""A small HTTP endpoint for services that have none of their own: `/livez`, `/readyz` and the state behind them as JSON.

It answers from a thread of its own, so it still answers, and says so, when the service's own loop stands still.
"""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import msgspec


class Health(NamedTuple):
    """`live`: the process does its work; `ready`: it has what it needs. `state` is shown as JSON."""

    live: bool
    ready: bool
    state: dict[str, Any]


class HealthServer:
    """Serves a probe's answer: 200 when live (ready), else 503."""

    def __init__(self, host: str, port: int, probe: Callable[[], Health]) -> None:
        self._server = ThreadingHTTPServer((host, port), _handler_of(probe))
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


def _handler_of(probe: Callable[[], Health]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            health = probe()
            good = {"/livez": health.live, "/readyz": health.ready}.get(self.path)
            if good is None:
                self._answer(404, {"detail": "this endpoint has /livez and /readyz"})
            else:
                self._answer(
                    200 if good else 503, {"live": health.live, "ready": health.ready, **health.state}
                )

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            encoded = msgspec.json.encode(body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def log_message(self, format: str, *args: Any) -> None:
            """Health probes are not worth a log line each."""

    return Handler
