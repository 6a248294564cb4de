"""Live rankings are debounced, keep their intervals for a while, and are written again by the owner."""

from datetime import UTC, datetime

import pytest

from services.contracts.event_data import Place
from services.contracts.flags import decode_flag
from services.contracts.ids import BlockId
from services.contracts.results import Halt, decode_ranking
from services.scoring.worker.fold import EngineCrash
from services.scoring.worker.live import LiveRankings
from tests.support.packs import activation, evaluation_due, report, small_pack
from tests.unit.scoring.worker.fakes import Bench, block_on

NAME = block_on(0)
BLOCK = BlockId(f"tiny/{NAME}")
PACK = small_pack(blocks=(NAME,))


def bench_with_one_report() -> tuple[Bench, LiveRankings]:
    bench = Bench(PACK)
    bench.fold.apply(bench.log.append(BLOCK, activation(PACK, BLOCK)))
    bench.fold.apply(bench.log.append(BLOCK, report(f"{NAME}-u1", 50.0, 1, "2026-02")))
    return bench, LiveRankings(bench.fold, bench.packs.get, bench.showings())


def test_a_changed_block_is_shown_at_once_and_then_at_most_five_times_a_second():
    bench, live = bench_with_one_report()
    shown = []
    for millisecond in range(0, 1000, 10):
        now = 100 + millisecond / 1000
        bench.fold.apply(
            bench.log.append(
                BLOCK, report(f"{NAME}-u1", millisecond, 2 + millisecond, "2026-02", millisecond)
            )
        )
        shown += [live.rank(block, now) for block in live.due(now)]
    assert len(shown) == 5
    assert all(output is not None for output in shown)


def test_an_unchanged_block_is_not_ranked_again():
    _, live = bench_with_one_report()
    assert live.due(100) == [BLOCK]
    assert live.rank(BLOCK, 100) is not None
    assert live.due(200) == []


def test_intervals_are_kept_for_ten_seconds_and_name_where_they_were_drawn():
    bench, live = bench_with_one_report()
    first = decode_ranking(live.rank(BLOCK, 100).value)
    bench.fold.apply(bench.log.append(BLOCK, report(f"{NAME}-u2", 60.0, 2, "2026-02")))
    second = decode_ranking(live.rank(BLOCK, 105).value)
    bench.fold.apply(bench.log.append(BLOCK, report(f"{NAME}-u3", 70.0, 3, "2026-02")))
    third = decode_ranking(live.rank(BLOCK, 111).value)
    assert first.intervals_at == first.cause
    assert second.intervals_at == first.cause
    assert third.intervals_at == third.cause


def test_a_block_that_falls_quiet_gets_the_intervals_of_its_last_state():
    bench, live = bench_with_one_report()
    live.rank(BLOCK, 100)
    bench.fold.apply(bench.log.append(BLOCK, report(f"{NAME}-u2", 60.0, 2, "2026-02")))
    live.rank(BLOCK, 101)
    assert live.due(109) == []
    assert live.due(110) == [BLOCK]
    last = decode_ranking(live.rank(BLOCK, 110).value)
    assert last.intervals_at == last.cause
    assert live.due(500) == []


def test_the_owner_writes_its_current_values_again_every_ten_seconds():
    _, live = bench_with_one_report()
    shown = live.rank(BLOCK, 100)
    assert live.rewrite(109) == []
    assert live.rewrite(110) == [shown]
    assert live.rewrite(111) == []


def test_a_halted_block_says_so():
    bench, live = bench_with_one_report()
    halt = Halt("engine_crashed", Place(0, 2, 0), datetime(2026, 2, 1, tzinfo=UTC), "KeyError: 'x'")
    bench.fold.halted[BLOCK] = halt
    ranking = decode_ranking(live.rank(BLOCK, 100).value)
    assert (ranking.halted, ranking.halt) == (True, halt)


def test_a_block_that_goes_on_says_nothing_of_a_halt():
    _, live = bench_with_one_report()
    assert b'"halt"' not in live.rank(BLOCK, 100).value


def test_before_the_worker_stops_every_block_of_the_partition_says_why_it_stands_still():
    _, live = bench_with_one_report()
    stop = Halt("too_many_refused", Place(0, 7, 1), datetime(2026, 2, 1, tzinfo=UTC), "50 events in a row")
    assert [decode_ranking(output.value).halt for output in live.rank_stopped(stop, 100)] == [stop]


def test_a_block_without_a_pack_is_not_shown():
    bench = Bench(PACK)
    bench.fold.apply(bench.log.append(BLOCK, report(f"{NAME}-u1", 50.0, 1)))
    live = LiveRankings(bench.fold, bench.packs.get, bench.showings())
    assert live.rank(BLOCK, 100) is None


def test_flags_that_stand_are_written_every_ten_seconds_and_settled_ones_seldom():
    flags = {"leader": {"enter": 0.25, "leave": 0.5, "k": 1, "n": 1}}
    pack = small_pack(blocks=(NAME,), flags=flags)
    bench = Bench(pack)
    bench.fold.apply(bench.log.append(BLOCK, activation(pack, BLOCK)))
    for month, leader in ((1, 1), (2, 2)):
        period = f"2026-{month:02d}"
        for unit in (1, 2, 3, 4):
            value = 90.0 if unit == leader else 10.0 * unit
            n = 10 * month + unit
            bench.fold.apply(bench.log.append(BLOCK, report(f"{NAME}-u{unit}", value, n, period)))
        bench.fold.apply(bench.log.append(BLOCK, evaluation_due(BLOCK, period, n=month)))
    live = LiveRankings(bench.fold, bench.packs.get, bench.showings())
    written = [
        (second, sorted(decode_flag(output.value).state for output in live.rewrite(second)))
        for second in (0, 5, 10, 20, 3600, 3610)
    ]
    assert written == [
        (0, ["ended", "proposed"]),
        (5, []),
        (10, ["proposed"]),
        (20, ["proposed"]),
        (3600, ["ended", "proposed"]),
        (3610, ["proposed"]),
    ]


def test_a_crash_of_the_live_ranking_names_the_block_and_where_it_stands():
    bench, _ = bench_with_one_report()

    def no_pack(_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(EngineCrash) as crash:
        LiveRankings(bench.fold, no_pack, bench.showings()).rank(BLOCK, 100)
    assert (crash.value.block, crash.value.place) == (BLOCK, bench.fold.blocks[BLOCK].last)
