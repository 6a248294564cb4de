"""Watches whether any broker accepts connections, so that a dead one is answered for at once and not after a timeout."""

import asyncio
import contextlib
import ssl
from typing import Final

_CONNECT_TIMEOUT_S: Final = 2.0  # a host that drops packets; a dead process refuses at once


class BrokerWatch:
    """`is_up` is as old as the interval at most. A broker that accepts and hangs counts as up: `Pending` sees that one.

    With a TLS context the handshake is made too: a broker logs every connection that ends before it.
    """

    def __init__(self, servers: list[str], interval_s: float, tls: ssl.SSLContext | None = None) -> None:
        self._servers = servers
        self._interval_s = interval_s
        self._tls = tls
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="broker-watch")

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    async def up(self) -> None:
        """Returns when a broker accepts connections."""
        await self._up.wait()

    async def stop(self) -> None:
        self._up.clear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self._interval_s)

    async def _look(self) -> None:
        answers = await asyncio.gather(*(_accepts(server, self._tls) for server in self._servers))
        if any(answers):
            self._up.set()
        else:
            self._up.clear()


async def _accepts(server: str, tls: ssl.SSLContext | None) -> bool:
    host, _, port = server.rpartition(":")
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, int(port), ssl=tls)
    except OSError:  # TimeoutError and SSLError are such
        return False
    writer.close()
    return True
