"""What in a record cannot be applied, with the reason and a hint; and the good events of a record that has bad ones."""

from typing import Final

import msgspec

from services.contracts.event_data import WHOLE_RECORD, Place
from services.contracts.events import AnyEvent, decode_event, split_record
from services.scoring.worker.halting import Crash
from services.scoring.worker.ports import LogRecord

BAD_RECORD: Final = "bad-record"


class Fault(msgspec.Struct, frozen=True):
    """Bytes that could not be applied, with the reason."""

    body: bytes
    reason: str
    detail: str
    hint: str
    source: str | None = None
    id: str | None = None
    kept: bool = False
    """It is in the state all the same, so it says nothing about the writers."""


def whole_record(place: Place) -> Place:
    """The place of the record that the event stands in."""
    return Place(place.partition, place.offset, WHOLE_RECORD)


def halted_at(record: LogRecord, crash: Crash) -> Fault:
    """The record from which on its block is not applied."""
    return Fault(
        record.value,
        "block-halted",
        f"the engine crashed three times at event {crash.place.index} of this record ({crash.error or 'unknown'}); "
        "this block is not applied any further, the others are",
        "Start a version of the worker that mends the fault; it goes on from this record and loses nothing.",
    )


def decode_one_by_one(value: bytes) -> list[AnyEvent | Fault]:
    """The good events of a record that has bad ones; a record that is no JSON array is one fault."""
    try:
        raw_events = split_record(value)
    except msgspec.DecodeError as error:
        hint = "A record's value is a JSON array of CloudEvents; correct the writer, then replay the events."
        return [Fault(value, BAD_RECORD, str(error), hint)]
    return [_decode_raw(bytes(raw)) for raw in raw_events]


def _decode_raw(body: bytes) -> AnyEvent | Fault:
    try:
        return decode_event(body)
    except msgspec.DecodeError as error:
        hint = "Correct the field that the detail names and replay the event with a new id."
        return Fault(body, "bad-event", str(error), hint)
