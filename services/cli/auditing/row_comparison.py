"""Compares rows of ClickHouse with what they must be, and names table, key and column with both values."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, TypeVar

from services.cli.auditing.findings import CLICKHOUSE, Finding, Kind, row_finding

_SHORT: Final = 80

R = TypeVar("R", bound=Any)
"""A row class of `services.storage.rows`."""


def differing_columns(
    table: str,
    expected: Any,
    held: Any,
    key: dict[str, Any],
    block: str,
    *,
    skip: Collection[str] = (),
    evaluation: str | None = None,
    period: str | None = None,
) -> Iterator[Finding]:
    """A finding for each column that differs."""
    for column, must, stands in zip(expected._fields, expected, held, strict=True):
        if column in skip or _same(must, stands):
            continue
        yield Finding(
            kind=Kind.CHANGED_ROW,
            block=block,
            where=CLICKHOUSE,
            what=[f"{column} is {short(stands)}, must be {short(must)}"],
            evaluation=evaluation,
            period=period,
            table=table,
            key=key,
            column=column,
            stored=_plain(stands),
            recomputed=_plain(must),
        )


def differing_rows(
    table: str,
    expected: Sequence[R],
    held: Sequence[R],
    key: Sequence[str],
    block: str,
    evaluation: str,
    period: str | None,
) -> Iterator[Finding]:
    """Compares two sets of rows of one evaluation by their key: rows that are lacking, rows too many, columns that differ."""
    must = {_key(row, key): row for row in expected}
    stands = {_key(row, key): row for row in held}
    for identity in sorted(must.keys() | stands.keys(), key=repr):
        named = dict(zip(key, map(_plain, identity), strict=True))
        if identity not in stands:
            what = ["the row is not there"]
            yield row_finding(Kind.MISSING_ROW, block, table, named, what, evaluation, period)
        elif identity not in must:
            what = ["nothing that the log gives makes this row"]
            yield row_finding(Kind.FOREIGN_ROW, block, table, named, what, evaluation, period)
        else:
            yield from differing_columns(
                table,
                must[identity],
                stands[identity],
                named,
                block,
                evaluation=evaluation,
                period=period,
            )


def short(value: Any) -> str:
    """The value as a sentence can hold it."""
    text = repr(_plain(value))
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "..."


def _key(row: Any, key: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, column) for column in key)


def _same(must: Any, stands: Any) -> bool:
    """Floats are the same doubles; -0.0 is 0.0 to whoever reads it."""
    if isinstance(must, list) and isinstance(stands, (list, tuple)):
        return must == list(stands)
    return bool(must == stands)


def _plain(value: Any) -> Any:
    """Something that JSON can hold."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else str(value)
