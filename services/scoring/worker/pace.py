"""How often a changed block is ranked: five times a second, and twice a second while events pour in."""

from typing import Final

SCORES_EVERY_S: Final = 0.2
"""At most five rankings a second a block (DESIGN 8.6): a wall shows no more, and the board's freshness stays under 300 ms."""

BUSY_SCORES_EVERY_S: Final = 0.5
"""Rankings, with all who read, store and show them, are a tenth of what thousands of events a second cost; the board stays under a second."""

BUSY_EVENTS: Final = 5_000
"""Events a second, over all partitions of the process, from which it is busy."""

_MEASURED_OVER_S: Final = 1.0


class Pace:
    """Knows from the count of applied events whether the process is busy. Times are monotonic seconds, given by the caller."""

    def __init__(self) -> None:
        self.every_s = SCORES_EVERY_S
        """The least between two rankings of a block."""
        self._events = 0
        self._since = 0.0

    def note(self, events: int, now: float) -> None:
        """`events` were applied until now, as far as the partitions that are owned remember."""
        took_s = now - self._since
        if took_s < _MEASURED_OVER_S:
            return
        is_busy = events - self._events >= BUSY_EVENTS * took_s
        self.every_s = BUSY_SCORES_EVERY_S if is_busy else SCORES_EVERY_S
        self._events, self._since = events, now
