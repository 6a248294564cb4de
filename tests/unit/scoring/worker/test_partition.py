"""Whatever is delivered, the log is applied in order, once, and confirmed only behind acknowledged outputs (DESIGN 8.1, 8.2)."""

import asyncio

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts import topics
from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.contracts.results import Halt, decode_dead_letter, decode_evaluation
from services.scoring.worker.dead_letter_limit import TooManyDeadLetters
from services.scoring.worker.fold import EngineCrash, PartitionFold, WrongPartition
from services.scoring.worker.ports import Confirmed, PackNeverCame
from tests.support.packs import activation, evaluation_due, report, small_pack
from tests.unit.scoring.worker.fakes import PARTITIONS, Bench, block_on

NAME = block_on(0)
BLOCK = BlockId(f"tiny/{NAME}")
PACK = small_pack(blocks=(NAME,))


def bench_with_history(evaluations: int = 2) -> Bench:
    """A pack, then for each month reports of all units and an evaluation; one record each, with a hole in between."""
    bench = Bench(PACK)
    bench.log.append(BLOCK, activation(PACK, BLOCK))
    for month in range(1, evaluations + 1):
        period = f"2026-{month:02d}"
        for unit in range(1, 5):
            n = month * 10 + unit
            bench.log.append(BLOCK, report(f"{NAME}-u{unit}", 10.0 * unit + month, n, period))
        bench.log.hole()
        bench.log.append(BLOCK, evaluation_due(BLOCK, period, n=month))
    return bench


async def test_a_load_applies_the_log_to_the_high_watermark_and_publishes_its_evaluations():
    bench = bench_with_history()
    worker = await bench.loaded()
    assert worker.fold.next_offset == bench.log.end
    assert [decode_evaluation(v).period for v in bench.outputs.of(topics.EVALUATIONS.name)] == [
        "2026-01",
        "2026-02",
    ]
    assert worker.fold.confirmed == bench.log.end


async def test_a_gap_in_what_is_delivered_is_read_from_the_log_first():
    bench = bench_with_history()
    records, bench.log.records, end, bench.log.end = bench.log.records, [], bench.log.end, 0
    worker = await bench.loaded()
    bench.log.records, bench.log.end = records, end
    await worker.deliver([records[3]])
    assert bench.log.reads == [(0, records[3].offset)]
    assert worker.fold.next_offset == records[3].offset + 1


async def test_what_was_applied_before_is_skipped():
    bench = bench_with_history()
    worker = await bench.loaded()
    published = list(bench.outputs.published)
    await worker.deliver(bench.log.records[:5])
    await worker.deliver(bench.log.records)
    assert bench.outputs.published == published
    assert next(iter(worker.fold.blocks.values())).events == len(bench.log.records)


async def test_a_sweep_reads_what_is_never_delivered():
    bench = bench_with_history(1)
    worker = await bench.loaded()
    bench.log.append(BLOCK, evaluation_due(BLOCK, "2026-01", edition=2, n=9))
    await worker.sweep(bench.log.end)
    assert [decode_evaluation(v).edition for v in bench.outputs.of(topics.EVALUATIONS.name)] == [1, 2]


async def test_a_partition_is_swept_only_where_nothing_was_applied_since_the_last_look():
    bench = bench_with_history(1)
    worker = await bench.loaded()
    assert not worker.stands_still(bench.log.end)
    assert not worker.stands_still(bench.log.end)  # nothing waits
    first = bench.log.append(BLOCK, evaluation_due(BLOCK, "2026-01", edition=2, n=9))
    assert not worker.stands_still(bench.log.end)  # it has only just come
    await worker.deliver([first])
    bench.log.append(BLOCK, evaluation_due(BLOCK, "2026-01", edition=3, n=10))
    assert not worker.stands_still(bench.log.end)  # the group delivers
    assert worker.stands_still(bench.log.end)


async def test_nothing_is_confirmed_that_the_broker_has_not_acknowledged():
    bench = bench_with_history()
    bench.outputs.fail = True
    worker = bench.worker()
    with pytest.raises(ConnectionError):
        await worker.load()
    assert worker.fold.confirmed == 0
    assert not worker.loaded


async def test_a_lost_partition_confirms_nothing_more_and_its_next_owner_publishes_what_was_left():
    bench = bench_with_history(1)
    worker = await bench.loaded()
    confirmed = worker.fold.confirmed
    due = bench.log.append(BLOCK, evaluation_due(BLOCK, "2026-01", edition=2, n=9))
    worker.fold.apply(due)  # applied, and lost before it was published
    worker.lose()
    await worker.deliver([due])
    await worker.sweep(bench.log.end + 5)
    assert worker.fold.confirmed == confirmed
    bench.offsets.committed[0] = Confirmed(confirmed)
    again = await bench.loaded(worker.fold)
    assert [decode_evaluation(v).edition for v in bench.outputs.of(topics.EVALUATIONS.name)] == [1, 2]
    assert again.fold.confirmed == bench.log.end


