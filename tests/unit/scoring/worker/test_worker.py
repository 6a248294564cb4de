"""Partitions come, go and come back at any moment, and the process goes on; only a fault ends it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import msgspec

from services.contracts.event_data import Place
from services.contracts.events import MAX_RECORD_BYTES, decode_record
from services.contracts.ids import BlockId
from services.contracts.pack.compiled import CompiledPack
from services.contracts.results import decode_ranking
from services.contracts.topics import EVALUATIONS, RANKINGS
from services.scoring.engine import ENGINE_VERSION
from services.scoring.worker.asking import Clock
from services.scoring.worker.crash_memory import CrashMemory
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.ports import Confirmed, LogReader, LogRecord, Output
from services.scoring.worker.saving import SavePolicy
from services.scoring.worker.watchdog import Watchdog
from services.scoring.worker.worker import ScoringWorker
from tests.support.packs import activation, evaluation_due, report, small_pack
from tests.unit.scoring.worker.fakes import (
    PARTITIONS,
    MemoryCheckpoints,
    MemoryLog,
    MemoryOffsets,
    MemoryOutputs,
    MemoryPacks,
    block_on,
)

NAMES = [block_on(partition) for partition in range(PARTITIONS)]
BLOCKS = [BlockId(f"tiny/{name}") for name in NAMES]
PACK = small_pack(blocks=tuple(NAMES))
FEBRUARY = datetime(2026, 2, 1, 0, 30, tzinfo=UTC)


class Logs(LogReader):
    """Every partition's log; each has its block's pack and one report."""

    def __init__(self, pack: CompiledPack) -> None:
        self.of = [MemoryLog(partition) for partition in range(PARTITIONS)]
        for log, block, name in zip(self.of, BLOCKS, NAMES, strict=True):
            log.append(block, activation(pack, block), report(f"{name}-u1", 50.0, 1, "2026-02"))

    async def high_watermarks(self, partitions: Sequence[int]) -> dict[int, int]:
        return {partition: self.of[partition].end for partition in partitions}

    def read(self, partition: int, start: int, end: int) -> AsyncIterator[list[LogRecord]]:
        return self.of[partition].read(partition, start, end)


class Outputs(MemoryOutputs):
    """`on_live` is told of each live value before it is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.on_live: Callable[[int], None] = lambda partition: None

    def publish_soon(self, partition: int, output: Output) -> None:
        self.on_live(partition)
        super().publish_soon(partition, output)

    def shown(self) -> set[BlockId]:
        return {decode_ranking(output.value).block for output in self.live}


class Stage:
    """A worker with everything around it in memory; `ended` has what would have ended the process."""

    def __init__(
        self,
        folder: Path,
        pack: CompiledPack = PACK,
        now: datetime = FEBRUARY,
        beside: "Stage | None" = None,
    ) -> None:
        """`beside` another one it has the same log, outputs and offsets."""
        self.logs, self.outputs = (beside.logs, beside.outputs) if beside else (Logs(pack), Outputs())
        self.offsets = beside.offsets if beside else MemoryOffsets()
        self.checkpoints = beside.checkpoints if beside else MemoryCheckpoints()
        self.packs = MemoryPacks(pack)
        self.crashes = CrashMemory(folder / "crashes.json", ENGINE_VERSION)
        self.ended: list[str] = []
        self.worker = ScoringWorker(
            partitions=PARTITIONS,
            reader=self.logs,
            outputs=self.outputs,
            events=self.outputs,
            offsets=self.offsets,
            checkpoints=self.checkpoints,
            save_policy=SavePolicy(),
            packs=self.packs,
            crashes=self.crashes,
            new_limit=lambda: DeadLetterLimit(in_a_row=50, window=1000, share=0.5),
            clock=Clock(lambda: now, time.monotonic),
            watchdog=Watchdog(60.0, time.monotonic, self._end),
            end=self._end,
        )

    def _end(self, message: str) -> NoReturn:
        self.ended.append(message)
        raise SystemError(message)


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Stage]:
    stage = Stage(folder)
    stage.worker.start()
    yield stage
    await stage.worker.stop()


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_the_blocks_of_all_partitions_are_shown_and_what_is_confirmed_is_committed(tmp_path: Path):
    async with started(tmp_path) as stage:
        stage.worker.assign(range(PARTITIONS))
        await until(lambda: stage.outputs.shown() == set(BLOCKS))
        await until(lambda: stage.offsets.committed == dict.fromkeys(range(3), Confirmed(1)))
    assert stage.ended == []


