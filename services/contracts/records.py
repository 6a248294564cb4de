"""Headers of the records on every topic: the schema version, and the place in the log that caused an output."""

from collections.abc import Iterable
from typing import Final

from services.contracts.event_data import Place

SCHEMA: Final = "schema"
CAUSE: Final = "cause"
"""`partition:offset:index` of the event that an output follows from. Readers of compacted topics keep the highest (DESIGN 8.2)."""

SENT: Final = "sent"
"""Wall-clock time at which the writer sent the record, microseconds since 1970 in decimal. Never part of a result's bytes."""

SHOWS: Final = "shows"
"""On a live ranking: the events that it is the first to show, with their times (`contracts.steps`)."""

Headers = list[tuple[str, bytes]]


def result_headers(schema: bytes, cause: Place, sent_us: int) -> Headers:
    """Headers of an output of the scoring worker; writers with a trace add it."""
    return [(SCHEMA, schema), (CAUSE, encode_place(cause)), (SENT, str(sent_us).encode())]


def encode_place(place: Place) -> bytes:
    return b"%d:%d:%d" % (place.partition, place.offset, place.index)


def header(headers: Iterable[tuple[str, bytes]], name: str) -> bytes | None:
    """The first header of that name, or None."""
    return next((value for key, value in headers if key == name), None)


def is_newer(candidate: Place, held: Place | None) -> bool:
    """Whether an output replaces the one held: a cause at or after it on the same partition wins; on equal places the later copy does."""
    return held is None or candidate >= held
