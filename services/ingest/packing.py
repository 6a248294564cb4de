"""Packs the accepted events of one request into records: one for each block, split below the size a record may have."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from services.contracts.events import MAX_RECORD_BYTES
from services.contracts.ids import BlockId
from services.contracts.validation import Accepted
from services.ingest.event_log import LogRecord

_encode: Final = msgspec.json.Encoder().encode


def pack(accepted: Sequence[Accepted]) -> list[LogRecord]:
    """The records, in the order in which their blocks first come; inside a block the events keep their order."""
    by_block: dict[BlockId, list[bytes]] = {}
    for one in accepted:
        by_block.setdefault(one.block, []).append(_encode(one.event))
    return [LogRecord(block, value) for block, events in by_block.items() for value in _arrays(events)]


def _arrays(events: list[bytes]) -> Iterator[bytes]:
    """JSON arrays of the events, each below the limit: an event is far smaller than a record may be."""
    start, size = 0, 2
    for index, event in enumerate(events):
        if size + len(event) + 1 > MAX_RECORD_BYTES:
            yield b"[" + b",".join(events[start:index]) + b"]"
            start, size = index, 2
        size += len(event) + 1
    yield b"[" + b",".join(events[start:]) + b"]"
