"""Ends the process when it was stalled for so long that another worker may own its partitions."""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Final, NoReturn

CHECK_EVERY_S: Final = 0.25
STALLED_EXIT_CODE: Final = 75
"""EX_TEMPFAIL: start me again."""

Now = Callable[[], float]
"""Seconds that go on while the process is stopped and the machine runs (CLOCK_MONOTONIC)."""


def end_process(message: str, code: int = STALLED_EXIT_CODE) -> NoReturn:
    """Ends at once: no clean-up may send anything more."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()
    os._exit(code)


class Watchdog:
    """Knows when the event loop ran last. A gap of two thirds of the session ends the process: the broker gives its partitions away at
    three thirds. It narrows the window of a zombie and does not close it, so readers of compacted topics keep the highest cause."""

    def __init__(self, session_s: float, now: Now, end: Callable[[str], NoReturn] = end_process) -> None:
        self._limit_s = session_s * 2 / 3
        self._now = now
        self._end = end
        self._last = now()

    def check(self) -> None:
        """Called by the loop's task and just before each send."""
        now = self._now()
        gap, self._last = now - self._last, now
        if gap > self._limit_s:
            self._end(
                f"The worker stood still for {gap:.1f} s; another one may own its partitions, so this one ends before it sends anything. "
                "It starts again by itself. If this repeats, the machine is overloaded or was suspended."
            )

    @property
    def last_beat(self) -> float:
        """When the loop ran last, by the same clock."""
        return self._last

    async def run(self) -> None:
        """A plain task, not a Faust timer: those start only after the first assignment."""
        while True:
            self.check()
            await asyncio.sleep(CHECK_EVERY_S)
