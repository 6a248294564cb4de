"""Values of one record's events as the bytes of a Native column. Mostly they are all the same, and are then made once."""

from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from services.storage.decoding.origin import micros
from services.storage.native import leb128, strings

_ONE_BYTE: Final = tuple(map(chr, range(128)))
"""Lengths of text as characters: text of one byte a character is joined before it is encoded."""
_LENGTHS: Final = tuple(map(leb128, range(4_096)))
"""Lengths of bodies, which are a few hundred bytes."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_USUAL: Final = range(1902, 2299)
"""Years in which no time has to be moved to an end of the column's range, whatever its offset."""


def same(code: str, value: float, many: int) -> bytes:
    """One number for all, by its code in `array`."""
    return array(code, [value]).tobytes() * many


def same_text(text: str, many: int) -> bytes:
    encoded = text.encode()
    return (leb128(len(encoded)) + encoded) * many


def numbers(code: str, column: Sequence[float]) -> bytes:
    """Numbers of one width. Raises `OverflowError` for one that does not fit."""
    first = column[0]
    return (
        same(code, first, len(column))
        if column.count(first) == len(column)
        else array(code, column).tobytes()
    )


def nullable(code: str, column: Sequence[float | None]) -> tuple[bytes, bytes]:
    """Nulls and values."""
    many, nulls = len(column), column.count(None)
    if nulls == 0:
        return bytes(many), array(code, column).tobytes()  # type: ignore[type-var]  # none is None
    if nulls == many:
        return b"\1" * many, bytes(many * array(code).itemsize)
    return bytes(value is None for value in column), array(code, [value or 0 for value in column]).tobytes()


def texts(column: Sequence[str]) -> bytes:
    """Each text behind its length."""
    if column.count(column[0]) == len(column):
        return same_text(column[0], len(column))
    try:
        joined = "".join([part for text in column for part in (_ONE_BYTE[len(text)], text)])
    except IndexError:
        return strings(column)
    return joined.encode() if joined.isascii() else strings(column)


def bodies(raws: Sequence[msgspec.Raw]) -> bytes:
    """Each event's bytes behind their length."""
    try:
        return b"".join([part for raw in raws for part in (_LENGTHS[len(raw)], raw)])
    except IndexError:
        return b"".join([part for raw in raws for part in (leb128(len(raw)), raw)])


def arrays(column: Sequence[list[str]]) -> tuple[bytes, bytes]:
    """Lengths and values of arrays of text."""
    if not any(column):
        return bytes(8 * len(column)), b""
    return array("Q", map(len, column)).tobytes(), texts([text for one in column for text in one])


def instants(column: Sequence[datetime]) -> bytes:
    """Microseconds, as `micros` for each; those of one request are mostly the same."""
    first = column[0]
    if column.count(first) == len(column):
        return same("q", micros(first), len(column))
    return array(
        "q", [_usual_micros(time) if time.year in _USUAL else micros(time) for time in column]
    ).tobytes()


def optional_instants(column: Sequence[datetime | None]) -> tuple[bytes, bytes]:
    """Nulls and microseconds."""
    first = column[0]
    if column.count(first) == len(column):
        return nullable("q", [None if first is None else micros(first)] * len(column))
    return nullable("q", [None if time is None else micros(time) for time in column])


def _usual_micros(time: datetime) -> int:
    since = time - _EPOCH
    return since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds
