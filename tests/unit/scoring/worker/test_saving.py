"""A checkpoint is a cache: with it, without it, or with one that cannot be used, the results are the same (DESIGN 8.4)."""

import asyncio

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.contracts.routing import partition_of
from services.scoring.engine import BlockState, apply
from services.scoring.worker import checkpoint
from services.scoring.worker.fold import PartitionFold
from services.scoring.worker.partition import PartitionWorker
from services.scoring.worker.ports import Output
from services.scoring.worker.saving import Checkpoints, SavePolicy, Saver
from tests.support.packs import activation, evaluation_due, report, small_pack
from tests.unit.scoring.worker.fakes import PARTITIONS, Bench, MemoryCheckpoints

NAMES = [n for n in "abcdefghijklmnopqrstuvwxyz" if partition_of(BlockId(f"tiny/{n}"), PARTITIONS) == 0][:3]
BLOCKS = [BlockId(f"tiny/{name}") for name in NAMES]
FLAGGED = {"leader": {"enter": 0.25, "leave": 0.5, "k": 1, "n": 2}}
PACK = small_pack(blocks=tuple(NAMES), flags=FLAGGED)
MONTHS = 4


def bench() -> Bench:
    """Three blocks whose records take turns: activations, then for each month the reports and an evaluation."""
    made = Bench(PACK)
    for block in BLOCKS:
        made.log.append(block, activation(PACK, block))
    for month in range(1, MONTHS + 1):
        period = f"2026-{month:02d}"
        for unit in range(1, 5):
            for name, block in zip(NAMES, BLOCKS, strict=True):
                value = 10.0 * unit + (month * 7 + ord(name)) % 13
                made.log.append(block, report(f"{name}-u{unit}", value, month * 10 + unit, period))
        for block in BLOCKS:
            made.log.append(block, evaluation_due(block, period, n=month))
    return made


async def owned_up_to(made: Bench, end: int) -> PartitionWorker:
    """A worker that has applied and published the records below `end`."""
    kept, made.log.end = made.log.end, end
    worker = await made.loaded(made.new_fold())
    made.log.end = kept
    return worker


async def saved_at(made: Bench, *ends: int) -> None:
    """Owners that each went on to an offset, saved there, committed and died."""
    for end in ends:
        worker = await owned_up_to(made, end)
        await worker.save()
        made.offsets.committed[0] = worker.confirmed()


def outputs_of(made: Bench) -> list[tuple[object, ...]]:
    """What readers are left with: of equal copies one."""
    return sorted({(o.topic, o.cause, o.key, o.value) for o in made.outputs.published}, key=repr)


def expected(made: Bench) -> list[tuple[object, ...]]:
    return sorted({(o.topic, o.cause, o.key, o.value) for o in made.offline()}, key=repr)


def state_of(fold: PartitionFold) -> tuple[object, ...]:
    return fold.blocks, fold.flags, fold.next_offset


@settings(max_examples=25, deadline=None)
@given(ends=st.lists(st.integers(0, 3 + MONTHS * 15), min_size=1, max_size=4).map(sorted))
def test_owners_that_save_anywhere_and_die_leave_what_one_fold_of_the_log_gives(ends: list[int]) -> None:
    async def run() -> None:
        made = bench()
        await saved_at(made, *ends)
        made.checkpoints.compact()
        last = await made.loaded(made.new_fold())
        assert outputs_of(made) == expected(made)
        whole = made.new_fold()
        for record in made.log.records:
            whole.apply(record)
        assert state_of(last.fold) == state_of(whole)

    asyncio.run(run())


async def test_a_start_reads_the_log_from_the_checkpoint_on() -> None:
    made = bench()
    await saved_at(made, 40)
    made.log.reads.clear()
    await made.loaded(made.new_fold())
    assert made.log.reads == [(40, made.log.end)]


