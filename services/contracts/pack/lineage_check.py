"""What does not fit in `lineage.csv`: units that are not there, dates, shares that lose or invent something, cycles."""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from services.contracts.pack.indicator import Indicator
from services.contracts.pack.lineage import LineageEdge
from services.contracts.pack.model import Unit
from services.contracts.pack.placed import Placed, written
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.wording import did_you_mean

Problems = Iterator[PackProblem]
Edges = Sequence[Placed[LineageEdge]]

_SLACK: Final = 1e-9
"""Three thirds written out with nine decimals still make a whole."""


def lineage_problems(
    edges: Edges, units: Sequence[Placed[Unit]], indicators: Sequence[Placed[Indicator]]
) -> Problems:
    """Every fault of the edges among themselves, with the units and with the indicators that are carried by their weights."""
    known = written(units, "id")
    rows: dict[str, list[Unit]] = {}
    for unit in units:
        rows.setdefault(unit.value.id, []).append(unit.value)
    for edge in edges:
        yield from _ends(edge, known)
        yield from _dates(edge, rows)
    yield from _duplicates(edges)
    yield from _shares(edges)
    yield from _cycles(edges)
    yield from _weights(edges, indicators)


def _ends(edge: Placed[LineageEdge], known: list[str]) -> Problems:
    for inside, name in (("old", edge.value.old), ("new", edge.value.new)):
        if known and name not in known:
            yield edge.problem((inside,), f"there is no unit {name!r}", did_you_mean(name, known))


def _dates(edge: Placed[LineageEdge], rows: dict[str, list[Unit]]) -> Problems:
    value = edge.value
    ends = [row.valid_to for row in rows.get(value.old, ())]
    begins = [row.valid_from for row in rows.get(value.new, ())]
    if ends and value.date not in ends:
        yield edge.problem(
            ("date",), f"{value.old!r} {_until(ends)}, not on {value.date}", _same_day("valid_to")
        )
    if begins and value.date not in begins:
        yield edge.problem(
            ("date",), f"{value.new!r} {_since(begins)}, not on {value.date}", _same_day("valid_from")
        )


def _until(ends: Sequence[date | None]) -> str:
    days = sorted(day for day in ends if day is not None)
    return f"ends on {days[-1]}" if days else "never ends"


def _since(begins: Sequence[date | None]) -> str:
    days = sorted(day for day in begins if day is not None)
    return f"begins on {days[-1]}" if days else "was always there"


def _same_day(column: str) -> str:
    return f"the same day here and as {column} in units.csv"


def _duplicates(edges: Edges) -> Problems:
    first: dict[tuple[str, str, date], int] = {}
    for edge in edges:
        key = (edge.value.old, edge.value.new, edge.value.date)
        if key in first:
            yield edge.problem(
                (), f"this edge stands in line {first[key]} already", "it once, with the whole share"
            )
        first.setdefault(key, edge.line())


def _shares(edges: Edges) -> Problems:
    """A split says how much goes where, and all of the old unit goes somewhere. Not asked while a row is faulty by itself."""
    if edges and len(edges) < len(edges[0].document.data):
        return
    changes: dict[tuple[str, date], list[Placed[LineageEdge]]] = {}
    for edge in edges:
        changes.setdefault((edge.value.old, edge.value.date), []).append(edge)
    for (old, _), parts in changes.items():
        without = [edge for edge in parts if edge.value.share is None] if len(parts) > 1 else []
        for edge in without:
            yield edge.problem(
                ("share",),
                f"{old!r} is split into {len(parts)}, and the share that goes to {edge.value.new!r} is missing",
                f"that share, above 0 and below 1; the {len(parts)} shares make 1",
            )
        total = math.fsum(edge.value.part for edge in parts)
        if not without and abs(total - 1) > _SLACK:
            yield parts[0].problem(
                ("share",),
                f"the shares of {old!r} make {total:g}",
                "shares that make 1: nothing is lost and nothing made",
            )


def _cycles(edges: Edges) -> Problems:
    following: dict[str, set[str]] = {}
    for edge in edges:
        following.setdefault(edge.value.old, set()).add(edge.value.new)
    for edge in edges:
        old, new = edge.value.old, edge.value.new
        if old != new and old in _reached(new, following):
            yield edge.problem(
                (), f"{old!r} comes of itself again, through {new!r}", "a new id for the later unit"
            )


def _reached(unit: str, following: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    open_ = [unit]
    while open_:
        for one in following.get(open_.pop(), set()) - found:
            found.add(one)
            open_.append(one)
    return found


def _weights(edges: Edges, indicators: Sequence[Placed[Indicator]]) -> Problems:
    weighted = next((one.value.id for one in indicators if one.value.carried == "weighted"), None)
    if weighted is None:
        return
    for edge in edges:
        if edge.value.weight is None:
            yield edge.problem(
                (),
                f"{weighted!r} is carried over by weight, and this edge has none",
                "a number into the column 'weight', such as the people who came with the old unit",
            )
