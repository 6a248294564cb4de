"""Waits on the way to the board, over a window: those of every event, each once."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.way import SLOT_US, WayMeter
from services.contracts.ids import BlockId
from services.contracts.spread import Spread
from services.contracts.steps import Showing, Step, Stretch, Tally, micros_of
from tests.support.boards import NOON, Clock

BLOCK = BlockId("mau/main")
NOON_US = micros_of(NOON)


def showing(*records: tuple[int, int], at: int = NOON_US) -> Showing:
    """Of (offset, events), each half a second from the door until ranked."""
    return Showing(at, tuple(Stretch(o, n, at - 500_000, at - 400_000, at - 300_000) for o, n in records))


def test_a_new_owner_that_tells_again_what_was_shown_is_not_counted_twice() -> None:
    meter = WayMeter(Clock(), {})
    meter.take(BLOCK, showing((5, 10), (6, 10)), NOON_US)
    meter.take(BLOCK, showing((6, 10), (7, 10)), NOON_US)
    assert meter.of(60).events == 30


def test_what_waited_more_than_an_hour_is_old() -> None:
    meter = WayMeter(Clock(), {})
    meter.take(BLOCK, showing((5, 10)), NOON_US + 3_600_000_000)
    clock = Clock(NOON + timedelta(hours=1))
    meter._now = clock
    assert meter.of(60).tally == Tally(old=10)
    assert meter.of(60).steps["door_to_board"] is None


def test_what_nobody_reads_does_not_pile_up() -> None:
    meter = WayMeter(Clock(), {})
    for number in range(1000):
        meter.take(BLOCK, showing((number, 1)), NOON_US + number * SLOT_US)
    assert len(meter._slots[BLOCK]) == 31


def test_what_is_added_up_for_ever_is_only_what_is_measured_here() -> None:
    kept: dict[Step, Spread] = {"door_to_board": Spread()}
    meter = WayMeter(Clock(), kept)
    meter.take(BLOCK, showing((5, 10)), NOON_US)
    assert kept["door_to_board"].events == 10


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 50)), max_size=30), st.sampled_from([60, 300]))
def test_a_window_holds_every_event_of_its_seconds_and_none_from_before_its_slot(
    came: list[tuple[int, int]], window_s: int
) -> None:
    """(seconds after noon, events)."""
    clock, meter = Clock(), WayMeter(lambda: clock(), {})
    for offset, (second, events) in enumerate(sorted(came)):
        at = NOON_US + second * 1_000_000
        meter.take(BLOCK, showing((offset, events), at=at), at)
    clock.turn(seconds=600)
    found = meter.of(window_s).events
    surely = sum(events for second, events in came if second > 600 - window_s)
    at_most = sum(events for second, events in came if second >= 600 - window_s - SLOT_US // 1_000_000)
    assert surely <= found <= at_most
