"""Takes events in: checks each, appends those that pass to the log, and tells of each what became of it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import count, repeat
from typing import Final, NamedTuple, get_args

import msgspec

from services.contracts.events import AnyEvent
from services.contracts.ids import BlockId
from services.contracts.principals import Principal
from services.contracts.problems import Problem
from services.contracts.tracing import Trace
from services.contracts.validation import AcceptedBatch, EventValidator, SenderCheck
from services.ingest.answers import EventResult, Status
from services.ingest.event_log import EventLog, LogRecord
from services.ingest.packing import pack
from services.ingest.recent import Fingerprint, RecentEvents, fingerprint, fingerprints

_TURN: Final = 200
"""After so many events, about 1 ms, other requests have their turn; one takes some five turns from its head to its answer."""

_ACCEPTED: Final[Status] = "accepted"


class _Identified(msgspec.Struct):
    id: str | None = None


_decode_id: Final = msgspec.json.Decoder(_Identified).decode


class Checked(NamedTuple):
    """One request's events after the check: a result for each, in order; the accepted ones as records, and what to know them by afterwards."""

    results: list[EventResult]
    records: list[LogRecord]
    fresh: dict[Fingerprint, BlockId]

    def counts(self) -> dict[Status, int]:
        """The results by status."""
        if len(self.fresh) == len(self.results):  # all accepted, as mostly
            return {"accepted": len(self.results), "rejected": 0, "duplicate": 0}
        statuses = [result.status for result in self.results]
        return {status: statuses.count(status) for status in get_args(Status)}


class Intake:
    """The path of events from a request into the log, without HTTP and without Kafka. For one event loop."""

    def __init__(self, validator: EventValidator, log: EventLog, recent: RecentEvents) -> None:
        self._validator = validator
        self._log = log
        self._recent = recent

    async def check(self, events: Sequence[bytes], principal: Principal, now: datetime) -> Checked:
        """Sorts the events of one request. Nothing is stored yet."""
        sorting = _Sorting(self._validator.for_sender(principal, now), self._recent, principal.id)
        results: list[EventResult] = []
        for first in range(0, len(events), _TURN):
            if first:
                await asyncio.sleep(0)
            results += sorting.place_all(first, events[first : first + _TURN])
        return Checked(results, pack(*sorting.accepted), sorting.fresh)

    async def store(self, checked: Checked, trace: Trace | None = None) -> None:
        """Returns when all accepted events are acknowledged; only then may the results be told.

        Raises `LogUnavailable`, and then nothing is remembered, so that the same events may come again.
        """
        if checked.records:
            await self._log.append(checked.records, trace)
            self._recent.add_all(checked.fresh)


class _Sorting:
    """The events of one request, sorted into accepted, duplicate and rejected."""

    def __init__(self, sender: SenderCheck, recent: RecentEvents, principal: str) -> None:
        self._sender = sender
        self._recent = recent
        self._principal = principal
        self.accepted = AcceptedBatch([], [])
        self.fresh: dict[Fingerprint, BlockId] = {}

    def place_all(self, first: int, raws: Sequence[bytes]) -> list[EventResult]:
        """As `place` for each, the first at that index: all at once when all are new and good, as they mostly are."""
        marks = fingerprints(self._principal, raws)
        distinct = set(marks)
        is_new = len(distinct) == len(marks) and self.fresh.keys().isdisjoint(distinct)
        if is_new and not self._recent.knows_any(distinct) and (batch := self._sender.check_all(raws)):
            events, blocks = batch
            self._take(marks, events, blocks)
            ids = [event.id for event in events]
            return list(map(EventResult, count(first), ids, repeat(_ACCEPTED), blocks))
        return [self.place(index, raw) for index, raw in enumerate(raws, first)]

    def place(self, index: int, raw: bytes) -> EventResult:
        """A known duplicate is not checked again: what was acknowledged once must not be called rejected after a new pack."""
        mark = fingerprint(self._principal, raw)
        if block := self.fresh.get(mark) or self._recent.find(mark):
            return EventResult(index=index, id=_id_of(raw), status="duplicate", block=block)
        try:
            accepted = self._sender.check(raw)
        except Problem as problem:
            return EventResult(index=index, id=_id_of(raw), status="rejected", problem=problem.as_detail())
        self._take([mark], [accepted.event], [accepted.block])
        return EventResult(index=index, id=accepted.event.id, status="accepted", block=accepted.block)

    def _take(
        self, marks: Sequence[Fingerprint], events: Sequence[AnyEvent], blocks: Sequence[BlockId]
    ) -> None:
        self.accepted.events.extend(events)
        self.accepted.blocks.extend(blocks)
        self.fresh.update(zip(marks, blocks, strict=True))


def _id_of(raw: bytes) -> str | None:
    """The event's id as far as it can be read."""
    try:
        return _decode_id(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
