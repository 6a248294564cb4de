"""Turns edges that name units ("Xã A" went into "Xã B") into edges between the units of a pack, with the day and the shares.

Lists of mergers are published by name, and names are misspelt: a name that is nobody's is taken for the nearest one that nothing else is
joined to, and that is told, for a person to look at. What has no near name is told too, and left out.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from services.contracts.pack.lineage import LineageEdge

_NEAR: Final = 0.8
"""Ratio of equal letters: "Cổ Đạm" and "Cỗ Đạm" have 0.9, "Sơn Kim 1" and "Sơn Kim 2", which are two communes, 0.9 as well: so only names
that nothing else is joined to are thought of."""


class NamedEdge(NamedTuple):
    """A line of the published list."""

    line: int
    old: str
    new: str


class NamedUnit(NamedTuple):
    """A unit that ends, or begins, on the day of the change."""

    id: str
    name: str


class Misspelling(NamedTuple):
    """A name of the list that was taken for another one."""

    line: int
    written: str
    taken_for: str


@dataclass
class Joined:
    """What came of the list."""

    edges: list[LineageEdge] = field(default_factory=list)
    misspelt: list[Misspelling] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    """Lines whose name is nobody's, and no near one's."""
    left: list[NamedUnit] = field(default_factory=list)
    """Units that end or begin on that day, and that the list says nothing of."""
    parts: dict[str, int] = field(default_factory=dict)
    """Of each old unit that was split, by id, into how many."""


def join_names(
    listed: Sequence[NamedEdge],
    ending: Sequence[NamedUnit],
    beginning: Sequence[NamedUnit],
    day: date,
    *,
    equal_shares: bool,
) -> Joined:
    """Edges in the list's order. A split has no share, which a pack does not take, unless `equal_shares` puts equal ones in their place."""
    joined = Joined()
    olds = _Names(ending, [edge.old for edge in listed])
    news = _Names(beginning, [edge.new for edge in listed])
    pairs = [(edge, olds.find(edge.line, edge.old), news.find(edge.line, edge.new)) for edge in listed]
    whole = [(edge, old, new) for edge, old, new in pairs if old is not None and new is not None]
    for _, old, _ in whole:
        joined.parts[old.id] = joined.parts.get(old.id, 0) + 1
    joined.parts = {old: count for old, count in joined.parts.items() if count > 1}
    for _, old, new in whole:
        count = joined.parts.get(old.id, 1)
        share = 1 / count if count > 1 and equal_shares else None
        joined.edges.append(LineageEdge(old=old.id, new=new.id, date=day, share=share))
    joined.misspelt = [*olds.misspelt, *news.misspelt]
    joined.unknown = [*olds.unknown, *news.unknown]
    joined.left = [*olds.left(), *news.left()]
    return joined


def bare(name: str) -> str:
    """The name without a remark in brackets at its end, in one Unicode form."""
    text = unicodedata.normalize("NFC", name).strip()
    return text.rpartition(" (")[0] if text.endswith(")") and " (" in text else text


class _Names:
    """The units of one side, by name."""

    def __init__(self, units: Sequence[NamedUnit], written: Sequence[str]) -> None:
        self._by_name = {bare(unit.name): unit for unit in units}
        self._free = self._by_name.keys() - {bare(name) for name in written}
        self._taken: set[str] = set()
        self.misspelt: list[Misspelling] = []
        self.unknown: list[tuple[int, str]] = []

    def find(self, line: int, written: str) -> NamedUnit | None:
        name = bare(written)
        if name not in self._by_name:
            near = max(self._near(name), default=None)
            if near is None:
                self.unknown.append((line, written))
                return None
            self.misspelt.append(Misspelling(line, written, near[1]))
            name = near[1]
        self._taken.add(name)
        return self._by_name[name]

    def left(self) -> list[NamedUnit]:
        return [unit for name, unit in self._by_name.items() if name not in self._taken]

    def _near(self, name: str) -> Iterator[tuple[float, str]]:
        for other in sorted(self._free):
            ratio = SequenceMatcher(None, name.casefold(), other.casefold()).ratio()
            if ratio >= _NEAR:
                yield ratio, other
