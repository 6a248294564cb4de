"""The loop that shows changed blocks, turn by turn on a clock of its own."""

from services.contracts.ids import BlockId
from services.scoring.worker.live import LiveRankings
from services.scoring.worker.pace import BUSY_EVENTS
from services.scoring.worker.partition import PartitionWorker
from services.scoring.worker.ranking_loop import RankingLoop
from tests.support.packs import activation, report, small_pack
from tests.unit.scoring.worker.fakes import Bench, block_on

NAME = block_on(0)
BLOCK = BlockId(f"tiny/{NAME}")
PACK = small_pack(blocks=(NAME,))
TURN_S = 0.01


class Turns:
    """A loop over one loaded partition, in whose block something has changed before each turn."""

    def __init__(self, bench: Bench, worker: PartitionWorker) -> None:
        self.now = 100.0
        self.worker = worker
        self.live = {0: LiveRankings(worker.fold, bench.packs.get, bench.showings())}
        self.loop = RankingLoop({0: worker}, self.live, bench.outputs, lambda: self.now)
        self.outputs = bench.outputs

    async def second(self, events: int) -> int:
        """Rankings of a second in which so many events are applied."""
        before = len(self.outputs.live)
        for _ in range(round(1 / TURN_S)):
            self.worker.fold.events += round(events * TURN_S)
            self.worker.fold.dirty.add(BLOCK)
            await self.loop.turn()
            self.now += TURN_S
        return len(self.outputs.live) - before


async def turns() -> Turns:
    bench = Bench(PACK)
    bench.log.append(BLOCK, activation(PACK, BLOCK))
    bench.log.append(BLOCK, report(f"{NAME}-u1", 50.0, 1, "2026-02"))
    return Turns(bench, await bench.loaded())


async def test_a_block_is_shown_five_times_a_second_and_twice_while_events_pour_in():
    loop = await turns()
    assert await loop.second(events=500) == 5
    await loop.second(events=2 * BUSY_EVENTS)  # at its end it is known
    assert await loop.second(events=2 * BUSY_EVENTS) == 2
    await loop.second(events=500)
    assert await loop.second(events=500) == 5


async def test_nothing_is_shown_of_a_partition_that_is_not_loaded():
    loop = await turns()
    loop.worker.loaded = False
    assert await loop.second(events=0) == 0
