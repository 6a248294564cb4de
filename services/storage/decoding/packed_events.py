"""The quick way of `campaign.events`: a record whose events are all readable, as bytes of columns at once, without a row for any of them.

It gives what `event_rows` gives, or nothing: whatever is unusual in a record is left to that.
"""

from array import array
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Final

import msgspec

from services.contracts.event_data import ReportData
from services.contracts.events import (
    EVENT_TYPES,
    MAX_EVENT_BYTES,
    AnyEvent,
    Report,
    decode_record,
    split_record,
    type_of,
)
from services.contracts.following import Record
from services.contracts.steps import door_of
from services.storage.columns import Columns, by_table
from services.storage.decoding.events import event_rows, record_times
from services.storage.decoding.origin import Origin, count
from services.storage.decoding.said import said_by
from services.storage.decoding.streams import (
    arrays,
    bodies,
    instants,
    nullable,
    numbers,
    optional_instants,
    same,
    same_text,
    texts,
)
from services.storage.packed import Column, Packed, Piece
from services.storage.rows import EventRow, RawEventRow, Row

_TYPE_OF: Final = {event_class: type_of(event_class) for event_class in EVENT_TYPES}
_ENVELOPE: Final = attrgetter("source", "id", "subject", "time", "receivedtime", "principal", "origin")
_SAID: Final = attrgetter(
    "indicator",
    "period",
    "value",
    "numerator",
    "denominator",
    "passed",
    "revision",
    "evidence",
    "note",
    "simulated",
)
_MAX_EVENTS: Final = 8_192
_INDEXES: Final = array("i", range(_MAX_EVENTS)).tobytes()

_PLACE: Final = (
    Column("log_id", "UUID"),
    Column("partition", "UInt32"),
    Column("offset", "UInt64"),
    Column("index", "Int32"),
)
_NAMED: Final = tuple(Column(name, "String") for name in ("block", "source", "id", "type", "subject"))
_RECEIVED: Final = Column("received", "Nullable(DateTime64(6, 'UTC'))")

RAW_LOG: Final = (
    *_PLACE,
    *_NAMED,
    Column("time", "Nullable(DateTime64(6, 'UTC'))"),
    _RECEIVED,
    Column("logged", "DateTime64(3, 'UTC')"),
    Column("well_formed", "Bool"),
    Column("body", "String"),
)
EVENTS: Final = (
    *_PLACE,
    *_NAMED,
    Column("time", "DateTime64(6, 'UTC')"),
    _RECEIVED,
    Column("generation", "UInt16"),
    Column("principal", "String"),
    Column("origin", "String"),
    Column("indicator", "String"),
    Column("period", "String"),
    Column("value", "Nullable(Float64)"),
    Column("numerator", "Nullable(Float64)"),
    Column("denominator", "Nullable(Float64)"),
    Column("passed", "Nullable(Bool)"),
    Column("revision", "UInt64"),
    Column("evidence", "Array(String)"),
    Column("note", "String"),
    Column("simulated", "Bool"),
)


def packed_events(record: Record, origin: Origin) -> list[Columns | Packed] | None:
    """The rows of all tables; None when an event is not readable, or there is none, or the bytes are not as we write them."""
    value = record.value
    if value is None:
        return None
    try:
        events, raws = decode_record(value), split_record(value)
        if not _is_usual(value, raws):
            return None
        return _packed(record, origin, events, raws)
    except (msgspec.MsgspecError, ValueError, OverflowError):
        return None


def _is_usual(value: bytes, raws: Sequence[msgspec.Raw]) -> bool:
    """Whether there are events, none too large, and nothing between them but one comma: then the record is what its events make."""
    lengths = list(map(len, raws))
    return (
        0 < len(raws) <= _MAX_EVENTS
        and max(lengths) <= MAX_EVENT_BYTES
        and sum(lengths) + len(raws) + 1 == len(value)
    )


def _packed(
    record: Record, origin: Origin, events: Sequence[AnyEvent], raws: Sequence[msgspec.Raw]
) -> list[Columns | Packed]:
    many = len(events)
    source, ids, subject, time, received, principal, by = zip(*map(_ENVELOPE, events), strict=True)
    place = [
        (origin.log_id.bytes[7::-1] + origin.log_id.bytes[:7:-1]) * many,
        same("I", record.partition, many),
        same("Q", record.offset, many),
        _INDEXES[: 4 * many],
    ]
    named = [
        same_text(record.key, many),
        texts(source),
        texts(ids),
        _types(events),
        texts(_or_empty(subject)),
    ]
    times, came = instants(time), optional_instants(received)
    logged = same("q", record.timestamp_ms, many)
    raw = [*place, *named, bytes(many), times, *came, logged, b"\1" * many, bodies(raws)]
    generation = same("H", origin.generation, many)
    who = [texts(_or_empty(principal)), texts(_or_empty(by))]
    of_event = [*place, *named, times, *came, generation, *who, *_said(events)]
    packed: list[Columns | Packed] = [
        _table(RawEventRow, RAW_LOG, record, origin, many, raw),
        _table(EventRow, EVENTS, record, origin, many, of_event),
    ]
    door = next(filter(None, map(door_of, events)), None)
    return packed if door is None else [*packed, Columns.of([record_times(record, origin, many, door)])]


def _table(
    row_class: type[Row],
    columns: Sequence[Column],
    record: Record,
    origin: Origin,
    many: int,
    streams: Sequence[bytes],
) -> Packed:
    rows = partial(_thorough, row_class, record, origin)
    return Packed(row_class, columns, [Piece((record.partition, record.offset), many, streams, rows)])


def _thorough(row_class: type[Row], record: Record, origin: Origin) -> Columns:
    return next(rows for rows in by_table(event_rows(record, origin)) if rows.row_class is row_class)


def _types(events: Sequence[AnyEvent]) -> bytes:
    return texts([_TYPE_OF[type(event)] for event in events])


def _or_empty(column: Sequence[str | None]) -> Sequence[str]:
    return [text or "" for text in column]


def _said(events: Sequence[AnyEvent]) -> list[bytes]:
    """The streams of the columns of `EVENTS` from `indicator` on."""
    said: list[ReportData] = [event.data if type(event) is Report else said_by(event) for event in events]
    indicator, period, value, numerator, denominator, passed, revision, evidence, note, simulated = zip(
        *map(_SAID, said), strict=True
    )
    return [
        texts(indicator),
        texts(period),
        *nullable("d", value),
        *nullable("d", numerator),
        *nullable("d", denominator),
        *nullable("B", passed),
        numbers("Q", list(map(count, revision)) if any(revision) else revision),
        *arrays(evidence),
        texts(_or_empty(note)),
        numbers("B", simulated),
    ]
