"""Appends what the log of an owned block lacks by the pack's schedule, and asks for nothing twice while an answer is on its way."""

import time
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from services.contracts.events import AnyEvent, encode_record
from services.contracts.ids import BlockId, PackHash
from services.contracts.pack.model import Pack
from services.scoring.engine import BlockState, active_pack
from services.scoring.worker.ports import EventLog, Packs
from services.scoring.worker.schedule import due_events

ASKED_FOR_S: Final = 60.0
"""How long an event that was appended may take to be applied, far above any backlog of one's own log, before it is appended again."""

APPEND_AT_ONCE: Final = 500
"""Events in one record, about 200 KB: a schedule that begins years back stays below the size that a record may have."""


class Clock(NamedTuple):
    """Wall clock and monotonic clock, so that tests can turn them."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    wall_s: Callable[[], float] = time.time
    """The wall clock as a number, seconds since 1970: asked once a record."""


class Asking:
    """Of all partitions of one worker."""

    def __init__(self, events: EventLog, packs: Packs, clock: Clock) -> None:
        self._events = events
        self._packs = packs
        self._clock = clock
        self._asked: dict[tuple[BlockId, str], float] = {}

    async def append_due(
        self, partition: int, block: BlockId, state: BlockState, *, stands_still: bool = False
    ) -> None:
        """Appends ticks and evaluations that are due, as one record. A block that stands still applies none of them, so each is asked for
        once only: it is to be found at its time in the log when the block goes on, and not once a minute until then."""
        pack = self._pack_of(block, state)
        if pack is None:
            return
        lacking = due_events(state, pack, self._packs.get, self._clock.now())
        due = list(
            islice(
                (one for one in lacking if self._not_asked_lately(block, one, stands_still)), APPEND_AT_ONCE
            )
        )
        if due:
            await self._events.append(partition, block.encode(), encode_record(due))

    def forget(self) -> None:
        """What was asked for so long ago has been applied, or was lost and is asked for again."""
        now = self._clock.monotonic()
        self._asked = {key: at for key, at in self._asked.items() if now - at < ASKED_FOR_S}

    def _pack_of(self, block: BlockId, state: BlockState) -> Pack | None:
        pack: PackHash | None = active_pack(state)
        found = None if pack is None else self._packs.get(pack)
        return found if found is not None and block in found.block_by_id else None

    def _not_asked_lately(self, block: BlockId, event: AnyEvent, for_good: bool) -> bool:
        key = (block, event.id)
        if key in self._asked:
            return False
        self._asked[key] = float("inf") if for_good else self._clock.monotonic()
        return True
