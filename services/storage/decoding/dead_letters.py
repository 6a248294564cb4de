"""`campaign.dead-letters`: one row for each place that could not be applied. A letter that cannot be read is stored as one about itself."""

from typing import Final

from services.contracts.following import Record
from services.contracts.results import DeadLetter, decode_dead_letter
from services.storage.decoding.origin import Origin, Undecodable, micros
from services.storage.decoding.results import read_result
from services.storage.rows import DeadLetterRow, Row

_MICROS_OF_MILLI: Final = 1_000


def dead_letter_rows(record: Record, origin: Origin) -> list[Row]:
    """Never raises `Undecodable`: a dead letter about a dead letter would be read again, and again."""
    if record.value is None:
        return []
    try:
        letter = read_result(decode_dead_letter, record.value)
    except Undecodable as error:
        return [_unreadable(record, origin, str(error))]
    return [_letter(record, origin, letter)]


def _letter(record: Record, origin: Origin, letter: DeadLetter) -> DeadLetterRow:
    return DeadLetterRow(
        topic=letter.topic,
        generation=origin.generation,
        partition=letter.place.partition,
        offset=letter.place.offset,
        index=letter.place.index,
        key=letter.key,
        reason=letter.reason,
        detail=letter.detail,
        hint=letter.hint,
        source=letter.source or "",
        id=letter.id or "",
        at=micros(letter.at),
        body=letter.body,
        letter_offset=record.offset,
    )


def _unreadable(record: Record, origin: Origin, detail: str) -> DeadLetterRow:
    return DeadLetterRow(
        topic=record.topic,
        generation=origin.generation,
        partition=record.partition,
        offset=record.offset,
        index=-1,
        key=record.key,
        reason="bad-record",
        detail=detail,
        hint="Find out who wrote this to the dead letters; only scoring and storage may.",
        source="",
        id="",
        at=record.timestamp_ms * _MICROS_OF_MILLI,
        body=record.value or b"",
        letter_offset=record.offset,
    )
