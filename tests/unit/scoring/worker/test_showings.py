"""A ranking says of the events that it shows first what a look at every single event would say."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.event_data import Carried
from services.contracts.events import Report, encode_record
from services.contracts.ids import BlockId
from services.contracts.steps import MAX_STRETCHES, Tally, decode_showing
from services.scoring.worker.live import LiveRankings
from services.scoring.worker.ports import LogRecord
from services.scoring.worker.showings import Showings
from tests.support.packs import activation, report, small_pack
from tests.unit.scoring.worker.fakes import Bench, block_on

NAME = block_on(0)
BLOCK = BlockId(f"tiny/{NAME}")
PACK = small_pack(blocks=(NAME,))
NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * 1_000_000


def from_the_door(number: int, at: datetime, value: float = 50.0, **more: object) -> Report:
    event = report(f"{NAME}-u1", value, number, "2026-02", **more)
    event.receivedtime, event.principal = at, "p1"
    return event


class Line:
    """A fold with its showings, and a hand on the clocks."""

    def __init__(self, *, emit_from: int = 0) -> None:
        self.bench = Bench(PACK)
        self.bench.fold.emit_from = emit_from
        self.bench.now = NOON
        self.showings = Showings(self.bench.fold, lambda: self.bench.now.timestamp())

    def apply(self, events: list[Report], *, logged: datetime) -> int:
        offset = self.bench.fold.next_offset
        logged_ms = int(logged.timestamp() * 1000)
        self.bench.fold.apply(LogRecord(offset, BLOCK.encode(), encode_record(events), logged_ms))
        return offset


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.integers(1, 5), st.integers(0, 400), st.integers(0, 300)),
        st.tuples(st.just("rank"), st.just(0), st.integers(0, 400), st.just(0)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_the_waits_are_those_of_every_event_and_the_first_ranking_that_covers_it(
    steps: list[tuple[str, int, int, int]],
) -> None:
    line = Line()
    places: list[tuple[int, int, int]] = []
    """(offset, door, applied) of every event."""
    rankings: list[tuple[int, int]] = []
    """(offset that it stands at, when it left)."""
    told: list[tuple[int, int]] = []
    number = 0
    for kind, events, takes_ms, log_ms in steps:
        door = line.bench.now
        line.bench.now += timedelta(milliseconds=takes_ms + log_ms)
        now_us = NOON_US + int((line.bench.now - NOON) / timedelta(microseconds=1))
        if kind == "record":
            reports = [from_the_door(number + n, door) for n in range(events)]
            number += events
            offset = line.apply(reports, logged=door + timedelta(milliseconds=log_ms))
            door_us = NOON_US + int((door - NOON) / timedelta(microseconds=1))
            places += [(offset, door_us, now_us)] * events
        else:
            rankings.append((line.bench.fold.next_offset - 1, now_us))
            showing = line.showings.show(BLOCK)
            if showing is not None:
                told += [
                    (showing.ranked - one.door, showing.ranked - one.applied)
                    for one in showing.stretches
                    for _ in range(one.events)
                ]
    expected = []
    for offset, door_us, applied_us in places:
        left = next((at for covers, at in rankings if covers >= offset), None)
        if left is not None:
            expected.append((left - door_us, left - applied_us))
    assert sorted(told) == sorted(expected)


def test_the_steps_are_in_order_though_the_broker_counts_in_milliseconds() -> None:
    line = Line()
    door = NOON + timedelta(microseconds=700)
    line.bench.now = door + timedelta(microseconds=100)
    line.apply([from_the_door(1, door)], logged=NOON)
    showing = line.showings.show(BLOCK)
    assert showing is not None
    (one,) = showing.stretches
    assert one.door <= one.logged <= one.applied <= showing.ranked


def test_what_the_owner_before_has_shown_is_not_measured_again() -> None:
    line = Line(emit_from=1)
    line.apply([from_the_door(1, NOON)], logged=NOON)
    line.apply([from_the_door(2, NOON)], logged=NOON)
    showing = line.showings.show(BLOCK)
    assert showing is not None
    assert [one.offset for one in showing.stretches] == [1]


def test_ticks_and_what_lineage_carries_have_no_way_to_measure() -> None:
    line = Line()
    tick, carried = from_the_door(1, NOON), from_the_door(2, NOON)
    tick.principal = None
    carried.data = msgspec.structs.replace(
        carried.data, carried=Carried(unit="u0", share=1.0, source="s", id="r")
    )
    line.apply([tick], logged=NOON)
    line.apply([carried], logged=NOON)
    assert line.showings.show(BLOCK) is None


def test_a_log_that_is_read_again_is_counted_as_old_and_makes_no_percentile() -> None:
    line = Line()
    long_ago = NOON - timedelta(days=365)
    line.apply([from_the_door(1, long_ago), from_the_door(2, long_ago)], logged=long_ago)
    showing = line.showings.show(BLOCK)
    assert showing is not None
    assert (showing.stretches, showing.tally) == ((), Tally(old=2))


def test_a_block_that_waits_for_its_pack_holds_few_stretches_and_all_events() -> None:
    line = Line()
    for number in range(10 * MAX_STRETCHES):
        line.apply([from_the_door(number, NOON)], logged=NOON)
    showing = line.showings.show(BLOCK)
    assert showing is not None
    assert len(showing.stretches) <= MAX_STRETCHES
    assert sum(one.events for one in showing.stretches) == 10 * MAX_STRETCHES


def test_copies_and_corrections_are_told_once() -> None:
    line = Line()
    first = from_the_door(1, NOON)
    line.apply([first], logged=NOON)
    line.apply([first], logged=NOON)
    line.apply([from_the_door(2, NOON, value=60.0)], logged=NOON)
    showing = line.showings.show(BLOCK)
    assert showing is not None
    assert showing.tally == Tally(repeats=1, corrections=1)
    assert line.showings.show(BLOCK) is None


def test_a_ranking_that_is_written_again_says_the_same_as_before() -> None:
    line = Line()
    line.bench.fold.apply(line.bench.log.append(BLOCK, activation(PACK, BLOCK)))
    line.apply([from_the_door(1, NOON)], logged=NOON)
    live = LiveRankings(line.bench.fold, line.bench.packs.get, line.showings)
    shown = live.rank(BLOCK, 100)
    assert shown is not None
    assert shown.shows is not None
    assert decode_showing(shown.shows).stretches[0].events == 1
    line.bench.now += timedelta(seconds=10)
    assert live.rewrite(110) == [shown]


def test_the_metrics_weigh_a_record_by_its_events() -> None:
    line = Line()
    line.bench.now = NOON + timedelta(milliseconds=30)
    line.apply([from_the_door(n, NOON) for n in range(7)], logged=NOON + timedelta(milliseconds=10))
    line.bench.now = NOON + timedelta(milliseconds=100)
    line.showings.show(BLOCK)
    text = line.showings._metrics.exposition().decode()
    assert 'thidua_step_seconds_bucket{le="0.01",step="door_to_log"} 7.0' in text
    assert 'thidua_step_seconds_count{step="applied_to_ranked"} 7.0' in text
    assert 'thidua_step_seconds_sum{step="log_to_applied"} 0.14' in text
