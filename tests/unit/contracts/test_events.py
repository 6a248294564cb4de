"""Events and records: what is written is read again, and one bad event leaves the others usable."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.decoding import KNOWN_TYPES, json_pointer
from services.contracts.event_data import Place, ReportData
from services.contracts.events import (
    Report,
    decode_event,
    decode_record,
    encode_event,
    encode_record,
    evaluation_id,
    split_record,
    type_of,
)
from services.contracts.ids import BlockId
from tests.door_samples import NOW, as_json, report

names = st.text(min_size=1, max_size=40)
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    data = ReportData(
        indicator=draw(names), period=draw(names), value=draw(finite), note=draw(st.none() | names)
    )
    return Report(
        specversion="1.0",
        id=draw(names),
        source=draw(names),
        subject=draw(names),
        time=draw(st.datetimes(timezones=st.just(UTC))),
        data=data,
    )


@given(st.lists(reports(), max_size=5))
def test_a_record_gives_back_the_events_that_were_packed(events: list[Report]) -> None:
    assert decode_record(encode_record(events)) == events


@given(reports())
def test_an_event_in_structured_mode_comes_back(event: Report) -> None:
    assert decode_event(encode_event(event)) == event


def test_a_bad_event_in_a_record_leaves_its_neighbours_usable() -> None:
    value = b"[" + b",".join([as_json(report(id="a")), b'{"type":"?"}', as_json(report(id="b"))]) + b"]"
    with pytest.raises(msgspec.DecodeError):
        decode_record(value)
    first, _, last = split_record(value)
    assert (decode_event(first).id, decode_event(last).id) == ("a", "b")


def test_places_are_ordered_by_partition_offset_and_index() -> None:
    assert sorted([Place(0, 2, 0), Place(0, 1, 5), Place(0, 1, 4)]) == [
        Place(0, 1, 4),
        Place(0, 1, 5),
        Place(0, 2, 0),
    ]


def test_asking_twice_for_an_evaluation_is_one_evaluation_and_another_edition_is_another() -> None:
    block, hanoi = BlockId("demo/north"), timezone(timedelta(hours=7))
    one = evaluation_id(block, "2025", NOW, 1)
    assert one == evaluation_id(block, "2025", NOW.astimezone(hanoi), 1)
    assert one != evaluation_id(block, "2025", NOW, 2)
    assert one != evaluation_id(block, "2025", datetime(2025, 7, 6, tzinfo=UTC), 1)


def test_the_type_of_a_class_is_the_one_that_events_carry() -> None:
    assert type_of(Report) == report()["type"]
    assert type_of(Report) in KNOWN_TYPES


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ("Expected `str`, got `int` - at `$.data.evidence[3]`", "/data/evidence/3"),
        ("Object missing required field `id`", "/id"),
        ("Object missing required field `value` - at `$.data`", "/data/value"),
        ("Object contains unknown field `a/b~c` - at `$.data`", "/data/a~1b~0c"),
        ("Expected `object`, got `array`", ""),
    ],
)
def test_a_decoders_message_becomes_a_json_pointer(message: str, pointer: str) -> None:
    assert json_pointer(message) == pointer
