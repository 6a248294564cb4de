"""uvicorn, with streams that end as soon as the service is asked to stop."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Final

import uvicorn
from fastapi import FastAPI

from services.api.live import Live
from services.api.settings import ApiSettings
from services.contracts.http_heads import BoundedHeads

SEND_BUFFER_BYTES: Final = 256 * 1024
"""What the kernel may hold for one connection; by itself it takes up to 4 MB, for each reader of a stream that does not read."""


def listening(settings: ApiSettings) -> socket.socket:
    """The socket to serve on. Connections inherit its send buffer. Raises `OSError` when the port is taken."""
    bound = socket.create_server(
        (settings.api_host, settings.api_port), backlog=2048, family=_family(settings.api_host)
    )
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return bound


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


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
