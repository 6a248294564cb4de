"""The newest dead letters in memory: bounded for each block and in all, with counts a minute that go on when letters are put out.

Older ones are kept for ever on `campaign.dead-letters`; `thidua dead-letters` reads them there
(docs/decisions/0091-the-api-holds-the-newest-dead-letters.md).
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final, Literal, NamedTuple

import msgspec

from services.contracts.event_data import Place
from services.contracts.following import Record
from services.contracts.ids import BlockId
from services.contracts.records import CAUSE, header
from services.contracts.results import DeadLetter, decode_dead_letter
from services.contracts.routing import campaign_of

Service = Literal["scoring", "storage"]

MINUTES: Final = 60
NEWEST_OF_PARTITION: Final = 1_000
"""Read at a start. More would be read in vain where few blocks share a partition, and a flood would hold the start up."""

_MOST_BODY_BYTES: Final = 64 * 1024
"""As large as an event may be. What is larger is a whole record, which the command shows."""

_LETTER_COSTS: Final = 1_024
"""Bytes that a letter takes beside its body, about."""

_MOST_REASONS: Final = 200
_ORDER: Final = attrgetter("order")


class _Envelope(msgspec.Struct):
    """As much of a refused event as can be read."""

    subject: str | None = None
    source: str | None = None
    id: str | None = None


_read_envelope: Final = msgspec.json.Decoder(_Envelope).decode


Order = tuple[datetime, str, Place]


class HeldLetter(NamedTuple):
    """A dead letter with what its bytes say of the event. `body` is None where it is too large to be held."""

    letter: DeadLetter
    service: Service
    unit: str | None
    source: str | None
    event: str | None
    body: bytes | None
    order: Order
    """The newest is the greatest."""

    @property
    def id(self) -> str:
        """Names it in addresses: topic and place."""
        place = self.letter.place
        return f"{self.letter.topic}:{place.partition}:{place.offset}:{place.index}"

    @property
    def costs(self) -> int:
        return _LETTER_COSTS + len(self.body or b"")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters; None asks for all."""

    reason: str | None = None
    unit: str | None = None
    block: str | None = None
    campaign: str | None = None
    service: Service | None = None
    since: datetime | None = None

    def takes(self, held: HeldLetter) -> bool:
        letter = held.letter
        return (
            self.reason in (None, letter.reason)
            and self.unit in (None, held.unit)
            and self.block in (None, letter.key)
            and (self.campaign is None or self.campaign == campaign_of(BlockId(letter.key)))
            and self.service in (None, held.service)
            and (self.since is None or letter.at >= self.since)
        )


class ReasonCount(msgspec.Struct, frozen=True):
    """One reason. `held` counts the letters in memory; `minutes` all that came in each of the last 60 minutes, oldest first."""

    reason: str
    held: int
    per_minute: int
    minutes: list[int]
    last: datetime


@dataclass(slots=True)
class _OfBlock:
    letters: "OrderedDict[tuple[str, Place], HeldLetter]" = field(default_factory=OrderedDict)
    costs: int = 0


