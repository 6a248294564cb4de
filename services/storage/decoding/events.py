"""`campaign.events`: one raw row for each event, readable or not, and one row of `events` for each readable one.

Bad events are not storage's to judge: scoring sends them to the dead letters, with the same reader. A record whose bytes are not those that its
events make in the one form that we write (spaces, an empty array, no value) is kept whole too: the hash chain is over its bytes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from services.contracts.decoding import decode_checked
from services.contracts.event_data import WHOLE_RECORD
from services.contracts.events import (
    AnyEvent,
    split_record,
    type_of,
)
from services.contracts.following import Record
from services.contracts.problems import Problem
from services.contracts.steps import door_of
from services.storage.decoding.origin import Origin, count, micros, optional_micros
from services.storage.decoding.said import said_by
from services.storage.rows import EventRow, Micros, RawEventRow, RecordTimeRow, Row

_MICROS_OF_MILLI: Final = 1_000


class _Attributes(msgspec.Struct):
    """What is read of an event that has not the form of its type."""

    source: str = ""
    id: str = ""
    type: str = ""
    subject: str | None = None


_read_attributes: Final = msgspec.json.Decoder(_Attributes).decode


def event_rows(record: Record, origin: Origin) -> list[Row]:
    value = record.value or b""
    try:
        raw_events = split_record(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return [_unreadable(record, origin, WHOLE_RECORD, value)]
    rows: list[Row] = []
    door: datetime | None = None
    if not raw_events or not is_as_we_write(value, list(map(bytes, raw_events))):
        rows.append(_unreadable(record, origin, WHOLE_RECORD, value))
    for index, raw in enumerate(raw_events):
        try:
            event = decode_checked(raw)
        except Problem:
            rows.append(_unreadable(record, origin, index, bytes(raw)))
        else:
            time = micros(event.time)
            readable = _raw(record, origin, index, event, time, bytes(raw))
            rows.append(readable)
            rows.append(_event(readable, origin, time, event))
            door = door or door_of(event)
    if door is not None:
        rows.append(record_times(record, origin, len(raw_events), door))
    return rows


def is_as_we_write(value: bytes, bodies: Sequence[bytes]) -> bool:
    """Whether the bytes of a record are those that its events make, so that nothing is lost where only the events are kept."""
    return value == b"[%s]" % b",".join(bodies)


def record_times(record: Record, origin: Origin, events: int, received: datetime) -> RecordTimeRow:
    """The events of a record came in one request, so that one of them tells for all."""
    door = micros(received)
    logged = max(door, record.timestamp_ms * _MICROS_OF_MILLI)  # the broker's clock has milliseconds
    return RecordTimeRow(origin.log_id, record.partition, record.offset, record.key, events, door, logged)


def _raw(
    record: Record, origin: Origin, index: int, event: AnyEvent, time: Micros, body: bytes
) -> RawEventRow:
    return RawEventRow(
        origin.log_id,
        record.partition,
        record.offset,
        index,
        record.key,
        event.source,
        event.id,
        type_of(type(event)),
        event.subject or "",
        time,
        optional_micros(event.receivedtime),
        record.timestamp_ms,
        True,
        body,
    )


def _unreadable(record: Record, origin: Origin, index: int, body: bytes) -> RawEventRow:
    attributes = _attributes(body) if index != WHOLE_RECORD else _Attributes()
    return RawEventRow(
        log_id=origin.log_id,
        partition=record.partition,
        offset=record.offset,
        index=index,
        block=record.key,
        source=attributes.source,
        id=attributes.id,
        type=attributes.type,
        subject=attributes.subject or "",
        time=None,
        received=None,
        logged=record.timestamp_ms,
        well_formed=False,
        body=body,
    )


def _attributes(body: bytes) -> _Attributes:
    try:
        return _read_attributes(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _Attributes()


def _event(raw: RawEventRow, origin: Origin, time: Micros, event: AnyEvent) -> EventRow:
    said = said_by(event)
    return EventRow(
        raw.block,
        raw.source,
        raw.id,
        raw.type,
        raw.subject,
        time,
        raw.received,
        event.principal or "",
        event.origin or "",
        said.indicator,
        said.period,
        said.value,
        said.numerator,
        said.denominator,
        said.passed,
        count(said.revision),
        said.evidence,
        said.note or "",
        said.simulated,
        origin.log_id,
        origin.generation,
        raw.partition,
        raw.offset,
        raw.index,
    )
