"""What a block's evaluations must be: its log folded again, by the very fold of the worker."""

from collections.abc import Sequence
from typing import Final

from services.cli.broker import Broker, Held
from services.cli.failures import CannotReach
from services.contracts.ids import BlockId, EvaluationId, PackHash
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.model import Pack
from services.contracts.results import decode_evaluation
from services.contracts.routing import partition_of
from services.contracts.topics import EVALUATIONS, EVENTS, PACKS
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.fold import MissingPack, PartitionFold
from services.scoring.worker.ports import LogRecord

_NEVER: Final = 10**18

Bodies = dict[EvaluationId, bytes]


def recomputed(broker: Broker, block: BlockId) -> Bodies:
    """Every evaluation of the block, as its log in the broker gives it now. Raises `CannotReach`."""
    records = [record for record in broker.read(EVENTS) if record.key == block]
    partitions = broker.existing([EVENTS])[EVENTS.name].partitions
    return fold_block(records, block, partitions, published_packs(broker))


def fold_block(records: Sequence[Held], block: BlockId, partitions: int, catalog: PackCatalog) -> Bodies:
    """The evaluations among the outputs of `folded`. Raises `CannotReach`."""
    outputs = folded(records, block, partitions, catalog).unconfirmed
    bodies = [output.value for output in outputs if output.topic == EVALUATIONS.name]
    return {decode_evaluation(body).id: body for body in bodies}


def folded(records: Sequence[Held], block: BlockId, partitions: int, catalog: PackCatalog) -> PartitionFold:
    """The fold of all records of the block, with every output that follows. Raises `CannotReach` when they activate a pack that is not there."""

    def pack(hash: PackHash) -> Pack | None:
        compiled = catalog.get(hash)
        return None if compiled is None else compiled.pack

    limit = DeadLetterLimit(in_a_row=_NEVER, window=_NEVER, share=1.0)
    fold = PartitionFold(partition_of(block, partitions), partitions, pack, limit, halts={})
    try:
        for record in sorted(records, key=lambda held: held.offset):
            fold.apply(LogRecord(record.offset, block.encode(), record.value or b"", record.timestamp_ms))
    except MissingPack as missing:
        raise CannotReach(f"{missing}.", "Publish it: thidua pack publish campaigns/<name>.") from missing
    return fold


def published_packs(broker: Broker) -> PackCatalog:
    """Every pack that stands in the broker. Raises `CannotReach`."""
    catalog = PackCatalog()
    for record in broker.read(PACKS):
        if record.value is not None:
            catalog.put(record.value)
    return catalog
