"""A histogram with fixed buckets, weighted and mergeable: percentiles of waits without keeping them, and the buckets that Prometheus reads."""

import math
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

_FINEST_US: Final = 100
_PER_DOUBLING: Final = 16

RESOLUTION: Final = 2 ** (1 / _PER_DOUBLING)
"""A bucket's upper edge over its lower one: what is told is at most 4.4 % above what was."""


class Percentiles(NamedTuple):
    """In milliseconds; nearest rank, told as the upper edge of its bucket."""

    p50: float
    p95: float
    p99: float


class Spread:
    """Waits in microseconds, each with how many events waited so long. One writer; readers see it at some moment."""

    __slots__ = ("_counts", "events", "sum_us")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.events = 0
        self.sum_us = 0

    def add(self, wait_us: int, events: int) -> None:
        """A wait below zero, which two clocks that disagree make, is none."""
        wait_us = max(wait_us, 0)
        bucket = _bucket(wait_us)
        self._counts[bucket] = self._counts.get(bucket, 0) + events
        self.events += events
        self.sum_us += wait_us * events

    def counts(self) -> Mapping[int, int]:
        return self._counts

    def percentiles(self) -> Percentiles | None:
        """None without events."""
        if not self.events:
            return None
        return Percentiles(*(self._at(share) for share in (0.50, 0.95, 0.99)))

    def _at(self, share: float) -> float:
        wanted, seen = max(1, math.ceil(share * self.events)), 0
        for bucket in sorted(self._counts):
            seen += self._counts[bucket]
            if seen >= wanted:
                return round(_edge_us(bucket) / 1000, 3)
        raise AssertionError("the counts are fewer than the events")

    def up_to(self, seconds: float) -> int:
        """Events that waited no longer, to the bucket."""
        return sum(
            n for bucket, n in list(self._counts.items()) if _edge_us(bucket) <= seconds * 1e6 * RESOLUTION
        )


def total(spreads: Iterable[Spread]) -> Spread:
    """All of them in one."""
    whole = Spread()
    for spread in spreads:
        for bucket, events in list(spread.counts().items()):
            whole._counts[bucket] = whole._counts.get(bucket, 0) + events
            whole.events += events
        whole.sum_us += spread.sum_us
    return whole


def _bucket(wait_us: int) -> int:
    """0 up to the finest; bucket n ends at `_FINEST_US * RESOLUTION ** n`."""
    return 0 if wait_us <= _FINEST_US else math.ceil(math.log2(wait_us / _FINEST_US) * _PER_DOUBLING - 1e-9)


def _edge_us(bucket: int) -> float:
    return _FINEST_US * float(RESOLUTION**bucket)
