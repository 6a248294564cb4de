"""Columns end where the layout of their types says: asked of the engine, for every type and number of rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from chdb._chdb import connect  # type: ignore[attr-defined]

from deploy.embedded.clickhouse.layout import UnknownLayoutError, layout
from deploy.embedded.clickhouse.native import for_version

VALUES = """
number | toString(number) | repeat('x', number * 50) | toNullable(number) | nullIf(toString(number), '2') | NULL
[number, 1] | arrayMap(x -> toString(x), range(number)) | [] | [[1], []]::Array(Array(UInt8)) | [nullIf(1, 1), 2]
(number, toString(number)) | tuple(1, 'a')::Tuple(a UInt8, `b c` String) | tuple() | map('a', [toString(number)])
toLowCardinality(toString(number % 7)) | toLowCardinality(nullIf(toString(number % 7), '3')) | map('a', number)
[toLowCardinality('a')]::Array(LowCardinality(String)) | []::Array(LowCardinality(String))
map(toLowCardinality('k'), 1)::Map(LowCardinality(String), UInt8) | toLowCardinality(toUInt16(number))
[(toLowCardinality('a'), 1)]::Array(Tuple(x LowCardinality(String), y UInt8)) | toDate('2020-01-01') | now() | true
toDecimal32(1, 3) | toDecimal64(1, 3) | toDecimal128(1, 3) | toDecimal256(1, 3) | toDate32('2020-01-01') | '::1'::IPv6
now64(6, 'UTC') | toDateTime(1, 'Asia/Tokyo') | CAST('a, b)' AS Enum8('a, b)' = 1, 'c' = 2)) | toIntervalDay(3)
generateUUIDv4() | toIPv4('1.2.3.4') | toFixedString('ab', 5) | (1., 2.)::Point | [[(1., 2.)]]::Polygon | toUInt256(1)
'12:00:00'::Time | '12:00:00'::Time64(3) | toInt128(1) | toFloat32(1) | toBFloat16(1) | toInt16(1)
"""
EXPRESSIONS = [value.strip() for line in VALUES.strip().splitlines() for value in line.split(" | ")]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    settings = "allow_suspicious_low_cardinality_types=1&enable_time_time64_type=1"
    connection = connect(f"{tmp_path_factory.mktemp('engine')}?{settings}")
    yield connection
    connection.close()


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_a_column_of_any_type_ends_where_it_should(engine: Any, rows: int) -> None:
    """Blocks one after the other are found again only when every column's end is right."""
    for value in EXPRESSIONS:
        block = engine.query(f"SELECT {value} AS v, 'end' AS e FROM numbers({rows})", "Native").bytes()
        once = for_version(block, 51903, {}, single=False)
        assert for_version(block * 3, 51903, {}, single=False) == once * 3, value
        assert len(for_version(block, 54460, {}, single=False)) == len(once) + 2, value


@pytest.mark.parametrize(
    "kind", ["Dynamic", "JSON", "Variant(String, UInt8)", "AggregateFunction(sum, UInt64)"]
)
def test_a_type_that_is_not_known_is_never_guessed(kind: str) -> None:
    for name in (kind, f"Array({kind})", f"Tuple(UInt8, {kind})"):
        with pytest.raises(UnknownLayoutError):
            layout(name)
