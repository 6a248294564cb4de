"""The quick way from a record to columns gives the very rows of the thorough one, and leaves to it what is not usual."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from services.contracts.event_data import AdjustmentData, FactData
from services.contracts.events import MAX_EVENT_BYTES, Adjustment, AnyEvent, Fact, encode_record
from services.contracts.topics import EVENTS
from services.storage.columns import by_table
from services.storage.decoding import Origin
from services.storage.decoding.event_columns import event_columns
from services.storage.decoding.events import event_rows
from services.storage.rows import Row
from tests.support.stored_records import NOW, event_record, published, record, report
from tests.unit.storage.fakes import log_id

ORIGIN = Origin(log_id("any"), 2)


def _quick(events: list[AnyEvent]) -> list[list[Row]]:
    columns = event_columns(event_record(7, events), ORIGIN)
    assert columns is not None
    return [list(rows) for rows in columns]


def _thorough(events: list[AnyEvent]) -> list[list[Row]]:
    return [list(rows) for rows in by_table(event_rows(event_record(7, events), ORIGIN))]


def _fact() -> Fact:
    data = FactData(indicator="y", occurred=NOW.date(), amount=2.0, evidence=["https://a.vn/1"])
    return Fact(specversion="1.0", id="f", source="tiny/u2", time=NOW, data=data)


def _adjustment() -> Adjustment:
    data = AdjustmentData(criterion="c", period="2026-02", points=-1.5, reason="late")
    return Adjustment(specversion="1.0", id="a", source="tiny/council", time=NOW, subject="u1", data=data)


@pytest.mark.parametrize(
    "events",
    [
        [report(1)],
        [report(1), report(2, value=2.5, revision=3, simulated=True, note="ghi chú")],
        [report(1), _fact(), _adjustment(), published(log_id("e").hex, "p")],  # type: ignore[arg-type]
        [report(1, revision=2**70)],
    ],
)
def test_both_ways_give_the_same_rows(events: list[AnyEvent]) -> None:
    assert _quick(events) == _thorough(events)


@pytest.mark.parametrize("year", [1, 1850, 1899, 1901, 1970, 2026, 2250, 2299, 9998])
def test_both_ways_place_a_time_alike_whatever_its_year_and_offset(year: int) -> None:
    far = datetime(year, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=7)))
    near = datetime(year, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    events: list[AnyEvent] = [
        msgspec.structs.replace(report(number), time=time) for number, time in enumerate((far, near, NOW))
    ]
    assert _quick(events) == _thorough(events)


def test_events_received_at_different_times_keep_their_own() -> None:
    events: list[AnyEvent] = [report(1), report(2), msgspec.structs.replace(report(3), receivedtime=None)]
    assert _quick(events) == _thorough(events)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"[]",
        b"no json",
        b"[" + encode_record([report(1)])[1:-1] + b',{"type":"other"}]',
        encode_record([report(1, note="x" * MAX_EVENT_BYTES)]),
        b"[ " + encode_record([report(1)])[1:],
        encode_record([report(1)]) + b"\n",
    ],
)
def test_what_is_not_usual_is_left_to_the_thorough_way(value: bytes | None) -> None:
    assert event_columns(record(EVENTS.name, value), ORIGIN) is None
