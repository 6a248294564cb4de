"""What facts add up to over some periods, and the newest of them as evidence. Work grows with the periods, not with the facts.

**No facts are not zero facts** (DOMAIN 5: missing is not zero). A unit that sent none may have founded no enterprise, or may have a
broken sender, and only somebody who knows can tell which. So without facts a cell is not due, and then not reported, as without a
report; a unit to which nothing happened says so by a fact of amount 0 in the period. Where facts come from a register that is known to
be complete, its silence does mean zero: there the pack says `no_facts: zero`, and such a cell is reported, as 0, from the first day of
the periods asked for on; it has no event to show.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain, islice
from typing import Final, NamedTuple

from services.contracts.events import Origin
from services.contracts.periods import Period, period_of
from services.scoring.engine.calendar import earlier, inside, is_finer
from services.scoring.engine.facts import Facts, Occurrence, Total
from services.scoring.engine.state import Figure

_MOST_EVIDENCE: Final = 12


class Summed(NamedTuple):
    """`newest` is the newest period that has facts, `origin` whose they are there; `figures` are the newest facts, newest first."""

    amount: float
    newest: Period
    origin: Origin
    figures: tuple[Figure, ...]


@lru_cache(maxsize=4096)
def periods_back(last: Period, since: date) -> tuple[Period, ...]:
    """The periods of `last`'s cadence from `last` back to the first one that begins on `since` or later."""
    found = [last]
    while (before := earlier(found[-1], 1)).first >= since and before != found[-1]:
        found.append(before)
    return tuple(found)


def sum_of(facts: Facts, origins: Sequence[Origin], periods: Sequence[Period]) -> Summed | None:
    """Over `periods`, newest first: in each, the facts of the first of `origins` that sent any. Null when none of them has a fact."""
    found = [(period, origin) for period in periods if (origin := _first_origin(facts, origins, period))]
    if not found:
        return None
    totals = [total for period, origin in found for total in _totals(facts, origin, period)]
    amount = math.fsum(chain.from_iterable(total.parts for total in totals))
    is_simulated = any(total.simulated for total in totals)
    newest = chain.from_iterable(_newest_first(facts, origin, period) for period, origin in found)
    figures = tuple(_figure(fact, is_simulated) for fact in islice(newest, _MOST_EVIDENCE))
    return Summed(amount, *found[0], figures)


def _first_origin(facts: Facts, origins: Sequence[Origin], period: Period) -> Origin | None:
    return next((origin for origin in origins if next(_totals(facts, origin, period), None)), None)


def _totals(facts: Facts, origin: Origin, period: Period) -> Iterator[Total]:
    of_origin = facts.totals.get(origin, {})
    return (total for text in _parts(period) if (total := of_origin.get(text)) is not None)


@lru_cache(maxsize=65_536)
def _parts(period: Period) -> tuple[str, ...]:
    """The months, or for what is shorter than a month the days, that make up the period."""
    part = "day" if is_finer(period.cadence, "month") else "month"
    return (period.text,) if period.cadence == part else tuple(inner.text for inner in inside(period, part))


def _newest_first(facts: Facts, origin: Origin, period: Period) -> Iterator[Occurrence]:
    months = facts.months.get(origin, {})
    for text in reversed(_months_of(period)):
        of_month = months.get(text, [])
        begin = bisect_left(of_month, period.first, key=_day)
        end = bisect_right(of_month, period.last, key=_day)
        yield from (of_month[at] for at in range(end - 1, begin - 1, -1))


@lru_cache(maxsize=65_536)
def _months_of(period: Period) -> tuple[str, ...]:
    """Every month that has a day of the period, ascending."""
    if not is_finer(period.cadence, "month"):
        return _parts(period)
    return tuple(dict.fromkeys(period_of(day, "month").text for day in (period.first, period.last)))


def _day(fact: Occurrence) -> date:
    return fact.day


def _figure(fact: Occurrence, is_simulated: bool) -> Figure:
    """Marked as simulated where any fact of the sum is: only some of them are shown."""
    return Figure(0, fact.time, fact.source, fact.id, "facts", fact.amount, 1.0, is_simulated)
