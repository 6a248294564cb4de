"""What a block's evaluations must be: its log folded again by one process that nothing disturbs."""

from collections.abc import Sequence
from typing import Final

from services.cli.broker import Held
from services.contracts.ids import BlockId, EvaluationId, PackHash
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.model import Pack
from services.contracts.results import decode_evaluation
from services.contracts.routing import partition_of
from services.contracts.topics import EVALUATIONS
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.fold import PartitionFold
from services.scoring.worker.ports import LogRecord

_NEVER: Final = 10**18


def fold_block(
    records: Sequence[Held], block: BlockId, partitions: int, catalog: PackCatalog
) -> dict[EvaluationId, bytes]:
    """The evaluations among the outputs of `folded`."""
    outputs = folded(records, block, partitions, catalog).unconfirmed
    bodies = [output.value for output in outputs if output.topic == EVALUATIONS.name]
    return {decode_evaluation(body).id: body for body in bodies}


def folded(records: Sequence[Held], block: BlockId, partitions: int, catalog: PackCatalog) -> PartitionFold:
    """The fold of all records of the block, with every output that follows."""

    def pack(hash: PackHash) -> Pack | None:
        compiled = catalog.get(hash)
        return None if compiled is None else compiled.pack

    limit = DeadLetterLimit(in_a_row=_NEVER, window=_NEVER, share=1.0)
    fold = PartitionFold(partition_of(block, partitions), partitions, pack, limit, halts={})
    for record in sorted(records, key=lambda held: held.offset):
        fold.apply(LogRecord(record.offset, block.encode(), record.value or b"", record.timestamp_ms))
    return fold
