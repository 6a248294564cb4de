"""What a ranking says of the events that it shows first, as bytes and back; and what was merged says no shorter waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.steps import (
    Showing,
    Stretch,
    Tally,
    decode_showing,
    encode_showing,
    merged,
)

NOW_US = 1_795_000_000_000_000
WAIT = st.integers(0, 10_000_000)


@st.composite
def stretches(draw: st.DrawFn) -> list[Stretch]:
    found, offset, door = [], draw(st.integers(0, 2**40)), NOW_US
    for _ in range(draw(st.integers(0, 30))):
        offset, door = offset + draw(st.integers(1, 1000)), door + draw(WAIT)
        logged = door + draw(WAIT)
        found.append(Stretch(offset, draw(st.integers(1, 8000)), door, logged, logged + draw(WAIT)))
    return found


@given(stretches(), st.integers(-5_000_000, 5_000_000), st.tuples(*[st.integers(0, 10**6)] * 3))
def test_it_reads_back_as_it_was(shown: list[Stretch], later: int, tally: tuple[int, int, int]) -> None:
    showing = Showing(NOW_US + later, tuple(shown), Tally(*tally))
    assert decode_showing(encode_showing(showing)) == showing


def test_it_is_short() -> None:
    shown = tuple(
        Stretch(10**6 + n, 200, NOW_US + n, NOW_US + n + 5000, NOW_US + n + 20_000) for n in range(128)
    )
    assert len(encode_showing(Showing(NOW_US + 200_000, shown))) < 4_000


@pytest.mark.parametrize("value", [b"", b"[]", b"[2,0,[0,0,0],[]]", b'{"a":1}', b"\xff"])
def test_what_is_no_showing_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode_showing(value)


@given(stretches())
def test_merging_keeps_every_event_and_shortens_no_wait(shown: list[Stretch]) -> None:
    fewer, until = merged(shown, 7), NOW_US + 10**9
    assert len(fewer) <= 7
    assert [one.offset for one in fewer[-1:]] == [one.offset for one in shown[-1:]]
    assert sum(one.events for one in fewer) == sum(one.events for one in shown)
    for field in ("door", "logged", "applied"):
        before = sum((until - getattr(one, field)) * one.events for one in shown)
        after = sum((until - getattr(one, field)) * one.events for one in fewer)
        assert after >= before
