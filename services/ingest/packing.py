"""Packs the accepted events of one request into records: one for each block, split below the size a record may have."""

from collections.abc import Sequence

from services.contracts.events import AnyEvent, record_values
from services.contracts.ids import BlockId
from services.contracts.validation import Accepted
from services.ingest.event_log import LogRecord


def pack(accepted: Sequence[Accepted]) -> list[LogRecord]:
    """The records, in the order in which their blocks first come; inside a block the events keep their order."""
    by_block: dict[BlockId, list[AnyEvent]] = {}
    for one in accepted:
        by_block.setdefault(one.block, []).append(one.event)
    return [LogRecord(block, value) for block, events in by_block.items() for value in record_values(events)]
