"""Gathers the appends of a busy door, so that several share one produce: its cost is that of a produce more than of a record."""

import asyncio


class Gathering:
    """Lets appends go in groups: one at most within `window_s`, or sooner when the next has `most_bytes`. A lone append never waits.

    A door that takes one request after the other answers each at once; only where requests overlap does one wait for the others. For one
    event loop.
    """

    def __init__(self, window_s: float, most_bytes: int) -> None:
        self._window_s = window_s
        self._most_bytes = most_bytes
        self._left_s = float("-inf")
        self._was_shared = False
        self._gate: asyncio.Event | None = None
        self._appends = 0
        self._bytes = 0

    async def turn(self, size: int, *, is_alone: bool) -> None:
        """Returns when an append of `size` bytes may be sent. `is_alone`: all earlier ones are acknowledged."""
        loop = asyncio.get_running_loop()
        self._appends += 1
        self._bytes += size
        if self._gate is None:
            closes_s = self._left_s + self._window_s
            if loop.time() >= closes_s or (is_alone and not self._was_shared):
                self._leave()
                return
            self._gate = asyncio.Event()
            loop.call_at(closes_s, self._open, self._gate)
        gate = self._gate
        if self._bytes >= self._most_bytes:
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
        self._was_shared = self._appends > 1
        self._appends = self._bytes = 0
