"""Gathers the requests of a busy door: several share one produce, and a check that comes right after another finds its code in the caches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

_ENOUGH_BYTES: Final = 192 * 1024
"""Four requests of 200 events: with more of them a request costs hardly less."""


class Gathering:
    """Lets requests go on in groups: one at most within `window_s`, or sooner when the next has `enough_bytes`. A lone request never waits.

    A sender that sends one request after the other is answered at once each time; only where requests overlap does one wait for others. For
    one event loop.
    """

    def __init__(self, window_s: float, enough_bytes: int = _ENOUGH_BYTES) -> None:
        self._window_s = window_s
        self._enough_bytes = enough_bytes
        self._under_way = 0
        self._left_s = float("-inf")
        self._was_shared = False
        self._gate: asyncio.Event | None = None
        self._requests = 0
        self._bytes = 0

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """Waits until a request of `size` bytes may go on; it is under way while the block runs."""
        await self._wait(size)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def _wait(self, size: int) -> None:
        loop = asyncio.get_running_loop()
        self._requests += 1
        self._bytes += size
        if self._gate is None:
            closes_s = self._left_s + self._window_s
            if loop.time() >= closes_s or not (self._under_way or self._was_shared):
                self._leave()
                return
            self._gate = asyncio.Event()
            loop.call_at(closes_s, self._open, self._gate)
        gate = self._gate
        if self._bytes >= self._enough_bytes:
            self._open(gate)
        await gate.wait()

    def _open(self, gate: asyncio.Event) -> None:
        """Does nothing for a group that has left."""
        if gate is self._gate:
            self._gate = None
            self._leave()
            gate.set()

    def _leave(self) -> None:
        self._left_s = asyncio.get_running_loop().time()
        self._was_shared = self._requests > 1
        self._requests = self._bytes = 0
