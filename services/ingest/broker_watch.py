"""Watches whether any broker answers, so that a dead one, and one that hangs, is answered for at once and not after a timeout."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Final, Literal

from services.contracts.broker_probe import ANSWER_BYTES, ASK, address_of, is_answer

_TIMEOUT_S: Final = 1.5  # a host that drops packets, a process that stands still; a dead one refuses at once
_SILENT_LOOKS: Final = (
    2  # one alone may be a busy machine's, or this loop's own standstill (seen at a load of 20 on two cores)
)
_AWAY_INTERVAL_S: Final = 0.25  # one that is back must be found, and one that may be away looked at again
_PAUSE_S: Final = 0.1  # a slow broker makes every request doubt: it must not be asked by each of them as well


class BrokerWatch:
    """`is_up` is as old as the interval at most, and after a `doubt` as a look takes. It is the door's circuit: while it is not up no request
    is sent, and the first look that is answered closes it again. It opens when all refuse, or when two looks in a row are answered by nobody,
    which with the doubt before them is 3.5 s after a broker began to hang.

    `on_silence` is called when it opens, and at each look after that.

    With a TLS context the handshake is made too: a broker logs every connection that ends before it.
    """

    def __init__(
        self,
        servers: list[str],
        interval_s: float,
        tls: ssl.SSLContext | None = None,
        on_silence: Callable[[], None] = lambda: None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._servers = servers
        self._interval_s = interval_s
        self._tls = tls
        self._on_silence = on_silence
        self._timeout_s = timeout_s
        self._silent_looks = 0
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
            is_well = self.is_up and not self._silent_looks
            interval_s = self._interval_s if is_well else min(_AWAY_INTERVAL_S, self._interval_s)
            await asyncio.sleep(min(_PAUSE_S, interval_s))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._doubted.wait(), max(interval_s - _PAUSE_S, 0))

    async def _look(self) -> None:
        answers = await asyncio.gather(*(self._answer(server) for server in self._servers))
        if "good" in answers:
            self._silent_looks = 0
            self._up.set()
            return
        self._silent_looks += 1
        if "none" not in answers or self._silent_looks >= _SILENT_LOOKS:
            self._up.clear()
            self._on_silence()

    async def _answer(self, server: str) -> Literal["good", "refused", "none"]:
        try:
            async with asyncio.timeout(self._timeout_s):
                return "good" if await _answers(server, self._tls) else "refused"
        except TimeoutError:
            return "none"


async def _answers(server: str, tls: ssl.SSLContext | None) -> bool:
    host, port = address_of(server)
    try:
        reader, writer = await asyncio.open_connection(host, port, ssl=tls)
        try:
            writer.write(ASK)
            return is_answer(await reader.readexactly(ANSWER_BYTES))
        finally:
            writer.close()
    except (OSError, asyncio.IncompleteReadError):  # SSLError is an OSError
        return False
