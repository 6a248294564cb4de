"""Packs the accepted events of one request into records: one for each block, split below the size a record may have."""

from collections.abc import Sequence

from services.contracts.events import AnyEvent, record_values
from services.contracts.ids import BlockId
from services.contracts.validation import Accepted
from services.ingest.event_log import LogRecord


def pack(accepted: Sequence[Accepted]) -> list[LogRecord]:
    """The records, in the order in which their blocks first come; inside a block the events keep their order."""
    by_block: dict[BlockId, list[AnyEvent]] = {one.block: [] for one in accepted}
    if len(by_block) == 1:  # as in most requests, and quicker
        by_block = {accepted[0].block: [one.event for one in accepted]}
    else:
        for one in accepted:
            by_block[one.block].append(one.event)
    return [LogRecord(block, value) for block, events in by_block.items() for value in record_values(events)]
