"""How fresh each block is: seconds since the last event, events a minute, and the lag from acceptance at the door to arrival here."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from services.contracts.ids import BlockId
from services.contracts.results import Ranking

WINDOW: Final = timedelta(minutes=5)
"""Lags older than this are forgotten: the figure is of now."""

MINUTES: Final = 60
_SECOND: Final = timedelta(seconds=1)
_MAX_LAGS: Final = 5_000
"""Five rankings a second for `WINDOW` are 1,500."""


class Lag(msgspec.Struct, frozen=True):
    """Percentiles, in seconds, of arrival less the newest `receivedtime` in the ranking, over `samples` rankings of the last 5 minutes.

    Of the events that one ranking brings, the newest is measured; those before it waited up to the debounce (0.2 s) longer.
    """

    p50: float
    p95: float
    p99: float
    samples: int


class Freshness(msgspec.Struct, frozen=True):
    """One block. `last_event` is the greatest `receivedtime`, to which hourly ticks count.

    `minutes` are the events in each of the last 60 minutes, oldest first. `stale_since` stands while no broker answers: what is shown is of then.
    """

    block: BlockId
    last_event: datetime
    seconds: float
    events: int
    per_minute: int
    minutes: list[int]
    lag: Lag | None
    stale_since: datetime | msgspec.UnsetType = msgspec.UNSET


@dataclass(slots=True)
class _Pulse:
    last_event: datetime
    events: int
    lags: deque[tuple[datetime, float]] = field(default_factory=lambda: deque(maxlen=_MAX_LAGS))
    arrivals: deque[tuple[datetime, int]] = field(default_factory=deque)


class FreshnessMeter:
    """Fed with every new ranking, from one thread; read from any."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._pulses: dict[BlockId, _Pulse] = {}

    def observe(self, ranking: Ranking, arrived: datetime, *, live: bool) -> None:
        """Counts a ranking. One that was read while catching up is not `live`: it tells the last event, but neither lag nor rate."""
        pulse = self._pulses.get(ranking.block)
        if pulse is None:
            pulse = self._pulses[ranking.block] = _Pulse(ranking.as_of, ranking.events)
            came, advanced = ranking.events, True
        else:
            came, advanced = ranking.events - pulse.events, ranking.as_of > pulse.last_event
        if live and came > 0:
            _count(pulse.arrivals, arrived, came)
        if live and advanced:
            pulse.lags.append((arrived, (arrived - ranking.as_of).total_seconds()))
        pulse.last_event, pulse.events = max(pulse.last_event, ranking.as_of), ranking.events

    def of(self, block: BlockId) -> Freshness | None:
        """The block's freshness now, or None when it has no ranking yet."""
        pulse = self._pulses.get(block)
        if pulse is None:
            return None
        now = self._now()
        minutes = _by_minute(list(pulse.arrivals), now)
        return Freshness(
            block,
            pulse.last_event,
            round(max(0.0, (now - pulse.last_event).total_seconds()), 3),
            pulse.events,
            minutes[-1],
            minutes,
            _lag([lag for at, lag in list(pulse.lags) if at >= now - WINDOW]),
        )

    def all(self) -> list[Freshness]:
        found = (self.of(block) for block in sorted(self._pulses))
        return [freshness for freshness in found if freshness is not None]


def _by_minute(arrivals: list[tuple[datetime, int]], now: datetime) -> list[int]:
    minutes = [0] * MINUTES
    for at, events in arrivals:
        age = int((now - at).total_seconds() // 60)
        if 0 <= age < MINUTES:
            minutes[MINUTES - 1 - age] += events
    return minutes


def _count(arrivals: deque[tuple[datetime, int]], arrived: datetime, came: int) -> None:
    """One entry a second at most, and none older than is told: whether anybody reads it or not, an hour takes 3,600."""
    if arrivals and arrived - arrivals[-1][0] < _SECOND:
        arrivals[-1] = (arrivals[-1][0], arrivals[-1][1] + came)
    else:
        arrivals.append((arrived, came))
    while arrivals[0][0] < arrived - timedelta(minutes=MINUTES):
        arrivals.popleft()


def _lag(lags: Sequence[float]) -> Lag | None:
    if not lags:
        return None
    ordered = sorted(lags)
    p50, p95, p99 = (_percentile(ordered, share) for share in (0.50, 0.95, 0.99))
    return Lag(p50, p95, p99, len(ordered))


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank: a value that was really seen."""
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)
