"""uvicorn, with streams that end as soon as the service is asked to stop."""

import socket

import uvicorn
from fastapi import FastAPI

from services.api.live import Live


class ApiServer(uvicorn.Server):
    """Open streams would hold up the end: uvicorn waits for its connections first. So they are told to reconnect, and closed."""

    def __init__(self, app: FastAPI, live: Live) -> None:
        settings = live.settings
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.api_host,
                port=settings.api_port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=settings.api_shutdown_grace_s,
            )
        )
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.hub.close()
        await super().shutdown(sockets)
