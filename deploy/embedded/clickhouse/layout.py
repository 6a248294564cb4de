"""How long a column's data is in the Native format, told from its type: the format itself does not say it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

Skip = Callable[[bytes, int, int], int]
"""From data, the offset where values begin, and how many there are, to the offset after them."""

_FIXED = {
    **dict.fromkeys(("Int8", "UInt8", "Bool", "Nothing", "Enum8"), 1),
    **dict.fromkeys(("Int16", "UInt16", "Date", "Enum16", "BFloat16"), 2),
    **dict.fromkeys(("Int32", "UInt32", "Float32", "Date32", "DateTime", "Time", "IPv4"), 4),
    **dict.fromkeys(("Int64", "UInt64", "Float64", "DateTime64", "Time64"), 8),
    **dict.fromkeys(("Int128", "UInt128", "UUID", "IPv6"), 16),
    **dict.fromkeys(("Int256", "UInt256"), 32),
}
_ALIASES = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "Polygon": "Array(Ring)",
    "MultiLineString": "Array(LineString)",
    "MultiPolygon": "Array(Polygon)",
}
_DECIMAL_BYTES = ((9, 4), (18, 8), (38, 16), (76, 32))
_PART = re.compile(r"""'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[(),]|[^'`(),]+""")
_NAME = re.compile(r"(?:`(?:[^`\\]|\\.)*`|\w+) (?=\w)")


class UnknownLayoutError(Exception):
    """The length of this type's values is not known here (JSON, Dynamic, Variant, states of aggregate functions)."""


@dataclass(frozen=True)
class Layout:
    """`prefix` bytes stand before the values of a column, however deep the type is that needs them."""

    prefix: int
    skip: Skip


@lru_cache(maxsize=1024)
def layout(kind: str) -> Layout:
    """The layout of a type, by its name. Raises UnknownLayoutError."""
    name, _, rest = kind.partition("(")
    arguments = list(_arguments(rest.removesuffix(")")))
    if kind in _ALIASES:
        return layout(_ALIASES[kind])
    if name == "FixedString":
        return _fixed(int(arguments[0]))
    if name == "Decimal":
        return _fixed(next(size for digits, size in _DECIMAL_BYTES if int(arguments[0]) <= digits))
    if name.startswith("Interval"):
        return _fixed(8)
    if name in _FIXED:
        return _fixed(_FIXED[name])
    if name == "SimpleAggregateFunction":
        return layout(arguments[1])
    if name in _NESTING:
        return _NESTING[name](arguments)
    raise UnknownLayoutError(kind)


def _arguments(text: str) -> Iterator[str]:
    """What the commas outside brackets and quotes separate."""
    depth, begin = 0, 0
    for part in _PART.finditer(text):
        depth += (part[0] == "(") - (part[0] == ")")
        if part[0] == "," and depth == 0:
            yield text[begin : part.start()].strip()
            begin = part.end()
    if text:
        yield text[begin:].strip()


def _fixed(size: int) -> Layout:
    return Layout(0, lambda _, at, count: at + size * count)


def _skip_strings(data: bytes, at: int, count: int) -> int:
    for _ in range(count):
        size = data[at]
        at += 1
        if size >= 0x80:
            size, at = varint(data, at - 1)
        at += size
    return at


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at this offset, and the offset after it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _string(_: list[str]) -> Layout:
    return Layout(0, _skip_strings)


def _nullable(arguments: list[str]) -> Layout:
    inner = layout(arguments[0])
    return Layout(inner.prefix, lambda data, at, count: inner.skip(data, at + count, count))


def _array(arguments: list[str]) -> Layout:
    inner = layout(arguments[0])

    def skip(data: bytes, at: int, count: int) -> int:
        end = at + 8 * count
        values = int.from_bytes(data[end - 8 : end], "little") if count else 0
        return inner.skip(data, end, values)

    return Layout(inner.prefix, skip)


def _tuple(arguments: list[str]) -> Layout:
    members = [
        layout(_NAME.sub("", argument, count=1) if _NAME.match(argument) else argument)
        for argument in arguments
    ]

    def skip(data: bytes, at: int, count: int) -> int:
        for member in members:
            at = member.skip(data, at, count)
        return at if members else at + count

    return Layout(sum(member.prefix for member in members), skip)


def _map(arguments: list[str]) -> Layout:
    return _array([f"Tuple({', '.join(arguments)})"])


def _low_cardinality(arguments: list[str]) -> Layout:
    nested = layout(
        arguments[0].removeprefix("Nullable(").removesuffix(")")
        if "Nullable(" in arguments[0]
        else arguments[0]
    )

    def skip(data: bytes, at: int, count: int) -> int:
        if not count:
            return at
        width = 1 << data[at]  # the lowest byte of the flags says how wide a key is
        keys = int.from_bytes(data[at + 8 : at + 16], "little")
        at = nested.skip(data, at + 16, keys)
        return at + 8 + width * int.from_bytes(data[at : at + 8], "little")

    return Layout(8, skip)


_NESTING: dict[str, Callable[[list[str]], Layout]] = {
    "String": _string,
    "Nullable": _nullable,
    "Array": _array,
    "Tuple": _tuple,
    "Map": _map,
    "Nested": _map,
    "LowCardinality": _low_cardinality,
}
