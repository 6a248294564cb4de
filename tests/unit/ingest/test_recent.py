"""The window of events acknowledged lately: bounded, and about the very same bytes of the very same key."""

from services.contracts.ids import BlockId
from services.ingest.recent import RecentEvents, fingerprint

BLOCK = BlockId("demo/north")


def test_the_newest_half_is_always_known_and_never_more_than_the_capacity() -> None:
    recent = RecentEvents(100)
    for number in range(1_000):
        recent.add(number, BLOCK)
    known = [number for number in range(1_000) if recent.find(number)]
    assert known[-50:] == list(range(950, 1_000))
    assert len(known) <= 100


def test_many_at_once_are_remembered_as_one_by_one() -> None:
    single, together = RecentEvents(100), RecentEvents(100)
    for first in range(0, 1_000, 20):
        marks = dict.fromkeys(range(first, first + 20), BLOCK)
        together.add_all(marks)
        for mark in marks:
            single.add(mark, BLOCK)
    assert [together.find(n) for n in range(1_000)] == [single.find(n) for n in range(1_000)]
    assert together.knows_any([5, 999])
    assert not together.knows_any([5, 6])


def test_a_window_of_nothing_knows_nothing() -> None:
    recent = RecentEvents(0)
    recent.add(1, BLOCK)
    assert recent.find(1) is None


def test_other_bytes_or_another_key_are_another_event() -> None:
    assert fingerprint("k1", b"{}") == fingerprint("k1", b"{}")
    assert fingerprint("k1", b"{}") != fingerprint("k2", b"{}")
    assert fingerprint("k1", b"{}") != fingerprint("k1", b"{ }")
