"""Which unit came of which, when and by what share (`lineage.csv`), followed through any number of changes."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from services.contracts.pack.base import Id, Model, Share, later

_SHARE_DECIMALS: Final = 12
"""Products of shares are compared: with what a carried report says, and with one another."""

_REMEMBERED: Final = 100_000


class LineageEdge(Model):
    """From `date` on, `share` of what was `old` is a part of `new`. A unit that only changes block has an edge to itself."""

    old: Id
    new: Id
    date: datetime.date
    share: Share | None = None
    """Null, where the old unit goes over whole: 1."""
    weight: float | None = later(None, gt=0)
    """How much of `new` this is, such as the people who came with it: what `carried: weighted` levels are averaged by."""

    @property
    def part(self) -> float:
        """The share as a number."""
        return 1.0 if self.share is None else self.share


class Descent(NamedTuple):
    """What came of a unit, at any remove: `share` of it has been a part of `unit` since `since`."""

    unit: str
    since: datetime.date
    share: float
    weight: float | None
    """Of the first edge on the way."""


class Ancestor(NamedTuple):
    """A unit of an earlier day, and the share of it that is a part of the unit asked about."""

    unit: str
    share: float
    weight: float | None


class Lineage:
    """All edges of a pack, which `lineage_check` found free of cycles. Answers are remembered: they are asked for again and again."""

    def __init__(self, edges: Sequence[LineageEdge], transition_days: int = 0) -> None:
        self._window = datetime.timedelta(days=transition_days)
        self._after: dict[str, list[LineageEdge]] = {}
        self._before: dict[str, list[LineageEdge]] = {}
        for edge in edges:
            self._after.setdefault(edge.old, []).append(edge)
            self._before.setdefault(edge.new, []).append(edge)
        self._ancestors: dict[tuple[str, datetime.date], tuple[Ancestor, ...]] = {}

    def successors(self, unit: str, day: datetime.date) -> tuple[LineageEdge, ...]:
        """What the unit, as it was on that day, goes over into next; empty for one that has not changed since."""
        later = [edge for edge in self._after.get(unit, ()) if edge.date > day]
        nearest = min((edge.date for edge in later), default=None)
        return tuple(edge for edge in later if edge.date == nearest)

    def heirs(self, unit: str) -> tuple[LineageEdge, ...]:
        """What the unit went over into in the end; empty for one that still is itself."""
        left = [edge for edge in self._after.get(unit, ()) if edge.new != unit]
        last = max((edge.date for edge in left), default=None)
        return tuple(edge for edge in left if edge.date == last)

    def descents(self, unit: str, day: datetime.date) -> tuple[Descent, ...]:
        """All units that hold a part of what the unit was on that day, nearest first; shares of ways that meet again are added."""
        found: dict[tuple[str, datetime.date], Descent] = {}
        for one in self._ways(unit, day, 1.0, None):
            held = found.get((one.unit, one.since))
            found[one.unit, one.since] = one if held is None else held._replace(share=held.share + one.share)
        rounded = (one._replace(share=round(one.share, _SHARE_DECIMALS)) for one in found.values())
        return tuple(sorted(rounded, key=lambda one: (one.since, one.unit)))

    def ancestors(self, unit: str, day: datetime.date) -> tuple[Ancestor, ...]:
        """The units of that day that the unit has since come of, by id; empty where it was itself there, unchanged."""
        key = (unit, day)
        held = self._ancestors.get(key)
        if held is None:
            if len(self._ancestors) >= _REMEMBERED:
                self._ancestors.clear()
            held = self._ancestors[key] = tuple(self._find_ancestors(unit, day))
        return held

    def ever_changes(self, unit: str) -> bool:
        """Whether the unit ever goes over into another, or to another block: asked of every report."""
        return unit in self._after

    def in_transition(self, unit: str, day: datetime.date) -> bool:
        """Whether the unit came of a change less than the pack's `transition_days` before that day."""
        return any(edge.date <= day < edge.date + self._window for edge in self._before.get(unit, ()))

    def _ways(self, unit: str, day: datetime.date, share: float, weight: float | None) -> Iterator[Descent]:
        for edge in self.successors(unit, day):
            first = edge.weight if weight is None else weight
            yield Descent(edge.new, edge.date, share * edge.part, first)
            yield from self._ways(edge.new, edge.date, share * edge.part, first)

    def _find_ancestors(self, unit: str, day: datetime.date) -> Iterator[Ancestor]:
        for old in sorted(self._reached_back(unit, day)):
            if not self._is_born_after(old, day):
                for one in self.descents(old, day):
                    if one.unit == unit:
                        yield Ancestor(old, one.share, one.weight)

    def _reached_back(self, unit: str, day: datetime.date) -> set[str]:
        found: set[str] = set()
        open_ = [unit]
        while open_:
            for edge in self._before.get(open_.pop(), ()):
                if edge.date > day and edge.old not in found:
                    found.add(edge.old)
                    open_.append(edge.old)
        return found

    def _is_born_after(self, unit: str, day: datetime.date) -> bool:
        return any(edge.date > day and edge.old != unit for edge in self._before.get(unit, ()))
