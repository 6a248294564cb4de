"""What one key may take of the door, so that nobody's burst costs the others their latency: a rate, what is under way, one check at a time."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.contracts.metrics import IngestMetrics
from services.contracts.principals import Principal
from services.contracts.problems import TooMuchAtOnce
from services.ingest.settings import IngestSettings


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


class Shares:
    """A token bucket and two counters for each key. Constant time a request; memory for each key that was ever used. For one event loop.

    A key that has sent too much waits for its credit before its body is read, which slows down whoever waits for an answer; whoever would
    have to wait longer than `ingest_key_wait_s` is refused then, so that coming again at once gains nothing.
    """

    def __init__(
        self,
        settings: IngestSettings,
        metrics: IngestMetrics,
        monotonic_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._held_back = metrics.held_back
        self._monotonic_s = monotonic_s
        self._sleep = sleep
        self._by_key: dict[str, Share] = {}

    @asynccontextmanager
    async def entered(self, principal: Principal, announced_bytes: int) -> AsyncIterator[Share]:
        """Counts a request as under way while the block runs. Raises `TooMuchAtOnce`."""
        share = self._share(principal)
        self._require_room(share, announced_bytes)
        share.requests += 1
        share.size_bytes += announced_bytes
        try:
            await self._wait_for_credit(share)
            yield share
        finally:
            share.requests -= 1
            share.size_bytes -= announced_bytes

    def spend(self, share: Share, events: int) -> None:
        """Takes events off the credit, whatever becomes of them: refusing them is work too."""
        self._refill(share)
        share.credit -= events

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
            raise self._refusal(f"{share.requests} requests of this key are under way.", 1)
        if share.requests and share.size_bytes + announced_bytes > settings.ingest_key_bytes:
            raise self._refusal(f"{share.size_bytes} bytes of this key are under way.", 1)

    async def _wait_for_credit(self, share: Share) -> None:
        """Returns when the credit is not negative. Raises `TooMuchAtOnce` when that would take longer than `ingest_key_wait_s`."""
        self._refill(share)
        wait_s, most_s = -share.credit / share.events_per_s, self._settings.ingest_key_wait_s
        if wait_s <= 0:
            return
        await self._sleep(min(wait_s, most_s))
        if wait_s > most_s:
            raise self._refusal(
                f"This key sends more than {share.events_per_s:g} events a second.", wait_s - most_s
            )
        self._held_back["delayed"].inc()

    def _refill(self, share: Share) -> None:
        now = self._monotonic_s()
        earned = (now - share.at) * share.events_per_s
        share.credit, share.at = min(share.credit + earned, share.burst), now

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
