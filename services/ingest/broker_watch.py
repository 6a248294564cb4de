"""Watches whether any broker answers, so that a dead one, and one that hangs, is answered for at once and not after a timeout."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Final

from services.contracts.broker_probe import ANSWER_BYTES, ASK, address_of, is_answer

_TIMEOUT_S: Final = 2.0  # a host that drops packets, a process that stands still; a dead one refuses at once
_AWAY_INTERVAL_S: Final = 0.25  # one that is back must be found
_PAUSE_S: Final = 0.1  # a slow broker makes every request doubt: it must not be asked by each of them as well


class BrokerWatch:
    """`is_up` is as old as the interval at most, and after a `doubt` as one look takes. It is the door's circuit: while it is not up no request
    is sent, and the first look that is answered closes it again.

    Each look that nobody answers is told to `on_silence`.

    With a TLS context the handshake is made too: a broker logs every connection that ends before it.
    """

    def __init__(
        self,
        servers: list[str],
        interval_s: float,
        tls: ssl.SSLContext | None = None,
        on_silence: Callable[[], None] = lambda: None,
    ) -> None:
        self._servers = servers
        self._interval_s = interval_s
        self._tls = tls
        self._on_silence = on_silence
        self._up = asyncio.Event()
        self._doubted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="broker-watch")

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    async def up(self) -> None:
        """Returns when a broker answers."""
        await self._up.wait()

    def doubt(self) -> None:
        """Looks at once, but for a pause between two looks: something is not acknowledged in the usual time."""
        self._doubted.set()

    async def stop(self) -> None:
        self._up.clear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._look()
            self._doubted.clear()
            interval_s = self._interval_s if self.is_up else min(_AWAY_INTERVAL_S, self._interval_s)
            await asyncio.sleep(min(_PAUSE_S, interval_s))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._doubted.wait(), max(interval_s - _PAUSE_S, 0))

    async def _look(self) -> None:
        answers = await asyncio.gather(*(_answers(server, self._tls) for server in self._servers))
        if any(answers):
            self._up.set()
        else:
            self._up.clear()
            self._on_silence()


async def _answers(server: str, tls: ssl.SSLContext | None) -> bool:
    host, port = address_of(server)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls)
            try:
                writer.write(ASK)
                return is_answer(await reader.readexactly(ANSWER_BYTES))
            finally:
                writer.close()
    except (OSError, asyncio.IncompleteReadError):  # TimeoutError and SSLError are OSErrors
        return False
