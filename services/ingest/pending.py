"""What the log has been given and has not acknowledged yet, and when that is too much to take more."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from services.contracts.problems import LogUnavailable

_STALLED_AFTER_S: Final = 3.0
"""An append that waits longer tells that the broker hangs: others are refused at once instead of waiting behind it."""

_LATE_AFTER_S: Final = 0.5
"""Twenty times what an acknowledgement takes: whose share of the door is held by such appends is not sending too much."""


class Pending:
    """Appends under way, oldest first. Refuses more than `capacity` bytes, and everything while the oldest has waited too long.

    When the last one that waits has ended, either way, the next append is let through and shows whether the log is back.
    """

    def __init__(self, capacity: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._clock = clock
        self._bytes = 0
        self._since: dict[object, float] = {}

    @property
    def is_stalled(self) -> bool:
        return self._has_waited(_STALLED_AFTER_S)

    @property
    def is_late(self) -> bool:
        return self._has_waited(_LATE_AFTER_S)

    def _has_waited(self, seconds: float) -> bool:
        """Whether the oldest has."""
        oldest = next(iter(self._since.values()), None)
        return oldest is not None and self._clock() - oldest > seconds

    @contextmanager
    def held(self, size: int) -> Iterator[None]:
        """Counts an append of `size` bytes while the block runs. Raises `LogUnavailable` when it must not be sent."""
        if self.is_stalled:
            raise LogUnavailable(
                "The broker does not acknowledge what was sent before; these events were not sent."
            )
        if self._bytes + size > self._capacity:
            raise LogUnavailable("Too much waits for the broker; these events were not sent.")
        ticket = object()
        self._since[ticket] = self._clock()
        self._bytes += size
        try:
            yield
        finally:
            del self._since[ticket]
            self._bytes -= size
