"""Sends many events through the door: in batches, at a rate, counting what became of each."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from services.contracts.events import AnyEvent

_KEPT_REJECTIONS: Final = 20
_PULSES_PER_S: Final = 5
"""At a given rate batches are cut so small that there are this many a second: a steady stream, not one gulp."""


class Result(Protocol):
    """What the door says of one event."""

    @property
    def status(self) -> str: ...

    @property
    def problem(self) -> Any: ...


class Door(Protocol):
    """The HTTP door as a sender sees it."""

    def push(self, events: Sequence[AnyEvent], /) -> Sequence[Result]:
        """One result for each event, in order, once the log has them. Retries while the door cannot be reached or the log not be written;
        raises `CannotReach` when that lasts too long.
        """


@dataclass(frozen=True)
class Rejected:
    """An event that the door did not take, with its place among those sent."""

    index: int
    event: AnyEvent
    problem: Any


@dataclass
class Tally:
    """What became of the events so far. Of the rejected ones the first twenty are kept."""

    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    rejections: list[Rejected] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return self.accepted + self.duplicate + self.rejected

    def add(self, events: Sequence[AnyEvent], results: Sequence[Result]) -> None:
        for event, result in zip(events, results, strict=True):
            if result.status == "rejected" and len(self.rejections) < _KEPT_REJECTIONS:
                self.rejections.append(Rejected(self.sent, event, result.problem))
            setattr(self, result.status, getattr(self, result.status) + 1)


class Pace:
    """Holds a sender to a rate; without one it never waits."""

    def __init__(
        self,
        rate_per_s: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rate_per_s = rate_per_s
        self._clock = clock
        self._sleep = sleep
        self._free_at = clock()

    def batch_size(self, wanted: int) -> int:
        if self.rate_per_s is None:
            return wanted
        return max(1, min(wanted, round(self.rate_per_s / _PULSES_PER_S)))

    def take(self, count: int) -> None:
        """Waits until `count` events may be sent. Time lost to an outage is not made up for by a burst."""
        if self.rate_per_s is None:
            return
        now = self._clock()
        if self._free_at > now:
            self._sleep(self._free_at - now)
        self._free_at = max(now, self._free_at) + count / self.rate_per_s


def send(
    door: Door,
    events: Sequence[AnyEvent],
    batch: int,
    pace: Pace,
    tally: Tally,
    sent: Callable[[int], None] = lambda _: None,
) -> None:
    """All events, in order; `sent` hears of each batch that was acknowledged."""
    size = pace.batch_size(batch)
    for start in range(0, len(events), size):
        part = events[start : start + size]
        pace.take(len(part))
        tally.add(part, door.push(part))
        sent(len(part))
