"""The quick way from a record to bytes gives the very bytes that the driver makes of the thorough one's rows, and leaves to it what is not usual."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.compression import get_compressor
from clickhouse_connect.driver.insert import InsertContext
from clickhouse_connect.driver.transform import NativeTransform

from services.contracts.event_data import AdjustmentData, FactData
from services.contracts.events import MAX_EVENT_BYTES, Adjustment, AnyEvent, Fact, encode_record
from services.contracts.following import Record
from services.contracts.topics import EVENTS as TOPIC
from services.storage.columns import Columns, by_table
from services.storage.decoding import Origin
from services.storage.decoding.events import event_rows
from services.storage.decoding.packed_events import EVENTS, RAW_LOG, packed_events
from services.storage.packed import Packed
from services.storage.rows import EventRow, RawEventRow, Row
from tests.support.stored_records import NOW, event_record, published, record, report
from tests.unit.storage.fakes import log_id

ORIGIN = Origin(log_id("any"), 2)
COLUMNS = {RawEventRow: RAW_LOG, EventRow: EVENTS}


def _driver_block(rows: Columns) -> bytes:
    """One block of the Native format, as clickhouse-connect writes it."""
    columns = COLUMNS[rows.row_class]
    fields = rows.row_class._fields
    context = InsertContext(
        "t",
        [column.name for column in columns],
        [get_from_name(column.type) for column in columns],
        data=[rows.values[fields.index(column.name)] for column in columns],
        column_oriented=True,
    )
    context.compressor = get_compressor(None)
    context.req_block_size = 1_000_000
    return b"".join(NativeTransform.build_insert(context)).split(b"\n", 1)[1]


def _quick(records: Sequence[Record]) -> list[Columns | Packed]:
    tables: dict[type[Row], Columns | Packed] = {}
    for one in records:
        packed = packed_events(one, ORIGIN)
        assert packed is not None
        for rows in packed:
            tables.setdefault(rows.row_class, rows.emptied()).extend(rows)  # type: ignore[arg-type]
    return list(tables.values())


def _assert_as_the_thorough(*events: list[AnyEvent]) -> None:
    records = [event_record(offset, packed) for offset, packed in enumerate(events)]
    thorough = by_table(row for one in records for row in event_rows(one, ORIGIN))
    quick = _quick(records)
    assert [list(rows) for rows in quick] == [list(rows) for rows in thorough]
    for packed, rows in zip(quick, thorough, strict=True):
        if isinstance(packed, Packed):
            assert packed.native() == _driver_block(rows)
    assert sum(isinstance(rows, Packed) for rows in quick) == 2


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
        [report(1, value=None, passed=True), report(2, value=None, numerator=1.0, denominator=0.0)],
        [report(1, value=0.0), report(2, value=-0.0)],
        [report(1, note="x" * 200), report(2, note="ông" * 90), report(3, note="y" * 4_000)],
        [report(1, evidence=["a", "b" * 200]), report(2), report(3, evidence=["c"])],
    ],
)
def test_both_ways_give_the_same_bytes(events: list[AnyEvent]) -> None:
    _assert_as_the_thorough(events)


def test_records_of_one_batch_are_one_block_with_one_count_of_evidence() -> None:
    _assert_as_the_thorough([report(1, evidence=["a", "b"])], [report(2)], [_fact(), report(3)])


def test_a_block_holds_records_in_the_order_of_the_log_whatever_came_first() -> None:
    records = [event_record(offset, [report(offset)]) for offset in (1, 2, 3)]
    forth, back = _quick(records), _quick(records[::-1])
    assert [rows.native() for rows in forth if isinstance(rows, Packed)] == [
        rows.native() for rows in back if isinstance(rows, Packed)
    ]
    assert [row.offset for row in back[0]] == [3, 2, 1]  # type: ignore[union-attr]  # as they were added


@pytest.mark.parametrize("year", [1, 1850, 1899, 1901, 1970, 2026, 2250, 2299, 9998])
def test_both_ways_place_a_time_alike_whatever_its_year_and_offset(year: int) -> None:
    far = datetime(year, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=7)))
    near = datetime(year, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    _assert_as_the_thorough(
        [msgspec.structs.replace(report(number), time=time) for number, time in enumerate((far, near, NOW))]
    )


def test_events_received_at_different_times_keep_their_own() -> None:
    _assert_as_the_thorough([report(1), report(2), msgspec.structs.replace(report(3), receivedtime=None)])


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
        encode_record([report(1), report(2)]).replace(b"},{", b"} ,{"),
    ],
)
def test_what_is_not_usual_is_left_to_the_thorough_way(value: bytes | None) -> None:
    assert packed_events(record(TOPIC.name, value), ORIGIN) is None
