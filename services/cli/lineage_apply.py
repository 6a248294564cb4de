"""Carries over what was reported before a change: the whole log is looked through, and what the successors lack is appended (DESIGN 5.5)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from services.cli.broker import Broker, Held, Outgoing
from services.contracts.events import (
    EVENT_SCHEMA,
    AnyEvent,
    Fact,
    Report,
    Retraction,
    decode_event,
    record_values,
    split_record,
)
from services.contracts.ids import BlockId
from services.contracts.pack.model import Pack
from services.contracts.routing import campaign_of
from services.contracts.topics import EVENTS
from services.scoring.engine import LINEAGE_SOURCE, Carry, carried_over


class Applied(NamedTuple):
    """What came of it: events by block that were appended now, and how many stood in the log already."""

    appended: dict[BlockId, int]
    known: int


def apply_lineage(broker: Broker, pack: Pack, now: datetime) -> Applied:
    """Returns when every event of a unit that has gone over into others by `now` stands in its successors' logs. Run again, or after it was
    cut off, it appends only what is lacking: ids follow from the original alone, and those of the worker, which carries late reports, are
    the same. Raises `CannotReach`.
    """
    carries, known = _wanted(broker.read(EVENTS), pack, now)
    by_block: dict[BlockId, list[AnyEvent]] = {}
    for carry in carries:
        by_block.setdefault(carry.block, []).append(
            msgspec.structs.replace(carry.event, receivedtime=now.astimezone(UTC))
        )
    for block, events in by_block.items():
        broker.append(EVENTS, [Outgoing(block, value, EVENT_SCHEMA) for value in record_values(events)])
    return Applied({block: len(events) for block, events in by_block.items()}, known)


def _wanted(records: Sequence[Held], pack: Pack, now: datetime) -> tuple[list[Carry], int]:
    """What is lacking, once each, in the order of the log; and how much of what is to be carried is there."""
    carried: set[tuple[str, str]] = set()
    wanted: dict[tuple[str, str], Carry] = {}
    for record in records:
        if campaign_of(BlockId(record.key)) != pack.campaign.id:
            continue
        for event in _events(record.value or b"[]"):
            if event.source == LINEAGE_SOURCE:
                carried.add((record.key, event.id))
            for carry in carried_over(event, pack, now):
                wanted[carry.block, carry.event.id] = carry
    lacking = [carry for key, carry in wanted.items() if key not in carried]
    return lacking, len(wanted) - len(lacking)


def _events(value: bytes) -> Iterator[Report | Fact | Retraction]:
    """The figures of a record; what cannot be read is a dead letter already."""
    try:
        raw_events = split_record(value)
    except msgspec.DecodeError:
        return
    for raw in raw_events:
        try:
            event = decode_event(raw)
        except msgspec.DecodeError:
            continue
        if isinstance(event, Report | Fact | Retraction):
            yield event
