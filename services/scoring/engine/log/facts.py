"""Facts: occurrences that add up. Each counts once; the sums are exact, so no order of arrival, copy or retraction leaves a trace in them."""

from bisect import bisect_left, insort
from datetime import date, datetime
from functools import cached_property
from typing import Final

import msgspec

from services.contracts.event_data import Origin
from services.contracts.ids import EventKey
from services.scoring.engine.log.effect import Effect

_OF_MONTH: Final = len("2025-06")


class Occurrence(msgspec.Struct, array_like=True, frozen=True, order=True, gc=False):
    """What one fact says. Ordered by when it occurred, then by when and by whom it was told."""

    day: date
    time: datetime
    source: str
    id: str
    amount: float
    origin: Origin
    simulated: bool

    @property
    def event(self) -> EventKey:
        return (self.source, self.id)


class Total(msgspec.Struct, array_like=True, gc=False):
    """A sum of amounts that can be added to and taken from without an error: `math.fsum(parts)` is the nearest double to the true sum."""

    facts: int = 0
    """How many make it up; those of amount 0 too."""
    simulated: int = 0
    parts: list[float] = []
    """Doubles that do not overlap, ascending in size; few, however many were added."""

    def add(self, fact: Occurrence, sign: int) -> None:
        """`sign` 1 puts the fact in, -1 takes it out."""
        self.facts += sign
        self.simulated += sign * fact.simulated
        self.parts = expanded(self.parts, sign * fact.amount)


def expanded(parts: list[float], amount: float) -> list[float]:
    """The expansion of the exact sum of `parts` and `amount`.

    Source: Shewchuk (1997), Adaptive precision floating-point arithmetic and fast robust geometric predicates, theorem 10.
    """
    grown = []
    for part in parts:
        total = amount + part
        part_as_added = total - amount
        rest = (amount - (total - part_as_added)) + (part - part_as_added)
        if rest:
            grown.append(rest)
        amount = total
    return [*grown, amount] if amount else grown


class Facts(msgspec.Struct, array_like=True, dict=True):
    """Every fact of one unit on one indicator."""

    retracted: set[EventKey] = set()
    """What was taken back, whether it has come or not."""
    months: dict[Origin, dict[str, list[Occurrence]]] = {}
    """Those that count, by origin and month, ascending."""
    totals: dict[Origin, dict[str, Total]] = {}
    """By origin, of every month and of every day that has facts, under the text of the period."""

    @cached_property
    def by_event(self) -> dict[EventKey, Occurrence]:
        """Those that count. Not written down: it follows from the months, and most facts of a state that is read back are never asked for."""
        months = (month for of_origin in self.months.values() for month in of_origin.values())
        return {fact.event: fact for month in months for fact in month}

    @property
    def count(self) -> int:
        """How many facts count."""
        return sum(len(month) for of_origin in self.months.values() for month in of_origin.values())

    def put(self, fact: Occurrence) -> Effect | None:
        """Adds a fact. The same one again, or one that was taken back, changes nothing; of two with one id, the greater counts."""
        event = fact.event
        lesser = self.by_event.get(event)
        if event in self.retracted or (lesser is not None and lesser >= fact):
            return None if lesser is None else "repeat"
        if lesser is not None:
            self._take_out(lesser)
        self.by_event[event] = fact
        day = fact.day.isoformat()
        self._list(fact, day[:_OF_MONTH])
        self._count(fact, day, 1)
        return None if lesser is None else "correction"

    def has(self, fact: Occurrence) -> bool:
        """Whether `put` would change nothing."""
        held = self.by_event.get(fact.event)
        return fact.event in self.retracted or (held is not None and held >= fact)

    def retract(self, event: EventKey) -> None:
        """Takes a fact back, and remembers that, in case it comes later."""
        self.retracted.add(event)
        held = self.by_event.pop(event, None)
        if held is not None:
            self._take_out(held)

    def _list(self, fact: Occurrence, month: str) -> None:
        months = self.months.get(fact.origin)
        if months is None:
            months = self.months[fact.origin] = {}
        of_month = months.get(month)
        if not of_month:
            months[month] = [fact]
        elif fact > of_month[-1]:  # as facts that come in their order do
            of_month.append(fact)
        else:
            insort(of_month, fact)

    def _take_out(self, fact: Occurrence) -> None:
        day = fact.day.isoformat()
        of_month = self.months[fact.origin][day[:_OF_MONTH]]
        del of_month[bisect_left(of_month, fact)]
        self._count(fact, day, -1)

    def _count(self, fact: Occurrence, day: str, sign: int) -> None:
        totals = self.totals.get(fact.origin)
        if totals is None:
            totals = self.totals[fact.origin] = {}
        for period in (day[:_OF_MONTH], day):
            total = totals.get(period)
            if total is None:
                total = totals[period] = Total()
            total.add(fact, sign)
            if not total.facts:
                del totals[period]
