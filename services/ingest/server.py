"""Runs the application under uvicorn until SIGTERM or SIGINT, and lets requests in flight end."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import Final

import uvicorn
from fastapi import FastAPI

from services.contracts.http_heads import BoundedHeads
from services.ingest.settings import IngestSettings

_KEEP_ALIVE_S: Final = 30  # senders push every few seconds at most; idle ones come back


class DoorServer(uvicorn.Server):
    """uvicorn raises the signal again when it has stopped, which looks like a crash to a supervisor; here a stop is a clean end."""

    def __init__(self, app: FastAPI, settings: IngestSettings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.ingest_host,
                port=settings.ingest_port,
                loop="uvloop",
                http=BoundedHeads,
                ws="none",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,  # nothing here asks where a request comes from
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=int(settings.ingest_shutdown_timeout_s),
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.end)
        yield

    def end(self) -> None:
        """Accepts nothing more; `serve` returns when the requests in flight have ended."""
        self.should_exit = True