async def test_only_blocks_that_changed_are_written_again() -> None:
    made = bench()
    worker = await owned_up_to(made, made.log.end)
    await worker.save()
    before = made.checkpoints.end
    made.log.append(BLOCKS[1], report(f"{NAMES[1]}-u1", 99.0, 500, "2026-04"))
    await worker.sweep(made.log.end)
    await worker.save()
    written = [record[1] for at, record in made.checkpoints.records.items() if at >= before]
    assert written == [f"{BLOCKS[1]}:1:0".encode(), b"manifest"]


async def test_what_is_not_confirmed_is_not_saved() -> None:
    made = bench()
    worker = await made.loaded(made.new_fold())
    record = made.log.append(BLOCKS[0], evaluation_due(BLOCKS[0], "2026-03", n=77, edition=2))
    made.outputs.fail = True
    with pytest.raises(ConnectionError):
        await worker.deliver([record])
    await worker.save()
    assert made.checkpoints.records == {}


async def test_nothing_is_saved_of_a_partition_that_was_lost() -> None:
    made = bench()
    worker = await made.loaded(made.new_fold())
    worker.lose()
    await worker.save()
    assert made.checkpoints.records == {}


async def test_a_partition_lost_while_its_parts_are_written_gets_no_manifest() -> None:
    made = bench()
    worker = await made.loaded(made.new_fold())

    class Losing(MemoryCheckpoints):
        async def append(self, partition: int, records: object) -> list[int]:
            worker.lose()
            return await super().append(partition, records)  # type: ignore[arg-type]

    topic = Losing()
    worker.checkpoints._topic = topic
    await worker.save()
    assert [record[1] for record in topic.records.values()] == [f"{BLOCKS[0]}:0:0".encode()]
    assert worker.confirmed().checkpoint is None


async def test_a_checkpoint_that_could_not_be_written_is_written_whole_the_next_time() -> None:
    made = bench()
    worker = await made.loaded(made.new_fold())
    made.checkpoints.fail = True
    await worker.save()
    assert worker.confirmed().checkpoint is None
    made.checkpoints.fail = False
    await worker.save()
    made.offsets.committed[0] = worker.confirmed()
    made.log.reads.clear()
    await made.loaded(made.new_fold())
    assert made.log.reads == []


def _cut(made: Bench) -> None:
    made.checkpoints.records.clear()


def _without_a_part(made: Bench) -> None:
    del made.checkpoints.records[min(made.checkpoints.records)]


def _damaged(made: Bench) -> None:
    for at, (partition, key, value) in made.checkpoints.records.items():
        if key != b"manifest":
            made.checkpoints.records[at] = partition, key, value[:-3] + b"???"


def _another_manifest(made: Bench, **changed: object) -> None:
    at = max(made.checkpoints.records)
    partition, key, value = made.checkpoints.records[at]
    manifest = msgspec.structs.replace(checkpoint.decode_manifest(value), **changed)
    made.checkpoints.records[at] = partition, key, checkpoint.encode_manifest(manifest)


def _other_engine(made: Bench) -> None:
    _another_manifest(made, engine="0")


def _other_shape(made: Bench) -> None:
    _another_manifest(made, shape="0" * 16)


def _other_partition(made: Bench) -> None:
    _another_manifest(made, partition=1)


def _beyond_the_log(made: Bench) -> None:
    _another_manifest(made, next_offset=10_000)


def _no_manifest(made: Bench) -> None:
    at = max(made.checkpoints.records)
    made.checkpoints.records[at] = 0, b"manifest", b"not a manifest"


@pytest.mark.parametrize(
    "spoil",
    [
        _cut,
        _without_a_part,
        _damaged,
        _other_engine,
        _other_shape,
        _other_partition,
        _beyond_the_log,
        _no_manifest,
    ],
)
async def test_a_checkpoint_that_cannot_be_used_is_left_and_the_log_is_read(spoil: object) -> None:
    made = bench()
    await saved_at(made, 40)
    spoil(made)  # type: ignore[operator]
    made.log.reads.clear()
    worker = await made.loaded(made.new_fold())
    assert made.log.reads == [(0, made.log.end)]
    assert outputs_of(made) == expected(made)
    await worker.save()
    made.offsets.committed[0] = worker.confirmed()
    made.log.reads.clear()
    await made.loaded(made.new_fold())
    assert made.log.reads == []


