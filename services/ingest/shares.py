"""What one key may take of the door, so that nobody's burst costs the others their latency: a rate, what is under way, one check at a time."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from services.contracts.metrics import IngestMetrics
from services.contracts.principals import Principal
from services.contracts.problems import LogUnavailable, Problem, TooMuchAtOnce
from services.ingest.event_log import EventLog
from services.ingest.settings import IngestSettings

BYTES_AN_EVENT: Final = 250
"""A report without a note and evidence."""


@dataclass(slots=True)
class Share:
    """Of one key. `credit`: events that it may send now, of `burst` at most; below zero, what it has sent too much. `turn` is held by the one
    request of the key whose events are being checked: between two of its turns every other key gets its own."""

    events_per_s: float
    burst: float
    credit: float
    at: float
    requests: int = 0
    size_bytes: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Visit:
    """One request of a key. `reserved`: events that its bytes may hold, taken off the credit until it is known how many they are."""

    share: Share
    reserved: float
    is_read: bool = False

    def spend(self, events: int) -> None:
        """Takes the events off the credit, whatever becomes of them: refusing them is work too."""
        self.share.credit += self.reserved - events
        self.reserved = 0.0


class Shares:
    """A token bucket and two counters for each key. Constant time a request; memory for each key that was ever used. For one event loop.

    A key that has sent too much waits for its credit before its body is read, which slows down whoever waits for an answer; whoever would
    have to wait longer than `ingest_key_wait_s` is refused then, so that coming again at once gains nothing.

    While the log does not acknowledge, what a key has under way waits for the log, and who finds no room is told of that instead.
    """

    def __init__(
        self,
        settings: IngestSettings,
        metrics: IngestMetrics,
        log: EventLog,
        monotonic_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._held_back = metrics.held_back
        self._log = log
        self._monotonic_s = monotonic_s
        self._sleep = sleep
        self._by_key: dict[str, Share] = {}

    @asynccontextmanager
    async def entered(self, principal: Principal, announced_bytes: int) -> AsyncIterator[Visit]:
        """Counts a request as under way while the block runs, and takes off the credit what its bytes may hold, so that many at a time cannot
        all spend the same. What was never read costs nothing. Raises `TooMuchAtOnce`, or `LogUnavailable`."""
        share = self._share(principal)
        self._require_room(share, announced_bytes)
        visit = Visit(share, 0.0)
        share.requests += 1
        share.size_bytes += announced_bytes
        try:
            most = self._settings.ingest_max_batch_events
            await self._wait_for_credit(visit, min(announced_bytes / BYTES_AN_EVENT, most))
            yield visit
        finally:
            share.requests -= 1
            share.size_bytes -= announced_bytes
            if not visit.is_read:
                visit.spend(0)

    def _share(self, principal: Principal) -> Share:
        share = self._by_key.get(principal.id)
        if share is None:
            rate = events_per_s(self._settings, principal)
            burst = rate * self._settings.ingest_burst_s
            share = self._by_key[principal.id] = Share(rate, burst, burst, self._monotonic_s())
        return share

    def _require_room(self, share: Share, announced_bytes: int) -> None:
        settings = self._settings
        if share.requests >= settings.ingest_key_requests:
            raise self._no_room(f"{share.requests} requests of this key are under way.")
        if share.requests and share.size_bytes + announced_bytes > settings.ingest_key_bytes:
            raise self._no_room(f"{share.size_bytes} bytes of this key are under way.")

    def _no_room(self, detail: str) -> Problem:
        if self._log.acknowledges:
            return self._refusal(detail, 1)
        return LogUnavailable(f"{detail} The broker does not acknowledge; these events were not sent.")

    async def _wait_for_credit(self, visit: Visit, events: float) -> None:
        """Returns when what was sent before is paid. Raises as `entered`, when that would take longer than `ingest_key_wait_s`."""
        share, most_s = visit.share, self._settings.ingest_key_wait_s
        self._refill(share)
        wait_s = -share.credit / share.events_per_s
        if wait_s > 0:
            self._require_log()
        if wait_s > most_s:
            await self._sleep(most_s)
            self._require_log()
            raise self._refusal(
                f"This key sends more than {share.events_per_s:g} events a second.", wait_s - most_s
            )
        share.credit -= events
        visit.reserved = events
        if wait_s > 0:
            self._held_back["delayed"].inc()
            await self._sleep(wait_s)

    def _refill(self, share: Share) -> None:
        now = self._monotonic_s()
        earned = (now - share.at) * share.events_per_s
        share.credit, share.at = min(share.credit + earned, share.burst), now

    def _require_log(self) -> None:
        if not self._log.is_available:
            raise LogUnavailable("The broker does not answer; the events were not sent.")

    def _refusal(self, detail: str, after_s: float) -> TooMuchAtOnce:
        self._held_back["refused"].inc()
        return TooMuchAtOnce(detail, retry_after_s=max(1, math.ceil(after_s)))


def events_per_s(settings: IngestSettings, principal: Principal) -> int:
    """What the key may send for long."""
    return (
        settings.ingest_unit_events_per_s
        if principal.role == "unit"
        else settings.ingest_department_events_per_s
    )
