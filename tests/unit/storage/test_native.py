"""Columns written quickly are the bytes that the driver itself would have written."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.insert import InsertContext
from hypothesis import given
from hypothesis import strategies as st

from services.storage.native import QuickColumn, leb128

A, B = UUID(int=2**127 + 12345), UUID(int=1)
MICROS = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp()) * 1_000_000


def _written(column_type: Any, column: list[Any]) -> bytes:
    context = InsertContext("t", ["c"], [column_type], data=[column], column_oriented=True)
    dest = bytearray()
    column_type.write_column(column, dest, context)
    return bytes(dest)


def _assert_as_the_driver(name: str, column: list[Any]) -> None:
    driver = get_from_name(name)
    assert _written(QuickColumn(driver), column) == _written(driver, column)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("UUID", [A, A, A]),
        ("UUID", [A, B]),
        ("UInt16", [0, 65_535]),
        ("UInt32", [1, 2**32 - 1]),
        ("UInt64", [0, 2**64 - 1]),
        ("Int32", [-1, 2**31 - 1]),
        ("Float64", [0.1, -1e300]),
        ("Bool", [True, False]),
        ("DateTime64(3, 'UTC')", [MICROS // 1000, -1]),
        ("DateTime64(6, 'UTC')", [MICROS, -5]),
        ("Nullable(DateTime64(6, 'UTC'))", [MICROS, MICROS]),
        ("Nullable(DateTime64(6, 'UTC'))", [None, MICROS]),
        ("Nullable(Float64)", [None, None]),
        ("Nullable(Float64)", [1.5, 2.0]),
        ("Nullable(Float64)", [1.5, None]),
        ("Nullable(Bool)", [None, None]),
        ("Nullable(Bool)", [True, False]),
        ("Nullable(Bool)", [True, None]),
        ("Array(String)", [[], []]),
        ("Array(String)", [["a"], [], ["b", "c"]]),
        ("String", [b"\xff" * 200, b"", b"\0"]),
        ("String", ["same"] * 100 + ["ông"]),
        ("LowCardinality(String)", ["x", "y", "x"]),
        ("UInt128", [0, 2**100]),
    ],
)
def test_a_column_is_written_as_the_driver_writes_it(name: str, column: list[Any]) -> None:
    _assert_as_the_driver(name, column)


@given(st.lists(st.text(), min_size=1))
def test_so_is_any_text(column: list[str]) -> None:
    _assert_as_the_driver("String", column)


@pytest.mark.parametrize(
    ("number", "written"), [(0, b"\0"), (127, b"\x7f"), (128, b"\x80\1"), (16_384, b"\x80\x80\1")]
)
def test_lengths_are_written_in_groups_of_seven_bits(number: int, written: bytes) -> None:
    assert leb128(number) == written


@pytest.mark.parametrize(
    ("name", "value"), [("UInt16", 65_536), ("UInt32", -1), ("Float64", "x"), ("Bool", None)]
)
def test_what_does_not_fit_is_refused_and_not_bent(name: str, value: object) -> None:
    with pytest.raises((OverflowError, TypeError, ValueError)):
        _written(QuickColumn(get_from_name(name)), [value])