class DeadLetterShelf:
    """One thread calls `apply`, any reads. Equal copies count once while the first is held: a worker that starts again writes some twice."""

    def __init__(self, now: Callable[[], datetime], per_block: int, most_bytes: int) -> None:
        self._now = now
        self._per_block = per_block
        self._most_bytes = most_bytes
        self._blocks: dict[BlockId, _OfBlock] = {}
        self._costs = 0
        self._minutes: dict[str, Counter[int]] = {}
        self._last: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def apply(self, record: Record) -> None:
        """Raises msgspec's errors for what is no dead letter."""
        if record.value is None:
            return
        held = _held(record, decode_dead_letter(record.value))
        with self._lock:
            if self._put(held):
                self._count(held.letter)

    def _put(self, held: HeldLetter) -> bool:
        of_block = self._blocks.setdefault(BlockId(held.letter.key), _OfBlock())
        key = held.letter.topic, held.letter.place
        if key in of_block.letters:
            return False
        of_block.letters[key] = held
        of_block.costs += held.costs
        self._costs += held.costs
        if len(of_block.letters) > self._per_block:
            self._drop_oldest(BlockId(held.letter.key))
        while self._costs > self._most_bytes:
            self._drop_oldest(max(self._blocks, key=lambda block: self._blocks[block].costs))
        return True

    def _drop_oldest(self, block: BlockId) -> None:
        of_block = self._blocks[block]
        _, dropped = of_block.letters.popitem(last=False)
        of_block.costs -= dropped.costs
        self._costs -= dropped.costs
        if not of_block.letters:
            del self._blocks[block]

    def _count(self, letter: DeadLetter) -> None:
        if letter.reason not in self._minutes and len(self._minutes) >= _MOST_REASONS:
            return
        minutes = self._minutes.setdefault(letter.reason, Counter())
        minutes[_minute(letter.at)] += 1
        for old in [minute for minute in minutes if minute <= _minute(self._now()) - MINUTES]:
            del minutes[old]
        self._last[letter.reason] = max(letter.at, self._last.get(letter.reason, letter.at))

    # --- what readers ask -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        with self._lock:
            return sum(len(of_block.letters) for of_block in self._blocks.values())

    def newest(self, wanted: Wanted) -> list[HeldLetter]:
        """The letters that are held and wanted, newest first."""
        return sorted(filter(wanted.takes, self._all()), key=_ORDER, reverse=True)

    def oldest(self) -> datetime | None:
        """Of those that are held."""
        first = min(self._all(), key=_ORDER, default=None)
        return None if first is None else first.letter.at

    def get(self, id: str) -> HeldLetter | None:
        return next((held for held in self._all() if held.id == id), None)

    def counts(self) -> list[ReasonCount]:
        """Of each reason, the one that came last first."""
        held = Counter(one.letter.reason for one in self._all())
        now = _minute(self._now())
        with self._lock:
            minutes = {reason: Counter(counted) for reason, counted in self._minutes.items()}
            last = dict(self._last)
        return [
            ReasonCount(reason, held[reason], counted[now], _last_hour(counted, now), last[reason])
            for reason, counted in sorted(minutes.items(), key=lambda item: last[item[0]], reverse=True)
        ]

    def recent(
        self,
        *,
        within: timedelta,
        block: BlockId | None = None,
        unit: str | None = None,
        campaign: str | None = None,
    ) -> int:
        """How many of a block, or of a unit of a campaign, are held from within that time."""
        wanted = Wanted(unit=unit, block=block, campaign=campaign, since=self._now() - within)
        return sum(wanted.takes(held) for held in self._all(block))

    def halts(self) -> list[DeadLetter]:
        """The newest `block-halted` of each block that is held."""
        newest = {
            held.letter.key: held.letter for held in reversed(self.newest(Wanted(reason="block-halted")))
        }
        return list(newest.values())

    def _all(self, block: BlockId | None = None) -> Iterator[HeldLetter]:
        with self._lock:
            chosen = list(self._blocks.values()) if block is None else [self._blocks.get(block, _OfBlock())]
            found = [held for of_block in chosen for held in of_block.letters.values()]
        return iter(found)


def _held(record: Record, letter: DeadLetter) -> HeldLetter:
    """Outputs of scoring name their cause; storage's letters have none."""
    envelope = _envelope(letter.body)
    return HeldLetter(
        letter=msgspec.structs.replace(letter, body=b""),
        service="storage" if header(record.headers, CAUSE) is None else "scoring",
        unit=envelope.subject,
        source=letter.source or envelope.source,
        event=letter.id or envelope.id,
        body=letter.body if len(letter.body) <= _MOST_BODY_BYTES else None,
        order=(letter.at, letter.topic, letter.place),
    )


def _envelope(body: bytes) -> _Envelope:
    try:
        return _read_envelope(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Envelope()


def _minute(at: datetime) -> int:
    return int(at.timestamp() // 60)


def _last_hour(counted: Counter[int], now: int) -> list[int]:
    return [counted[minute] for minute in range(now - MINUTES + 1, now + 1)]
