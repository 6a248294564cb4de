"""What the schedule asks for is appended once while an answer may be on its way, and to a block that stands still once for good."""

from datetime import UTC, datetime

import pytest

from services.contracts.ids import BlockId
from services.scoring.worker.asking import ASKED_FOR_S, Asking, Clock
from tests.support.packs import activation, small_pack
from tests.unit.scoring.worker.fakes import Bench, block_on

NAME = block_on(0)
BLOCK = BlockId(f"tiny/{NAME}")
PACK = small_pack(blocks=(NAME,), schedule={"cadence": "month", "after_days": 5, "first": "2026-02"})


@pytest.mark.parametrize(("stands_still", "appended"), [(False, 2), (True, 1)])
async def test_what_is_not_applied_is_asked_for_again_unless_the_block_stands_still(
    stands_still: bool, appended: int
) -> None:
    seconds = 0.0
    bench = Bench(PACK)
    bench.fold.apply(bench.log.append(BLOCK, activation(PACK, BLOCK)))
    now = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    asking = Asking(bench.outputs, bench.packs, Clock(lambda: now, lambda: seconds))
    for seconds in (0.0, 1.0, ASKED_FOR_S - 1, ASKED_FOR_S + 1):  # noqa: B007 - the clock reads it
        asking.forget()
        await asking.append_due(0, BLOCK, bench.fold.blocks[BLOCK], stands_still=stands_still)
    assert len(bench.outputs.appended) == appended
