"""Percentiles of a spread are those of the waits themselves, to the width of a bucket."""

import math

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.spread import RESOLUTION, Spread, total

WAITS = st.lists(st.tuples(st.integers(0, 4_000_000_000), st.integers(1, 500)), min_size=1, max_size=40)


def spread_of(waits: list[tuple[int, int]]) -> Spread:
    spread = Spread()
    for wait_us, events in waits:
        spread.add(wait_us, events)
    return spread


@given(WAITS)
def test_percentiles_are_those_of_every_event_to_the_bucket(waits: list[tuple[int, int]]) -> None:
    each = sorted(wait for wait, events in waits for _ in range(events))
    found = spread_of(waits).percentiles()
    assert found is not None
    for share, told_ms in zip((0.50, 0.95, 0.99), found, strict=True):
        true_ms = each[max(1, math.ceil(share * len(each))) - 1] / 1000
        assert true_ms - 0.001 <= told_ms <= max(0.1, true_ms * RESOLUTION) + 0.001


@given(st.lists(WAITS, max_size=4))
def test_merged_spreads_are_the_spread_of_all(parts: list[list[tuple[int, int]]]) -> None:
    whole, all_at_once = total(map(spread_of, parts)), spread_of([wait for part in parts for wait in part])
    assert (whole.counts(), whole.events, whole.sum_us) == (
        all_at_once.counts(),
        all_at_once.events,
        all_at_once.sum_us,
    )


def test_without_events_there_are_no_percentiles() -> None:
    assert Spread().percentiles() is None


def test_clocks_that_disagree_make_no_wait() -> None:
    assert spread_of([(-5_000, 3)]).percentiles() == spread_of([(0, 3)]).percentiles()


def test_buckets_of_prometheus_hold_what_waited_no_longer() -> None:
    spread = spread_of([(900, 2), (49_000, 3), (7_000_000, 5)])
    assert [spread.up_to(edge) for edge in (0.001, 0.05, 1.0, 10.0)] == [2, 5, 5, 10]
