"""The newest dead letters in memory: bounded, counted, and each once."""

from datetime import timedelta

import msgspec
import pytest

from services.api.dead_letters import DeadLetterShelf, Wanted
from services.contracts.event_data import Place
from services.contracts.results import DeadLetter, encode_result
from services.contracts.topics import DEAD_LETTERS
from tests.support.boards import NOON, Clock, Topics


def letter(
    n: int,
    *,
    block: str = "mau/main",
    reason: str = "unknown-unit",
    body: bytes = b'{"subject":"u001","source":"//u","id":"r1"}',
    ago_s: float = 0,
) -> DeadLetter:
    at = NOON - timedelta(seconds=ago_s)
    return DeadLetter("campaign.events", Place(3, n, 0), block, reason, "it is so", "mend it", body, at)


class Shelf:
    def __init__(self, per_block: int = 100, most_bytes: int = 1_000_000) -> None:
        self.clock = Clock()
        self.shelf = DeadLetterShelf(self.clock, per_block, most_bytes)
        self.topics = Topics()

    def put(self, *letters: DeadLetter) -> None:
        for one in letters:
            self.shelf.apply(self.topics.result(one))

    def offsets(self, **wanted: str) -> list[int]:
        return [held.letter.place.offset for held in self.shelf.newest(Wanted(**wanted))]  # type: ignore[arg-type]


def test_a_letter_says_what_its_bytes_say_of_the_event_and_which_service_refused_it() -> None:
    shelf = Shelf()
    shelf.put(letter(1))
    shelf.shelf.apply(shelf.topics.raw(DEAD_LETTERS.name, "mau/main", encode_result(letter(2, body=b"\xff"))))
    stored, scored = shelf.shelf.newest(Wanted())
    assert (scored.unit, scored.source, scored.event, scored.service) == ("u001", "//u", "r1", "scoring")
    assert (stored.unit, stored.source, stored.event, stored.service) == (None, None, None, "storage")
    assert scored.id == "campaign.events:3:1:0"


def test_a_copy_of_a_letter_counts_once() -> None:
    shelf = Shelf()
    shelf.put(letter(1), letter(2), letter(1))
    assert len(shelf.shelf) == 2
    assert [(one.held, one.per_minute) for one in shelf.shelf.counts()] == [(2, 2)]


def test_the_oldest_of_a_block_are_put_out_and_the_counts_go_on() -> None:
    shelf = Shelf(per_block=3)
    shelf.put(*(letter(n) for n in range(5)), letter(9, block="mau/quiet"))
    assert shelf.offsets(block="mau/main") == [4, 3, 2]
    assert shelf.offsets(block="mau/quiet") == [9]
    assert shelf.shelf.counts()[0].per_minute == 6


def test_a_block_that_floods_puts_out_its_own_letters_and_no_others() -> None:
    shelf = Shelf(most_bytes=50_000)
    shelf.put(letter(1, block="mau/quiet"))
    shelf.put(*(letter(n, body=b"x" * 9_000) for n in range(20)))
    assert shelf.offsets(block="mau/quiet") == [1]
    assert shelf.offsets(block="mau/main") == [19, 18, 17, 16]


def test_bytes_larger_than_an_event_are_not_held() -> None:
    shelf = Shelf()
    shelf.put(letter(1, body=b"x" * 65_536), letter(2, body=b"x" * 65_537))
    assert [held.body is None for held in shelf.shelf.newest(Wanted())] == [True, False]


def test_counts_tell_each_of_the_last_sixty_minutes() -> None:
    shelf = Shelf()
    shelf.put(letter(1, ago_s=3_601), letter(2, ago_s=120), letter(3), letter(4, reason="bad-event"))
    by_reason = {one.reason: one for one in shelf.shelf.counts()}
    assert by_reason["unknown-unit"].minutes == [*[0] * 57, 1, 0, 1]
    assert by_reason["bad-event"].minutes == [*[0] * 59, 1]
    shelf.clock.turn(hours=2)
    assert sum(by_reason.minutes[-1] for by_reason in shelf.shelf.counts()) == 0


def test_what_is_no_dead_letter_is_refused() -> None:
    shelf = Shelf()
    with pytest.raises(msgspec.DecodeError):
        shelf.shelf.apply(shelf.topics.raw(DEAD_LETTERS.name, "mau/main", b"no json"))
    shelf.shelf.apply(shelf.topics.raw(DEAD_LETTERS.name, "mau/main", None))
    assert len(shelf.shelf) == 0
