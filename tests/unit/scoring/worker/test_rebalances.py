"""Three workers share a log through twenty rebalances: one of them is at times not told that it lost its partitions, and acts on as their owner."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from services.contracts.ids import BlockId, EvaluationId
from services.contracts.results import Ranking, decode_evaluation, decode_ranking
from services.contracts.topics import EVALUATIONS
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.fold import PartitionFold
from services.scoring.worker.ports import Confirmed
from tests.support.packs import evaluation_due, report
from tests.unit.scoring.worker.fakes import PARTITIONS
from tests.unit.scoring.worker.test_worker import BLOCKS, NAMES, Stage, until

REBALANCES = 20


class Members:
    """Workers with one log, one place for outputs and one for offsets; `owned` is what the group gave each of them."""

    def __init__(self, folder: Path, random: Random) -> None:
        self.first = Stage(folder / "0")
        self.all = [self.first, *(Stage(folder / name, beside=self.first) for name in "12")]
        self.owned: list[set[int]] = [set() for _ in self.all]
        self._random = random
        for member in self.all:
            member.worker.start()

    def rebalance(self) -> None:
        """Every partition goes to one of those that are in the group now; who loses some is told first, or, once in a while, not at all."""
        present = self._random.sample(range(3), self._random.randint(1, 3))
        given = [set[int]() for _ in self.all]
        for partition in range(PARTITIONS):
            given[self._random.choice(present)].add(partition)
        zombie = self._random.randrange(3) if self._random.random() < 0.3 else None
        for number, member in enumerate(self.all):
            if number != zombie:
                member.worker.revoke(sorted(self.owned[number]))
                member.worker.assign(sorted(given[number]))
                self.owned[number] = given[number]

    async def loaded(self) -> None:
        """Until everybody may act on what comes."""
        await until(
            lambda: all(
                state["loaded"]
                for member in self.all
                for state in member.worker.health()["partitions"].values()
            )
        )

    async def deliver_some(self) -> None:
        """What a group may do in a rebalance: newest records skipped, old ones again, to an owner, a former one or somebody else."""
        for log in self.first.logs.of:
            records = self._random.sample(log.records, self._random.randint(0, len(log.records)))
            to = self._random.choice(self.all)
            await to.worker.deliver(log.partition, sorted(records))

    async def settle(self) -> None:
        """The last rebalance: one has everything, and the others know it."""
        for number, member in enumerate(self.all):
            member.worker.revoke(sorted(self.owned[number]))
        last = self.all[-1]
        last.worker.assign(range(PARTITIONS))
        ends = {log.partition: Confirmed(log.end) for log in self.first.logs.of}
        await until(
            lambda: {p: o._replace(checkpoint=None) for p, o in self.first.offsets.committed.items()} == ends
        )
        await until(lambda: {block: one.events for block, one in self.shown().items()} == self._events())

    def shown(self) -> dict[BlockId, Ranking]:
        """What a reader that keeps the highest cause is left with, whoever wrote last."""
        newest: dict[BlockId, Ranking] = {}
        for output in self.first.outputs.live:
            ranking = decode_ranking(output.value)
            if ranking.block not in newest or ranking.cause >= newest[ranking.block].cause:
                newest[ranking.block] = ranking
        return newest

    def _events(self) -> dict[BlockId, int]:
        return {
            block: fold.blocks[block].events for block, fold in zip(BLOCKS, offline(self.first), strict=True)
        }


def offline(stage: Stage) -> list[PartitionFold]:
    """One fold of each partition's log."""
    folds = []
    for log in stage.logs.of:
        limit = DeadLetterLimit(in_a_row=50, window=1000, share=0.5)
        fold = PartitionFold(log.partition, PARTITIONS, stage.packs.get, limit, halts={})
        for record in log.records:
            fold.apply(record)
        folds.append(fold)
    return folds


def evaluations(values: list[bytes]) -> dict[EvaluationId, set[bytes]]:
    bodies: dict[EvaluationId, set[bytes]] = {}
    for value in values:
        bodies.setdefault(decode_evaluation(value).id, set()).add(value)
    return bodies


@pytest.mark.parametrize("seed", [0, 1, 4])
async def test_no_rebalance_loses_or_changes_an_evaluation_and_readers_end_at_the_newest_ranking(
    tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    members = Members(tmp_path, random)
    for number in range(1, REBALANCES + 1):
        members.rebalance()
        if random.random() < 0.7:
            await members.loaded()
        for log, block, name in zip(members.first.logs.of, BLOCKS, NAMES, strict=True):
            log.append(block, report(f"{name}-u1", float(random.randint(0, 99)), number, "2026-01", number))
            log.append(block, evaluation_due(block, edition=number, n=number))
        await members.deliver_some()
        for _ in range(random.randint(0, 5)):
            await asyncio.sleep(0)
    await members.settle()
    for member in members.all:
        await member.worker.stop()
    assert [member.ended for member in members.all] == [[], [], []]
    expected = [
        o.value for fold in offline(members.first) for o in fold.unconfirmed if o.topic == EVALUATIONS.name
    ]
    assert len(expected) == REBALANCES * PARTITIONS
    assert evaluations(members.first.outputs.of(EVALUATIONS.name)) == evaluations(expected)
