"""Where a record comes from besides its place: which log. Also how its times become columns."""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.contracts.following import Record
from services.contracts.records import SENT, header
from services.storage.rows import Micros

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST: Final = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST: Final = (datetime(2299, 12, 31, tzinfo=UTC) - _EPOCH) // _MICROSECOND

_MAX_COUNT: Final = 2**63 - 1


class Undecodable(Exception):  # noqa: N818 - it names what the record is
    """The record cannot be read as what its topic holds; the message says why. It goes to the dead letters; never try it again."""


class Origin(NamedTuple):
    """`log_id` is Kafka's id of the topic, `generation` counts the topic's logs from 1."""

    log_id: UUID
    generation: int


def micros(instant: datetime) -> Micros:
    """The instant as a DateTime64(6) column holds it. What lies outside of 1900 to 2299, the type's range, becomes its nearest end."""
    return min(max((instant - _EPOCH) // _MICROSECOND, _FIRST), _LAST)


def optional_micros(instant: datetime | None) -> Micros | None:
    return None if instant is None else micros(instant)


def count(number: int) -> int:
    """A number without an upper bound in the contract, as a UInt64 column holds it."""
    return min(max(number, 0), _MAX_COUNT)


def sent_micros(record: Record) -> Micros | None:
    """When the writer sent the record, from its header; None when it does not say."""
    value = header(record.headers, SENT)
    return int(value) if value is not None and value.isdigit() else None
