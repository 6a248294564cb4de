"""What is measured as rankings arrive."""

from datetime import timedelta

import msgspec

from services.api.freshness import FreshnessMeter
from tests.support.boards import NOON, BoardBuilder, Clock, build_pack

BOARD = BoardBuilder(build_pack("mau", 8))


def test_a_block_without_a_ranking_has_no_freshness() -> None:
    assert FreshnessMeter(Clock()).of(BOARD.block) is None


def test_seconds_count_from_the_newest_event_and_never_below_zero() -> None:
    clock = Clock()
    meter = FreshnessMeter(clock)
    meter.observe(BOARD.ranking(NOON + timedelta(seconds=1)), NOON, live=True)
    assert (fresh := meter.of(BOARD.block)) and fresh.seconds == 0
    clock.turn(seconds=13)
    assert (fresh := meter.of(BOARD.block)) and fresh.seconds == 12


def test_lag_is_arrival_less_the_newest_event() -> None:
    clock, board = Clock(), BoardBuilder(build_pack("mau", 8))
    meter = FreshnessMeter(clock)
    for number in range(100):
        board.push("u001", 0.5)
        meter.observe(
            board.ranking(NOON + timedelta(milliseconds=number)),
            NOON + timedelta(milliseconds=2 * number),
            live=True,
        )
    fresh = meter.of(board.block)
    assert fresh is not None
    assert fresh.lag is not None
    assert (fresh.lag.p50, fresh.lag.p95, fresh.lag.p99, fresh.lag.samples) == (0.05, 0.095, 0.099, 100)


def test_lags_of_five_minutes_ago_are_forgotten() -> None:
    clock, board = Clock(), BoardBuilder(build_pack("mau", 8))
    meter = FreshnessMeter(clock)
    meter.observe(board.ranking(NOON), NOON, live=True)
    clock.turn(minutes=6)
    fresh = meter.of(board.block)
    assert fresh is not None
    assert fresh.lag is None


def test_what_is_read_while_catching_up_is_neither_lag_nor_rate() -> None:
    clock, board = Clock(), BoardBuilder(build_pack("mau", 8))
    meter = FreshnessMeter(clock)
    meter.observe(board.ranking(NOON - timedelta(days=3)), NOON, live=False)
    fresh = meter.of(board.block)
    assert fresh is not None
    assert (fresh.lag, fresh.per_minute, fresh.events) == (None, 0, board.events)


def test_events_are_counted_in_the_minute_in_which_they_came() -> None:
    clock, board = Clock(), BoardBuilder(build_pack("mau", 8))
    meter = FreshnessMeter(clock)
    meter.observe(board.ranking(NOON), clock(), live=False)
    board.events += 40
    meter.observe(board.ranking(NOON), clock(), live=True)
    clock.turn(seconds=90)
    board.events += 2
    meter.observe(board.ranking(NOON), clock(), live=True)
    fresh = meter.of(board.block)
    assert fresh is not None
    assert fresh.per_minute == 2
    assert fresh.minutes[-3:] == [0, 40, 2]
    assert len(fresh.minutes) == 60


def test_new_intervals_without_a_new_event_are_no_lag() -> None:
    clock, board = Clock(), BoardBuilder(build_pack("mau", 8))
    meter = FreshnessMeter(clock)
    meter.observe(board.ranking(NOON), NOON, live=True)
    meter.observe(board.ranking(NOON), NOON + timedelta(seconds=10), live=True)
    fresh = meter.of(board.block)
    assert fresh is not None
    assert fresh.lag is not None
    assert fresh.lag.samples == 1


def test_what_nobody_reads_does_not_pile_up() -> None:
    clock, board = Clock(), BoardBuilder(build_pack("mau", 8))
    meter = FreshnessMeter(clock)
    ranking, events = board.ranking(NOON), board.events
    for number in range(2 * 3600 * 5):
        more = msgspec.structs.replace(ranking, events=events + number)
        meter.observe(more, NOON + timedelta(milliseconds=200 * number), live=True)
    assert len(meter._pulses[board.block].arrivals) <= 3600 + 1
    clock.turn(seconds=2 * 3600 - 1)
    fresh = meter.of(board.block)
    assert fresh is not None
    assert (fresh.per_minute, sum(fresh.minutes)) == (300, 3600 * 5)
