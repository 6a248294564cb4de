"""An audit in words and as JSON: what was compared, each finding with its place, and after each kind what to do about it."""

from itertools import groupby
from typing import Any, Final

from services.cli.auditing.evaluation_audit import SIDES
from services.cli.auditing.findings import CLICKHOUSE, KAFKA, NEXT, Finding
from services.cli.auditing.run import Audited
from services.cli.counted import counted

_NAMES: Final = {KAFKA: "Kafka", CLICKHOUSE: "ClickHouse"}
_DIGEST_LENGTH: Final = 64
_MOST_LINES: Final = 20
"""Of one kind; --json has more."""


def as_json(found: Audited) -> dict[str, Any]:
    """`faults` are differences; `not_compared` says nothing about the data."""
    return {
        "scope": found.scope,
        "sides": found.sides,
        "blocks": found.blocks,
        "evaluations": found.evaluations,
        "agreeing": found.agreeing,
        "copies": found.copies,
        "rows": found.rows,
        "records": found.records,
        "events": found.events,
        "waiting": found.waiting,
        "counts": {str(kind): count for kind, count in found.counts.items()},
        "faults": [_finding(one) for one in found.faults],
        "not_compared": [_finding(one) for one in found.not_compared],
    }


def in_words(found: Audited) -> str:
    lines = [*_compared(found)]
    by_kind = sorted(found.findings, key=lambda one: list(NEXT).index(one.kind))
    for kind, group in groupby(by_kind, key=lambda one: one.kind):
        named = list(group)
        lines += ["", f"{kind} ({found.counts[kind]:,})"]
        lines += [f"  {line}" for one in named[:_MOST_LINES] for line in _lines(one)]
        if found.counts[kind] > _MOST_LINES:
            lines.append(f"  ... {found.counts[kind] - _MOST_LINES:,} more; --json has the first thousand")
        lines.append(f"  Next: {NEXT[kind]}")
    return "\n".join(lines)


def _compared(found: Audited) -> list[str]:
    scope = found.scope or f"{counted(len(found.blocks), 'block')}"
    sides = " and from ".join(_NAMES[side] for side in found.sides)
    lines = [f"{scope}: {counted(found.evaluations, 'evaluation')} recomputed from {sides}"]
    for side in SIDES:
        if side in found.sides:
            lines.append(
                f"  {_NAMES[side]}: its log gives {found.agreeing[side]:,} of them as published; "
                f"{counted(found.copies[side], 'copy', 'copies')} there"
            )
    if CLICKHOUSE in found.sides:
        lines.append(f"  {counted(found.rows, 'row')} of ClickHouse compared with what they are derived from")
    if len(found.sides) == len(SIDES):
        lines.append(
            f"  {counted(found.events, 'event')} in {counted(found.records, 'record')} compared on both sides"
        )
    if any(found.waiting.values()):
        lines.append(
            f"  not there yet, and not compared: {counted(found.waiting['records'], 'record')} in ClickHouse, "
            f"{counted(found.waiting['evaluations'], 'evaluation')}"
        )
    lines.append(f"  {counted(len(found.faults), 'difference')}" if found.faults else "  no difference")
    return lines


def _lines(found: Finding) -> list[str]:
    """The place first, then what is there."""
    where = [found.place] if found.place else []
    if found.table is not None:
        where.append(_row(found))
    period = f" of {found.period}" if found.period else ""
    of = f"{period} ({found.evaluation})" if found.evaluation else period
    head = f"{found.block or 'all'} in {_NAMES[found.where]}{of}: {' '.join(where)}"
    return [head, *(f"    {line}" for line in found.what)]


def _row(found: Finding) -> str:
    named = {name: value for name, value in found.key.items() if name not in ("block", "evaluation")}
    key = ", ".join(f"{name}={_shortened(value)}" for name, value in named.items())
    return (found.table or "") + (f"[{key}]" if key else "") + (f".{found.column}" if found.column else "")


def _shortened(value: Any) -> str:
    """A digest is told by its beginning; --json has all of it."""
    text = str(value)
    return f"{text[:12]}..." if len(text) == _DIGEST_LENGTH else text


def _finding(found: Finding) -> dict[str, Any]:
    named: dict[str, Any] = {"kind": str(found.kind), "block": found.block, "where": found.where}
    optional = ("evaluation", "period", "place", "table", "column")
    named |= {name: value for name in optional if (value := getattr(found, name)) is not None}
    if found.key:
        named["key"] = found.key
    if found.column is not None or found.stored is not None:
        named |= {"stored": found.stored, "recomputed": found.recomputed}
    return named | {"what": found.what, "next": NEXT[found.kind]}
