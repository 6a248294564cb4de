"""Writes columns in ClickHouse's Native form faster than the driver does, where what stands in them is usual; the driver writes the rest.

An insert of events spends most of its time here: the driver looks at every value several times. These look at whole columns.
"""

from array import array
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

_ARRAYS: Final = {
    "UInt16": "H",
    "UInt32": "I",
    "UInt64": "Q",
    "Int32": "i",
    "Int64": "q",
    "Float64": "d",
    "Bool": "B",
    "DateTime64(3, 'UTC')": "q",
    "DateTime64(6, 'UTC')": "q",
}
_ONE_BYTE: Final = [bytes([length]) for length in range(128)]
_SAMPLE: Final = 64
_NULLABLE: Final = "Nullable("

Quick = Callable[[Sequence[Any]], bytes | None]
"""The column's bytes; None for what it leaves to the driver. Raises what the driver would raise for values that do not fit."""


class QuickColumn:
    """A column type of the driver that asks a quick writer first. It is what an `InsertContext` needs of a type."""

    def __init__(self, column_type: Any) -> None:
        self._type = column_type
        self._quick = _quick_writer(column_type.name)

    def write_column(self, column: Sequence[Any], dest: bytearray, context: Any) -> None:
        written = self._quick(column)
        if written is None:
            self._type.write_column(column, dest, context)
        else:
            dest += written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._type, name)


def _quick_writer(name: str) -> Quick:
    if name == "String":
        return strings
    if name == "UUID":
        return one_uuid
    if name == "Array(String)":
        return empty_arrays
    if code := _ARRAYS.get(name):
        return partial(numbers, code)
    if name.startswith(_NULLABLE) and (code := _ARRAYS.get(name[len(_NULLABLE) : -1])):
        return partial(all_or_none, code)
    return lambda _column: None


def numbers(code: str, column: Sequence[Any]) -> bytes:
    """Numbers of one width, by their code in `array`."""
    return array(code, column).tobytes()


def strings(column: Sequence[str | bytes]) -> bytes:
    """Text as UTF-8 or bytes, each behind its length."""
    sample = column[:_SAMPLE]
    if 2 * len(set(sample)) <= len(sample):
        return b"".join(map(_Prefixed().__getitem__, column))
    values = [value.encode() if isinstance(value, str) else value for value in column]
    if max(map(len, values)) < len(_ONE_BYTE):
        return b"".join([part for value in values for part in (_ONE_BYTE[len(value)], value)])
    return b"".join([part for value in values for part in (leb128(len(value)), value)])


class _Prefixed(dict[str | bytes, bytes]):
    """Each different value behind its length, made once."""

    def __missing__(self, value: str | bytes) -> bytes:
        encoded = value.encode() if isinstance(value, str) else value
        written = self[value] = leb128(len(encoded)) + encoded
        return written


def leb128(number: int) -> bytes:
    """The number in groups of seven bits, lowest first."""
    if number < len(_ONE_BYTE):
        return _ONE_BYTE[number]
    return bytes([number & 127 | 128]) + leb128(number >> 7)


def one_uuid(column: Sequence[Any]) -> bytes | None:
    """The same UUID in every row, as two little-endian halves."""
    first = column[0]
    if column.count(first) != len(column):
        return None
    written: bytes = (first.bytes[7::-1] + first.bytes[:7:-1]) * len(column)
    return written


def all_or_none(code: str, column: Sequence[Any]) -> bytes | None:
    """Numbers without a null among them, or nulls alone."""
    nulls = column.count(None)
    if nulls == len(column):
        return b"\1" * nulls + bytes(nulls * array(code).itemsize)
    return bytes(len(column)) + numbers(code, column) if nulls == 0 else None


def empty_arrays(column: Sequence[Sequence[str]]) -> bytes | None:
    """Offsets of arrays that are all empty."""
    return None if any(column) else bytes(8 * len(column))
