"""Ids of the stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.positions import Position, Positions

records = st.lists(
    st.builds(Position, st.sampled_from(["r", "f", "e"]), st.integers(0, 11), st.integers(0, 10**12)),
    max_size=20,
)


def positions_of(seen: list[Position]) -> Positions:
    positions = Positions()
    for position in seen:
        positions = positions.after(position)
    return positions


@given(records)
def test_an_id_says_the_same_after_it_was_written_and_read(seen: list[Position]) -> None:
    positions = positions_of(seen)
    again = Positions.decode(positions.encode())
    assert again.encode() == positions.encode()
    assert all(again.cover(p) == positions.cover(p) for p in seen)


def test_a_record_is_covered_from_its_own_offset_on() -> None:
    positions = Positions().after(Position("r", 3, 7))
    assert positions.cover(Position("r", 3, 7))
    assert positions.cover(Position("r", 3, 6))
    assert not positions.cover(Position("r", 3, 8))
    assert not positions.cover(Position("r", 4, 0))
    assert not positions.cover(Position("f", 3, 0))


def test_an_id_from_before_a_topic_was_created_anew_covers_nothing_of_it() -> None:
    old = Positions().after(Position("r", 0, 500)).after(Position("f", 0, 2))
    now = Positions().after(Position("r", 0, 4)).after(Position("f", 0, 9))
    left = old.within(now)
    assert not left.cover(Position("r", 0, 1))
    assert left.cover(Position("f", 0, 2))


@pytest.mark.parametrize("text", ["x", "r:", "r:1", "r:1=2;;q:1=1", "r:1=-2", "r:1=2,", "q:0=1"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no part of an id"):
        Positions.decode(text)