async def test_a_kept_fold_that_is_ahead_of_the_checkpoint_stays() -> None:
    made = bench()
    first = await owned_up_to(made, 50)
    first.lose()
    await saved_at(made, 40)
    made.log.reads.clear()
    again = await made.loaded(first.fold)
    assert made.log.reads == [(50, made.log.end)]
    await again.save()
    made.offsets.committed[0] = again.confirmed()
    made.checkpoints.compact()
    made.log.reads.clear()
    await made.loaded(made.new_fold())
    assert made.log.reads == []
    assert outputs_of(made) == expected(made)


async def test_a_halted_block_stays_halted_for_the_next_owner_and_misses_nothing_under_a_new_engine() -> None:
    made = bench()
    halted = await made.loaded(made.new_fold({BLOCKS[1]: 20}))
    await halted.save()
    made.offsets.committed[0] = halted.confirmed()
    elsewhere = await made.loaded(made.new_fold())
    assert elsewhere.fold.halted == halted.fold.halted
    assert set(halted.fold.halted) == {BLOCKS[1]}
    _other_engine(made)
    made.outputs.published.clear()
    await made.loaded(made.new_fold())
    published = {(o.topic, o.cause) for o in made.outputs.published}
    assert published == {(o.topic, o.cause) for o in made.offline() if _is_missed(o)}


async def test_a_checkpoint_that_holds_the_event_which_the_engine_crashes_at_is_left_and_the_block_halts() -> (
    None
):
    made = bench()
    await saved_at(made, 40)
    halted = await made.loaded(made.new_fold({BLOCKS[1]: 20}))
    assert made.log.reads[-1] == (0, made.log.end)
    assert set(halted.fold.halted) == {BLOCKS[1]}
    await halted.save()
    made.offsets.committed[0] = halted.confirmed()
    made.log.reads.clear()
    again = await made.loaded(made.new_fold({BLOCKS[1]: 20}))
    assert made.log.reads == []
    assert again.fold.halted == halted.fold.halted


async def test_a_released_block_goes_on_under_the_same_engine_and_misses_nothing() -> None:
    made = bench()
    halted = await made.loaded(made.new_fold({BLOCKS[1]: 20}))
    await halted.save()
    made.offsets.committed[0] = halted.confirmed()
    made.outputs.published.clear()
    released = PartitionFold(
        0, PARTITIONS, made.packs.get, made.limit, {}, {BLOCKS[1]: 20}, {(BLOCKS[1], 20)}
    )
    again = await made.loaded(released)
    assert again.fold.halted == {}
    whole = made.new_fold()
    for record in made.log.records:
        whole.apply(record)
    assert again.fold.blocks == whole.blocks
    published = {(o.topic, o.cause) for o in made.outputs.published}
    assert published == {(o.topic, o.cause) for o in made.offline() if _is_missed(o)}


def _is_missed(output: Output) -> bool:
    return output.block == BLOCKS[1] and output.cause.offset >= 20


