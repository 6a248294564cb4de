"""What a block reports of its units' parents reaches the parents' partition before the evaluation behind it counts as confirmed."""

import pytest

from services.contracts import topics
from services.contracts.events import EVENT_SCHEMA, Report, decode_record
from services.contracts.ids import BlockId
from services.contracts.pack.compiled import CompiledPack, compile_pack
from services.contracts.pack.model import Pack
from services.scoring.worker.ports import Output
from tests.support.packs import activation, evaluation_due, report, small_pack
from tests.unit.scoring.worker.fakes import Bench, block_on

CHILDREN, PARENTS = block_on(0), block_on(1)
BLOCK = BlockId(f"tiny/{CHILDREN}")


def family() -> CompiledPack:
    """The small pack, whose first block's units are children of the first unit of the second."""
    data = small_pack(blocks=(CHILDREN, PARENTS)).pack.model_dump(mode="json")
    share = {"id": "share", "measure": "ratio", "from_children": {"block": CHILDREN, "criterion": "cx"}}
    data["indicators"].append(data["indicators"][0] | share)
    for unit in data["units"]:
        if unit["block"] == CHILDREN:
            unit["parent"] = f"{PARENTS}-u1"
    return compile_pack(Pack.model_validate(data))


def bench() -> Bench:
    """One of four children has all its points."""
    pack = family()
    bench = Bench(pack)
    bench.log.append(BLOCK, activation(pack, BLOCK))
    bench.log.append(BLOCK, report(f"{CHILDREN}-u1", 100.0, 1), report(f"{CHILDREN}-u2", 50.0, 2))
    bench.log.append(BLOCK, evaluation_due(BLOCK))
    return bench


def events(outputs: list[Output]) -> list[Output]:
    return [output for output in outputs if output.topic == topics.EVENTS.name]


async def test_the_report_goes_to_the_partition_of_the_parents_block() -> None:
    one = bench()
    await one.loaded()
    (sent,) = events(one.outputs.published)
    assert (sent.key, sent.partition, sent.schema) == (f"tiny/{PARENTS}".encode(), 1, EVENT_SCHEMA)
    (event,) = decode_record(sent.value)
    assert isinstance(event, Report)
    assert (event.subject, event.data.numerator, event.data.denominator) == (f"{PARENTS}-u1", 1.0, 4.0)


async def test_a_crash_before_the_acknowledgement_sends_the_very_same_bytes_again() -> None:
    one = bench()
    one.outputs.fail = True
    with pytest.raises(ConnectionError):
        await one.loaded()
    assert one.fold.confirmed == 0
    one.outputs.fail = False
    await one.loaded(one.new_fold())
    assert [sent.value for sent in events(one.outputs.published)] == [
        sent.value for sent in events(one.offline())
    ]