async def test_a_partition_lost_and_gained_twice_during_a_publish_is_not_touched_before_the_publish_has_ended():
    bench = bench_with_history()
    bench.outputs.hold = asyncio.Event()
    first, second, third = bench.worker(), bench.worker(), bench.worker()
    publishing = asyncio.create_task(first.load())
    await asyncio.sleep(0.01)
    first.lose()
    waiting = asyncio.create_task(second.load(first.lock))
    await asyncio.sleep(0)
    second.lose()
    loading = asyncio.create_task(third.load(second.lock))
    held, bench.outputs.hold = bench.outputs.hold, None
    await asyncio.sleep(0.01)
    assert not third.loaded
    held.set()
    await asyncio.gather(publishing, waiting, loading)
    assert (second.loaded, third.loaded) == (False, True)
    assert bench.fold.unconfirmed == []


async def test_a_partition_lost_during_a_publish_is_left_at_a_records_end():
    bench = bench_with_history()
    bench.outputs.hold = asyncio.Event()
    worker = bench.worker()
    loading = asyncio.create_task(worker.load())
    await asyncio.sleep(0.01)
    worker.lose()
    bench.outputs.hold.set()
    await loading
    assert not worker.loaded


async def test_on_catch_up_what_is_below_the_committed_offset_is_computed_but_not_sent_again():
    bench = bench_with_history(2)
    first_due = next(r.offset for r in bench.log.records if b"evaluation.due" in r.value)
    bench.offsets.committed[0] = Confirmed(first_due + 1)
    worker = await bench.loaded()
    assert [decode_evaluation(v).period for v in bench.outputs.of(topics.EVALUATIONS.name)] == ["2026-02"]
    whole = [o.value for o in bench.offline() if o.topic == topics.EVALUATIONS.name]
    assert bench.outputs.of(topics.EVALUATIONS.name) == whole[1:]
    assert worker.loaded


async def test_a_message_of_a_loading_partition_is_left_alone():
    bench = bench_with_history(1)
    worker = bench.worker()
    await worker.deliver(bench.log.records)
    assert worker.fold.next_offset == 0


async def test_an_activation_waits_for_its_pack():
    late = small_pack(blocks=(NAME,), units=3)
    bench = Bench(PACK)
    bench.packs._late[late.hash] = late.pack
    bench.log.append(BLOCK, activation(late, BLOCK))
    worker = await bench.loaded()
    assert bench.packs.waited_for == [late.hash]
    assert worker.fold.next_offset == 1


async def test_an_activation_whose_pack_never_comes_ends_the_load():
    bench = Bench()
    bench.log.append(BLOCK, activation(PACK, BLOCK))
    with pytest.raises(PackNeverCame):
        await bench.loaded()
    assert bench.fold.next_offset == 0


async def test_a_bad_event_is_dead_lettered_alone_with_its_bytes_and_its_place():
    bench = bench_with_history(1)
    good, bad = (
        msgspec.json.encode(report(f"{NAME}-u1", 99.0, 50, revision=1)),
        b'{"specversion":"1.0","type":"nonsense"}',
    )
    bench.log.append_bytes(BLOCK, b"[" + good + b"," + bad + b"," + good + b"]")
    bench.log.append(BLOCK, evaluation_due(BLOCK, "2026-01", edition=2, n=9))
    await bench.loaded()
    letters = [decode_dead_letter(v) for v in bench.outputs.of(topics.DEAD_LETTERS.name)]
    assert [(letter.reason, letter.body, letter.place.index) for letter in letters] == [("bad-event", bad, 1)]
    newest = decode_evaluation(bench.outputs.of(topics.EVALUATIONS.name)[-1])
    assert newest.units[0].unit == f"{NAME}-u1"


async def test_a_record_that_is_no_array_is_one_dead_letter():
    bench = bench_with_history(1)
    bench.log.append_bytes(BLOCK, b"not json")
    await bench.loaded()
    (letter,) = [decode_dead_letter(v) for v in bench.outputs.of(topics.DEAD_LETTERS.name)]
    assert (letter.reason, letter.body, letter.place.index) == ("bad-record", b"not json", -1)


@pytest.mark.parametrize(
    "poison", [b'"\xff\xfe"', b"[" * 100_000, b'[{"a":' * 50_000, b"", b"[1,2]", b"[null]"]
)
async def test_no_bytes_stop_the_stream(poison: bytes):
    bench = bench_with_history(1)
    bench.log.append_bytes(BLOCK, poison)
    bench.log.append_bytes(BLOCK, b"[" + poison + b"]")
    bench.log.append(BLOCK, evaluation_due(BLOCK, "2026-01", edition=2, n=9))
    worker = await bench.loaded()
    assert worker.fold.next_offset == bench.log.end
    assert len(bench.outputs.of(topics.EVALUATIONS.name)) == 2
    assert bench.outputs.of(topics.DEAD_LETTERS.name)


