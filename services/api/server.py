"""uvicorn, with streams that end as soon as the service is asked to stop."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from services.api.live import Live
from services.contracts.http_heads import BoundedHeads


class ApiServer(uvicorn.Server):
    """Open streams would hold up the end: uvicorn waits for its connections first. So they are told to reconnect, and closed."""

    def __init__(self, app: FastAPI, live: Live) -> None:
        settings = live.settings
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.api_host,
                port=settings.api_port,
                http=BoundedHeads,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=settings.api_shutdown_grace_s,
            )
        )
        self._live = live

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end `run`, which then returns; uvicorn itself would raise them again and kill the process half done."""
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.end)
        yield

    def end(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.hub.close()
        await super().shutdown(sockets)
