"""The bounded window of events acknowledged lately, by which the door knows a duplicate. The fold decides about all others."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

from services.contracts.ids import BlockId

Fingerprint = int
"""64 bits that stand for one event of one key, as it was sent."""


def fingerprint(principal: str, raw: bytes) -> Fingerprint:
    """Equal for the same bytes of the same key. The same source and id with other content is another event: the fold decides.

    The interpreter's own hash, keyed at its start: an event is taken for another of 200,000 once in 10^14 times.
    """
    return hash((principal, raw))


def fingerprints(principal: str, raws: Sequence[bytes]) -> list[Fingerprint]:
    """`fingerprint` of each, without a call for each."""
    return list(map(hash, zip(repeat(principal), raws)))


class RecentEvents:
    """Remembers at least the newest half of `capacity` events, and at most `capacity`: two generations, of which the older is dropped."""

    def __init__(self, capacity: int) -> None:
        self._half = capacity // 2
        self._newer: dict[Fingerprint, BlockId] = {}
        self._older: dict[Fingerprint, BlockId] = {}

    def find(self, event: Fingerprint) -> BlockId | None:
        """The block that the event went to, or None when it is not remembered."""
        return self._newer.get(event) or self._older.get(event)

    def knows_any(self, events: Iterable[Fingerprint]) -> bool:
        """Whether `find` would find one of them."""
        return not (self._newer.keys().isdisjoint(events) and self._older.keys().isdisjoint(events))

    def add_all(self, events: Mapping[Fingerprint, BlockId]) -> None:
        """As `add` for each."""
        if len(self._newer) + len(events) < self._half:
            self._newer.update(events)
        else:
            for event, block in events.items():
                self.add(event, block)

    def add(self, event: Fingerprint, block: BlockId) -> None:
        """Only for an event that the log has acknowledged."""
        if len(self._newer) >= self._half:
            self._older, self._newer = self._newer, {}
        if self._half:
            self._newer[event] = block