async def test_partitions_that_are_lost_while_the_block_of_another_is_shown_end_nothing(tmp_path: Path):
    async with started(tmp_path) as stage:
        stage.outputs.on_live = lambda partition: stage.worker.revoke({0, 1, 2} - {partition})
        stage.worker.assign(range(PARTITIONS))
        await until(lambda: len(stage.outputs.live) == 1)
        (kept,) = map(int, stage.worker.health()["partitions"])
        another = stage.logs.of[kept].append(BLOCKS[kept], report(f"{NAMES[kept]}-u2", 60.0, 2, "2026-02"))
        await stage.worker.deliver(kept, [another])
        await until(lambda: len(stage.outputs.live) == 2)
        stage.worker.assign(range(PARTITIONS))
        stage.outputs.on_live = lambda partition: None
        await until(lambda: stage.outputs.shown() == set(BLOCKS))
    assert stage.ended == []


async def test_a_partition_that_is_gained_again_while_its_block_is_shown_is_shown_by_its_present_owner(
    tmp_path: Path,
):
    async with started(tmp_path) as stage:

        def lose_and_gain(partition: int) -> None:
            stage.outputs.on_live = lambda partition: None
            stage.worker.revoke([partition])
            stage.worker.assign([partition])

        stage.outputs.on_live = lose_and_gain
        stage.worker.assign([0])
        await until(lambda: len(stage.outputs.live) >= 2)
    assert stage.ended == []


async def test_a_partition_that_is_lost_while_the_worker_stops_does_not_keep_it_from_committing(
    tmp_path: Path,
):
    stage = Stage(tmp_path)
    stage.worker.start()
    stage.worker.assign([0, 1])
    await until(lambda: stage.outputs.shown() == {BLOCKS[0], BLOCKS[1]})
    stage.outputs.hold = asyncio.Event()
    bad = stage.logs.of[0].append_bytes(BLOCKS[0], b"no json")
    delivering = asyncio.create_task(stage.worker.deliver(0, [bad]))
    await asyncio.sleep(0)
    stopping = asyncio.create_task(stage.worker.stop())
    await asyncio.sleep(0.01)
    stage.worker.revoke([1])
    stage.outputs.hold.set()
    await asyncio.gather(delivering, stopping)
    assert stage.offsets.committed[0].offset == 2


async def test_a_worker_that_was_stopped_gains_nothing_more(tmp_path: Path):
    async with started(tmp_path) as stage:
        stage.worker.assign([0])
        await until(lambda: stage.outputs.shown() == {BLOCKS[0]})
    stage.worker.assign([0])
    assert stage.worker.health()["partitions"] == {}


async def test_a_schedule_that_begins_years_back_is_asked_for_in_records_of_a_bounded_size(tmp_path: Path):
    daily = small_pack(
        blocks=tuple(NAMES), schedule={"cadence": "day", "after_days": 0, "first": "2026-01-01"}
    )
    stage = Stage(tmp_path, daily, now=datetime(2028, 2, 1, tzinfo=UTC))
    stage.worker.start()
    stage.worker.assign([0])
    await until(lambda: len(stage.outputs.appended) >= 2)
    await stage.worker.stop()
    sizes = [len(value) for _, _, value in stage.outputs.appended]
    assert max(sizes) <= MAX_RECORD_BYTES
    asked = [event.id for _, _, value in stage.outputs.appended for event in decode_record(value)]
    assert len(asked) == len(set(asked)) == 730 + 1


async def test_a_worker_that_is_stopped_by_dead_letters_says_so_on_every_board_of_the_partition_before_it_ends(
    tmp_path: Path,
):
    async with started(tmp_path) as stage:
        stage.worker.assign(range(PARTITIONS))
        await until(lambda: stage.outputs.shown() == set(BLOCKS))
        await until(lambda: stage.offsets.committed == dict.fromkeys(range(3), Confirmed(1)))
        bad = [stage.logs.of[1].append_bytes(BLOCKS[1], b"no json") for _ in range(50)]
        with suppress(SystemError):
            await stage.worker.deliver(1, bad)
    (told,) = [decode_ranking(value) for value in stage.outputs.of(RANKINGS.name)]
    assert (told.block, told.halted) == (BLOCKS[1], True)
    assert told.halt is not msgspec.UNSET
    assert (told.halt.why, told.halt.place) == ("too_many_refused", Place(1, 50, -1))
    assert "50 events in a row were refused" in told.halt.error
    assert stage.ended[0].startswith("The worker ends: 50 events in a row")
    assert stage.offsets.committed[1] == Confirmed(1)


async def test_what_a_mended_block_missed_is_published_once_and_then_forgotten(tmp_path: Path):
    former = CrashMemory(tmp_path / "crashes.json", "former")
    for _ in range(3):
        former.remember(BLOCKS[0], Place(0, 1, 0))
    async with started(tmp_path) as stage:
        stage.logs.of[0].append(BLOCKS[0], evaluation_due(BLOCKS[0]))
        stage.offsets.committed[0] = Confirmed(2)
        stage.worker.assign([0])
        await until(lambda: stage.outputs.shown() == {BLOCKS[0]})
    assert len(stage.outputs.of(EVALUATIONS.name)) == 1
    assert CrashMemory(tmp_path / "crashes.json", ENGINE_VERSION).mended(0) == {}
