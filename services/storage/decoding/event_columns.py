"""The quick way of `campaign.events`: a record whose events are all readable, as columns at once, without a row for any of them.

It gives what `event_rows` gives, or nothing: whatever is unusual in a record is left to that.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from services.contracts.events import (
    EVENT_TYPES,
    MAX_EVENT_BYTES,
    AnyEvent,
    decode_record,
    split_record,
    type_of,
)
from services.contracts.following import Record
from services.contracts.steps import door_of
from services.storage.columns import Columns
from services.storage.decoding.events import is_as_we_write, record_times
from services.storage.decoding.origin import Origin, count, micros, optional_micros
from services.storage.decoding.said import said_by
from services.storage.rows import EventRow, Micros, RawEventRow

_TYPE_OF: Final = {event_class: type_of(event_class) for event_class in EVENT_TYPES}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_USUAL: Final = range(1902, 2299)
"""Years in which no time has to be moved to an end of the column's range, whatever its offset."""


def event_columns(record: Record, origin: Origin) -> list[Columns] | None:
    """The rows of all tables; None when an event is not readable, or there is none, or the bytes are not as we write them."""
    if record.value is None:
        return None
    try:
        events = decode_record(record.value)
        bodies = [bytes(raw) for raw in split_record(record.value)]
    except (msgspec.MsgspecError, ValueError):
        return None
    if not bodies or max(map(len, bodies)) > MAX_EVENT_BYTES or not is_as_we_write(record.value, bodies):
        return None
    return _columns(record, origin, events, bodies)


def _columns(
    record: Record, origin: Origin, events: Sequence[AnyEvent], bodies: list[bytes]
) -> list[Columns]:
    many = len(events)
    block, log_id = [record.key] * many, [origin.log_id] * many
    partition, offset, index = [record.partition] * many, [record.offset] * many, list(range(many))
    named: list[list[Any]] = [
        [event.source for event in events],
        [event.id for event in events],
        [_TYPE_OF[type(event)] for event in events],
        [event.subject or "" for event in events],
        _micros([event.time for event in events]),
        _optional_micros([event.receivedtime for event in events]),
    ]
    logged, well_formed = [record.timestamp_ms] * many, [True] * many
    raw: list[list[Any]] = [
        log_id,
        partition,
        offset,
        index,
        block,
        *named,
        logged,
        well_formed,
        bodies,
    ]
    of_event: list[list[Any]] = [
        block,
        *named,
        *_said(events),
        log_id,
        [origin.generation] * many,
        partition,
        offset,
        index,
    ]
    columns = [Columns(RawEventRow, raw), Columns(EventRow, of_event)]
    door = next(filter(None, map(door_of, events)), None)
    return columns if door is None else [*columns, Columns.of([record_times(record, origin, many, door)])]


def _said(events: Sequence[AnyEvent]) -> list[list[Any]]:
    """The columns of `EventRow` from `principal` to `simulated`."""
    said = [said_by(event) for event in events]
    return [
        [event.principal or "" for event in events],
        [event.origin or "" for event in events],
        [data.indicator for data in said],
        [data.period for data in said],
        [data.value for data in said],
        [data.numerator for data in said],
        [data.denominator for data in said],
        [data.passed for data in said],
        [count(data.revision) if data.revision else 0 for data in said],
        [data.evidence for data in said],
        [data.note or "" for data in said],
        [data.simulated for data in said],
    ]


def _micros(times: list[datetime]) -> list[Micros]:
    """As `micros` for each; those of one request are mostly the same."""
    first = times[0]
    if times.count(first) == len(times):
        return [micros(first)] * len(times)
    return [_usual_micros(time) if time.year in _USUAL else micros(time) for time in times]


def _optional_micros(times: list[datetime | None]) -> list[Micros | None]:
    first = times[0]
    if times.count(first) == len(times):
        return [optional_micros(first)] * len(times)
    return [optional_micros(time) for time in times]


def _usual_micros(time: datetime) -> Micros:
    since = time - _EPOCH
    return since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds
