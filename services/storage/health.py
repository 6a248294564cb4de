"""The health port: `/livez` and `/readyz`, both with the lag and the last insert as JSON."""

from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import msgspec

from services.storage.progress import Progress


class HealthServer:
    """Answers from a thread of its own, so that it tells of a writer that hangs."""

    def __init__(self, host: str, port: int, progress: Progress) -> None:
        class Handler(_Handler):
            source = progress

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._thread = Thread(target=self._server.serve_forever, name="health", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    source: Progress

    def do_GET(self) -> None:
        snapshot = self.source.snapshot()
        well = {"/livez": snapshot.alive, "/readyz": snapshot.ready}.get(self.path)
        if well is None:
            self.send_error(404, "There are /livez and /readyz")
            return
        body = msgspec.json.encode({"status": "ok" if well else "unavailable", **asdict(snapshot)})
        self.send_response(200 if well else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Probes come every second; they are no news."""
