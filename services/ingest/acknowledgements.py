"""Counts the acknowledgements of one append down, whichever thread they come from, and wakes the event loop once."""

import asyncio
import threading


class Acknowledgements:
    """Of `expected` records, one at least. They come from the producer's thread, or from `send` itself; made and awaited on the event loop."""

    def __init__(self, expected: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._left = expected
        self._error: BaseException | None = None
        self._lock = threading.Lock()
        self.all_in: asyncio.Future[BaseException | None] = self._loop.create_future()
        """The first error, or None when all are acknowledged."""

    def succeeded(self, _metadata: object) -> None:
        self._count(None)

    def failed(self, error: BaseException) -> None:
        self._count(error)

    def give_up(self, error: BaseException) -> None:
        """Ends the wait with the error; what is acknowledged later is not heard. On the event loop."""
        if not self.all_in.done():
            self.all_in.set_result(error)

    def _count(self, error: BaseException | None) -> None:
        with self._lock:
            self._error = self._error or error
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if not self.all_in.done():
            self.all_in.set_result(self._error)
