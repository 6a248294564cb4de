"""Packs the accepted events of one request into records: one for each block, split below the size a record may have."""

from collections.abc import Iterator, Sequence

from services.contracts.events import MAX_RECORD_BYTES, AnyEvent, encode_record
from services.contracts.ids import BlockId
from services.contracts.validation import Accepted
from services.ingest.event_log import LogRecord


def pack(accepted: Sequence[Accepted]) -> list[LogRecord]:
    """The records, in the order in which their blocks first come; inside a block the events keep their order."""
    by_block: dict[BlockId, list[AnyEvent]] = {}
    for one in accepted:
        by_block.setdefault(one.block, []).append(one.event)
    return [LogRecord(block, value) for block, events in by_block.items() for value in _values(events)]


def _values(events: list[AnyEvent]) -> Iterator[bytes]:
    """Record values below the limit: halves of what is too large. One event always fits, it is far smaller than a record may be."""
    value = encode_record(events)
    if len(value) <= MAX_RECORD_BYTES or len(events) == 1:
        yield value
    else:
        middle = len(events) // 2
        yield from _values(events[:middle])
        yield from _values(events[middle:])
