"""Packs the accepted events of one request into records: one for each block, split below the size a record may have."""

from collections.abc import Sequence

from services.contracts.events import AnyEvent, record_values
from services.contracts.ids import BlockId
from services.ingest.event_log import LogRecord


def pack(events: Sequence[AnyEvent], blocks: Sequence[BlockId]) -> list[LogRecord]:
    """The records of events with their blocks, in the order in which the blocks first come; inside a block the events keep their order."""
    by_block: dict[BlockId, list[AnyEvent]] = {block: [] for block in blocks}
    if len(by_block) == 1:  # as in most requests, and quicker
        by_block[blocks[0]].extend(events)
    else:
        for event, block in zip(events, blocks, strict=True):
            by_block[block].append(event)
    return [
        LogRecord(block, value) for block, together in by_block.items() for value in record_values(together)
    ]