class Turned:
    """A monotonic clock."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s

    async def spend_two_seconds(self) -> None:
        self.s += 2.0


async def test_it_is_saved_after_a_time_or_a_number_of_events_and_never_when_nothing_came() -> None:
    made, clock = bench(), Turned()
    checkpoints = Checkpoints(0, made.checkpoints, SavePolicy(every_s=10.0, every_events=1000), clock)
    fold = made.new_fold()
    clock.s += 60
    assert not checkpoints.is_due(fold)
    fold.apply(made.log.records[0])
    assert checkpoints.is_due(fold)
    await checkpoints.capture(fold, lambda: asyncio.sleep(0))
    fold.apply(made.log.records[1])
    clock.s += 9
    assert not checkpoints.is_due(fold)
    fold.events += 1000
    assert checkpoints.is_due(fold)


async def test_a_state_that_takes_long_to_encode_is_saved_less_often() -> None:
    made, clock = bench(), Turned()
    checkpoints = Checkpoints(0, made.checkpoints, SavePolicy(every_s=10.0), clock)
    fold = made.new_fold()
    fold.apply(made.log.records[0])

    await checkpoints.capture(fold, clock.spend_two_seconds)
    fold.apply(made.log.records[1])
    clock.s += 39
    assert not checkpoints.is_due(fold)
    clock.s += 2
    assert checkpoints.is_due(fold)


async def test_all_partitions_of_a_process_together_spend_a_twentieth_of_the_time_on_saving() -> None:
    made, clock, saver = bench(), Turned(), Saver()

    policy = SavePolicy(every_s=10.0)
    own, other = (Checkpoints(partition, made.checkpoints, policy, clock, saver) for partition in (0, 1))
    fold = made.new_fold()
    fold.apply(made.log.records[0])
    await own.capture(fold, clock.spend_two_seconds)
    fold.unsaved = set(fold.blocks)
    await other.capture(fold, clock.spend_two_seconds)
    fold.apply(made.log.records[1])
    clock.s += 79
    assert not other.is_due(fold)
    clock.s += 2
    assert other.is_due(fold)
    saver.forget(1)
    clock.s -= 30
    assert own.is_due(fold)  # 40 s are enough where the other is another process's


def test_a_large_state_is_cut_into_chunks_that_come_together_again() -> None:
    import random

    body = random.Random(5).randbytes(3 * checkpoint.CHUNK_BYTES)
    chunks = checkpoint.chunks_of(body)
    assert len(chunks) == 4
    part = checkpoint.Part(BLOCKS[0], 0, (0, 1, 2, 3), checkpoint.sum_of(chunks))
    with pytest.raises(checkpoint.BadCheckpoint, match="cannot be read"):
        checkpoint.open_block(part, list(chunks))  # whole again, and no state
    with pytest.raises(checkpoint.BadCheckpoint, match="no longer"):
        checkpoint.open_block(part, [chunks[0], None, *chunks[2:]])


def test_a_large_block_comes_back_piece_by_piece_so_that_others_go_on_in_between() -> None:
    made = bench()
    reports = [
        report(f"{NAMES[0]}-u1", 1.0, number, f"{year}-01") for number, year in enumerate(range(2000, 2009))
    ]
    state = made.new_fold().blocks.setdefault(BLOCKS[0], BlockState.new(BLOCKS[0]))
    for index in range(300):
        apply(
            state,
            msgspec.structs.replace(reports[index % 9], subject=f"u{index}"),
            Place(0, index, 0),
            made.packs.get,
        )
    pieces = list(checkpoint.pieces_of(state, []))
    body = checkpoint.body_of(pieces)
    chunks = checkpoint.chunks_of(body)
    part = checkpoint.Part(BLOCKS[0], 0, (0,), checkpoint.sum_of(chunks))
    steps = checkpoint.decoded(part, checkpoint.open_block(part, chunks))
    first, breaths = next(steps), len(list(steps))
    assert breaths == len(pieces) - 1 >= 4
    assert first.state == state


def test_pieces_are_cut_by_the_figures_that_they_hold() -> None:
    state = BlockState.new(BLOCKS[0])
    first = report(f"{NAMES[0]}-u1", 1.0, 0, "2026-01")
    for index in range(4_500):  # one cell of one unit, corrected again and again, and a second unit
        subject = f"u{index % 2}"
        again = msgspec.structs.replace(first, subject=subject, id=f"{index:05d}")
        apply(state, again, Place(0, index, 0), {}.get)
    assert len(list(checkpoint.pieces_of(state, []))) == 1 + 2  # the block itself, and each series


def test_a_block_without_its_first_piece_is_no_checkpoint() -> None:
    chunks = checkpoint.chunks_of(checkpoint.body_of([]))
    part = checkpoint.Part(BLOCKS[0], 0, (0,), checkpoint.sum_of(chunks))
    with pytest.raises(checkpoint.BadCheckpoint, match="cannot be read"):
        list(checkpoint.decoded(part, checkpoint.open_block(part, chunks)))
