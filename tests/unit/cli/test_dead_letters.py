"""Dead letters are found by reason, unit and block, and go into the log again as they were or mended."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.cli.broker import Outgoing
from services.cli.dead_letters import Wanted, letter_at, letters, replayable
from services.cli.failures import CalledWrongly
from services.contracts.event_data import Place
from services.contracts.events import decode_record, encode_event
from services.contracts.results import DEAD_LETTER_SCHEMA, DeadLetter, encode_result
from services.contracts.topics import DEAD_LETTERS
from tests.support.packs import report
from tests.unit.cli.fakes import FakeBroker

AT = datetime(2026, 2, 1, tzinfo=UTC)
UNREADABLE = b'{"specversion": "1.0", "type": "vn.thidua.unheard.v1", "subject": "a-u2"}'


def letter(
    offset: int, body: bytes, reason: str, *, block: str = "tiny/a", topic: str = "campaign.events"
) -> DeadLetter:
    return DeadLetter(
        topic=topic,
        place=Place(1, offset, 0),
        key=block,
        reason=reason,
        detail="why",
        hint="do this",
        body=body,
        at=AT + timedelta(seconds=offset),
    )


FOREIGN = letter(9, b"x", "bad-result", topic="campaign.flags")
ALL = [
    letter(3, encode_event(report("a-u1", 1.0)), "unknown-pack"),
    letter(5, UNREADABLE, "bad-event"),
    letter(7, encode_event(report("b-u1", 1.0, 7)), "unknown-pack", block="tiny/b"),
    letter(8, b"no JSON", "bad-record"),
]


def broker() -> FakeBroker:
    """Written out of order, one of them twice, and one about another topic."""
    made = FakeBroker()
    for one in (ALL[1], ALL[0], *ALL[2:], ALL[0], FOREIGN):
        made.append(DEAD_LETTERS, [Outgoing(one.key, encode_result(one), DEAD_LETTER_SCHEMA)])
    return made


def test_each_letter_about_an_event_is_listed_once_in_the_order_of_refusal() -> None:
    assert letters(broker(), Wanted()) == ALL


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(reason="unknown-pack"), [ALL[0], ALL[2]]),
        (Wanted(unit="a-u2"), [ALL[1]]),
        (Wanted(block="tiny/b"), [ALL[2]]),
        (Wanted(reason="unknown-pack", unit="a-u1"), [ALL[0]]),
        (Wanted(unit="nobody"), []),
    ],
)
def test_letters_are_found_by_what_they_are_about(wanted: Wanted, found: list[DeadLetter]) -> None:
    assert letters(broker(), wanted) == found


def test_a_letter_is_found_by_its_place() -> None:
    assert letter_at(broker(), "1:5:0") == ALL[1]


@pytest.mark.parametrize("place", ["1:5", "1:5:0:0", "a:b:c", "", "1:4:0"])
def test_what_is_no_place_or_has_no_letter_is_told(place: str) -> None:
    with pytest.raises(CalledWrongly):
        letter_at(broker(), place)


def test_events_that_can_be_read_go_to_their_blocks_and_the_others_are_left_with_the_reason() -> None:
    records, left = replayable(ALL)
    assert [(record.key, decode_record(record.value or b"")[0].id) for record in records] == [
        ("tiny/a", "r0"),
        ("tiny/b", "r7"),
    ]
    assert [one.place.offset for one, _ in left] == [5, 8]
    assert "unheard" in left[0][1]


def test_mended_bytes_stand_for_those_that_were_refused() -> None:
    mended = encode_event(report("a-u2", 4.0, 5))
    ((record,), left) = replayable([ALL[1]], mended)
    assert left == []
    assert decode_record(record.value or b"") == [report("a-u2", 4.0, 5)]
    ((record,), _) = replayable([ALL[3]], b"[" + mended + b"," + mended + b"]")
    assert len(msgspec.json.decode(record.value or b"")) == 2