async def test_a_record_on_a_wrong_partition_stops_the_worker():
    bench = bench_with_history(1)
    bench.log.append_bytes(f"tiny/{block_on(1)}", b"[]")
    with pytest.raises(WrongPartition, match="belongs on 1"):
        await bench.loaded()


async def test_too_many_dead_letters_stop_the_worker_and_nothing_of_them_is_confirmed():
    bench = bench_with_history(1)
    for _ in range(60):
        bench.log.append_bytes(BLOCK, b"not json")
    with pytest.raises(TooManyDeadLetters, match="50 events in a row"):
        await bench.loaded()
    assert bench.fold.confirmed == 0


async def test_dead_letters_that_were_confirmed_before_do_not_stop_a_new_start():
    bench = bench_with_history(1)
    for _ in range(60):
        bench.log.append_bytes(BLOCK, b"not json")
    bench.offsets.committed[0] = Confirmed(bench.log.end)
    worker = await bench.loaded()
    assert worker.loaded
    assert bench.outputs.published == []


async def test_a_halted_block_stands_still_and_the_others_go_on():
    other_name = next(b for b in "qrstuvwxyz" if block_on(0) != b and _on_zero(b))
    other = BlockId(f"tiny/{other_name}")
    both = small_pack(blocks=(NAME, other_name))
    bench = Bench(both, halts={BLOCK: 2})
    bench.log.append(BLOCK, activation(both, BLOCK))
    bench.log.append(other, activation(both, other))
    bench.log.append(BLOCK, evaluation_due(BLOCK))
    bench.log.append(other, evaluation_due(other))
    worker = await bench.loaded()
    assert [decode_evaluation(v).block for v in bench.outputs.of(topics.EVALUATIONS.name)] == [other]
    (letter,) = [decode_dead_letter(v) for v in bench.outputs.of(topics.DEAD_LETTERS.name)]
    assert (letter.reason, letter.place.offset) == ("block-halted", 2)
    assert "at event 0 of this record (ZeroDivisionError: by zero)" in letter.detail
    assert worker.fold.halted == {
        BLOCK: Halt("engine_crashed", Place(0, 2, 0), letter.at, "ZeroDivisionError: by zero")
    }


async def test_a_mended_block_publishes_what_it_missed_while_the_others_went_on():
    other_name = next(b for b in "qrstuvwxyz" if block_on(0) != b and _on_zero(b))
    other = BlockId(f"tiny/{other_name}")
    both = small_pack(blocks=(NAME, other_name))
    bench = Bench(both, halts={BLOCK: 2})
    bench.log.append(BLOCK, activation(both, BLOCK))
    bench.log.append(other, activation(both, other))
    bench.log.append(BLOCK, evaluation_due(BLOCK))
    bench.log.append(other, evaluation_due(other))
    halted = await bench.loaded()
    bench.offsets.committed[0] = Confirmed(halted.fold.confirmed)
    bench.outputs.published.clear()
    fold = PartitionFold(0, PARTITIONS, bench.packs.get, bench.limit, halts={}, mended={BLOCK: 2})
    await bench.loaded(fold)
    assert [decode_evaluation(v).block for v in bench.outputs.of(topics.EVALUATIONS.name)] == [BLOCK]


async def test_an_exception_that_nobody_foresaw_names_block_and_place(monkeypatch):
    bench = bench_with_history(1)

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("services.scoring.worker.fold.apply", broken)
    with pytest.raises(EngineCrash) as crash:
        await bench.loaded()
    assert (crash.value.block, crash.value.place.offset) == (BLOCK, 0)
    assert bench.fold.confirmed == 0


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_delivery_changes_what_is_published(data):
    bench = bench_with_history(3)
    truth = bench.offline()
    deliveries = data.draw(
        st.lists(
            st.lists(st.sampled_from(bench.log.records), max_size=6).map(lambda r: sorted(r)), max_size=12
        )
    )
    lost_after = data.draw(st.integers(0, 12))

    async def run() -> None:
        end, bench.log.end = bench.log.end, data.draw(st.integers(0, bench.log.end))
        worker = await bench.loaded()
        bench.log.end = end
        for number, delivery in enumerate(deliveries):
            if number == lost_after:
                worker.lose()
                worker = await bench.loaded(worker.fold)
            await worker.deliver(delivery)
        await worker.sweep(end)
        assert worker.fold.next_offset == end

    asyncio.run(run())
    assert bench.outputs.published == truth


def _on_zero(name: str) -> bool:
    from services.contracts.routing import partition_of
    from tests.unit.scoring.worker.fakes import PARTITIONS

    return partition_of(BlockId(f"tiny/{name}"), PARTITIONS) == 0
