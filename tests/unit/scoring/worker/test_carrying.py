"""What lineage carries over goes into the log of the successor's block, on its own partition, behind the same acknowledgement as any output."""

from datetime import date

import pytest

from services.contracts import topics
from services.contracts.events import Report, decode_record
from services.contracts.ids import BlockId
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.lineage import LineageEdge
from services.contracts.routing import partition_of
from services.scoring.worker.fold import MissingPack, PartitionFold
from tests.support.packs import activation, report, small_pack
from tests.unit.scoring.worker.fakes import PARTITIONS, Bench, block_on

OLD, NEW = block_on(0), block_on(1)
BLOCK = BlockId(f"tiny/{OLD}")
FEBRUARY = date(2026, 2, 1)


def merged() -> CompiledPack:
    """The first two units of one block became one of another block in February."""
    pack = small_pack(blocks=(OLD, NEW)).pack
    olds, new = (f"{OLD}-u1", f"{OLD}-u2"), f"{NEW}-u1"
    units = tuple(
        unit.model_copy(update={"valid_to": FEBRUARY} if unit.id in olds else {"valid_from": FEBRUARY})
        if unit.id in (*olds, new)
        else unit
        for unit in pack.units
    )
    additive = tuple(one.model_copy(update={"carried": "sum"}) for one in pack.indicators)
    edges = tuple(LineageEdge(old=old, new=new, date=FEBRUARY) for old in olds)
    return compile_pack(pack.model_copy(update={"units": units, "lineage": edges, "indicators": additive}))


PACK = merged()


async def test_late_reports_are_written_to_the_log_of_the_successors_block() -> None:
    bench = Bench(PACK)
    bench.log.append(BLOCK, activation(PACK, BLOCK))
    bench.log.append(
        BLOCK, report(f"{OLD}-u1", 3.0, 1), report(f"{OLD}-u2", 4.0, 2), report(f"{OLD}-u3", 5.0, 3)
    )
    worker = await bench.loaded()
    (output,) = [one for one in bench.outputs.published if one.topic == topics.EVENTS.name]
    assert (output.key, output.partition) == (
        f"tiny/{NEW}".encode(),
        partition_of(BlockId(f"tiny/{NEW}"), PARTITIONS),
    )
    carried = decode_record(output.value)
    assert [(one.subject, one.data.value) for one in carried if isinstance(one, Report)] == [
        (f"{NEW}-u1", 3.0),
        (f"{NEW}-u1", 4.0),
    ]
    assert worker.fold.confirmed == bench.log.end


async def test_another_worker_carries_equal_copies() -> None:
    values = []
    for _ in range(2):
        bench = Bench(PACK)
        bench.log.append(BLOCK, activation(PACK, BLOCK), report(f"{OLD}-u1", 3.0, 1))
        await bench.loaded()
        values.append(bench.outputs.of(topics.EVENTS.name))
    assert len(values[0]) == 1
    assert values[0] == values[1]


async def test_a_state_that_was_faster_than_its_packs_waits_for_them_before_any_report() -> None:
    """A checkpoint is read back in milliseconds; a report may carry figures over, so it needs the pack as an evaluation does."""
    known = Bench(PACK)
    known.log.append(BLOCK, activation(PACK, BLOCK))
    restored = (await known.loaded()).fold
    fold = PartitionFold(restored.partition, PARTITIONS, lambda _: None, restored._limit, {})
    fold.restore(restored.next_offset, restored.blocks, {})
    record = known.log.append(BLOCK, report(f"{OLD}-u1", 3.0, 1))
    with pytest.raises(MissingPack):
        fold.apply(record)
    assert (fold.next_offset, fold.records) == (restored.next_offset, 0)
