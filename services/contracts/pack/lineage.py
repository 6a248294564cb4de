"""Which unit came of which, when and by what share (`lineage.csv`), followed through any number of changes."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.contracts.pack.base import Id, Model, Share, later


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


@dataclass(frozen=True, slots=True)
class Lineage:
    """All edges of a pack, which `lineage_check` found free of cycles. Pure look-ups."""

    edges: tuple[LineageEdge, ...]
    transition_days: int = 0

    def successors(self, unit: str, day: datetime.date) -> tuple[LineageEdge, ...]:
        """What the unit, as it was on that day, goes over into next; empty for one that has not changed since."""
        later = [edge for edge in self.edges if edge.old == unit and edge.date > day]
        nearest = min((edge.date for edge in later), default=None)
        return tuple(edge for edge in later if edge.date == nearest)

    def predecessors(self, unit: str) -> tuple[LineageEdge, ...]:
        """What the unit came of, one remove back."""
        return tuple(edge for edge in self.edges if edge.new == unit)

    def descents(self, unit: str, day: datetime.date) -> tuple[Descent, ...]:
        """All units that hold a part of what the unit was on that day, nearest first; shares of ways that meet again are added."""
        found: dict[tuple[str, datetime.date], Descent] = {}
        for one in self._ways(unit, day, 1.0, None):
            held = found.get((one.unit, one.since))
            found[one.unit, one.since] = one if held is None else held._replace(share=held.share + one.share)
        return tuple(sorted(found.values(), key=lambda one: (one.since, one.unit)))

    def in_transition(self, unit: str, day: datetime.date) -> bool:
        """Whether the unit came of a change less than the pack's `transition_days` before that day."""
        window = datetime.timedelta(days=self.transition_days)
        return any(edge.date <= day < edge.date + window for edge in self.edges if edge.new == unit)

    def _ways(self, unit: str, day: datetime.date, share: float, weight: float | None) -> Iterator[Descent]:
        for edge in self.successors(unit, day):
            first = edge.weight if weight is None else weight
            yield Descent(edge.new, edge.date, share * edge.part, first)
            yield from self._ways(edge.new, edge.date, share * edge.part, first)


def lineage_of(edges: Sequence[LineageEdge], transition_days: int) -> Lineage:
    """The look-ups over a pack's edges."""
    return Lineage(tuple(edges), transition_days)
