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
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Final, NamedTuple

from services.contracts.event_data import Origin
from services.contracts.pack.calendar import bounds
from services.contracts.periods import Period, period_of
from services.scoring.engine.figures.calendar import earlier
from services.scoring.engine.log.facts import Facts, Occurrence, Total
from services.scoring.engine.log.state import Figure

_MOST_EVIDENCE: Final = 12
_DAY: Final = timedelta(days=1)


class Stretch(NamedTuple):
    """A period and its days, which a campaign's calendar may have moved."""

    period: Period
    first: date
    last: date


class Summed(NamedTuple):
    """`newest` is the newest period that has facts, `origin` whose they are there; `figures` are the newest facts, newest first."""

    amount: float
    newest: Period
    origin: Origin
    figures: tuple[Figure, ...]


@lru_cache(maxsize=4096)
def stretches_back(
    last: Period, since: date, cut_off_day: int | None = None, year_starts: int = 1
) -> tuple[Stretch, ...]:
    """The periods of `last`'s cadence from `last` back to the first one that begins on `since` or later, by the civil calendar."""
    found = [last]
    while (before := earlier(found[-1], 1)).first >= since and before != found[-1]:
        found.append(before)
    return tuple(Stretch(period, *bounds(period, cut_off_day, year_starts)) for period in found)


def sum_of(facts: Facts, origins: Sequence[Origin], stretches: Sequence[Stretch]) -> Summed | None:
    """Over `stretches`, newest first: in each, the facts of the first of `origins` that sent any. Null when none of them has a fact."""
    found = _chosen(facts, origins, stretches)
    if not found:
        return None
    totals = [total for stretch, origin in found for total in _totals(facts, origin, stretch)]
    amount = math.fsum(chain.from_iterable(total.parts for total in totals))
    is_simulated = any(total.simulated for total in totals)
    newest = chain.from_iterable(_newest_first(facts, origin, stretch) for stretch, origin in found)
    figures = tuple(_figure(fact, is_simulated) for fact in islice(newest, _MOST_EVIDENCE))
    return Summed(amount, found[0][0].period, found[0][1], figures)


def _chosen(
    facts: Facts, origins: Sequence[Origin], stretches: Sequence[Stretch]
) -> list[tuple[Stretch, Origin]]:
    """The stretches that have facts, each with the origin whose facts count there.

    Where only one origin ever sent any, they are one long stretch, named by the period of its newest fact: a total of days since the
    campaign began is then looked up by the month.
    """
    sending = [origin for origin in origins if facts.totals.get(origin)]
    if len(sending) != 1 or not stretches:
        chosen = ((stretch, _first_origin(facts, sending, stretch)) for stretch in stretches)
        return [(stretch, origin) for stretch, origin in chosen if origin is not None]
    whole = Stretch(stretches[0].period, stretches[-1].first, stretches[0].last)
    newest = next(_newest_first(facts, sending[0], whole), None)
    if newest is None:
        return []
    period = next(stretch.period for stretch in stretches if stretch.first <= newest.day)
    return [(whole._replace(period=period), sending[0])]


def _first_origin(facts: Facts, origins: Sequence[Origin], stretch: Stretch) -> Origin | None:
    return next((origin for origin in origins if next(_totals(facts, origin, stretch), None)), None)


def _totals(facts: Facts, origin: Origin, stretch: Stretch) -> Iterator[Total]:
    of_origin = facts.totals.get(origin, {})
    parts = _parts(stretch.first, stretch.last)
    return (total for text in parts if (total := of_origin.get(text)) is not None)


@lru_cache(maxsize=65_536)
def _parts(first: date, last: date) -> tuple[str, ...]:
    """The whole months between the two days, and the days before and after them."""
    parts, day = [], first
    while day <= last:
        month = period_of(day, "month")
        part = month if day == month.first and month.last <= last else period_of(day, "day")
        parts.append(part.text)
        day = part.last + _DAY
    return tuple(parts)


def _newest_first(facts: Facts, origin: Origin, stretch: Stretch) -> Iterator[Occurrence]:
    months = facts.months.get(origin, {})
    for text in _months_of(stretch.first, stretch.last):
        of_month = months.get(text, [])
        begin = bisect_left(of_month, stretch.first, key=_day)
        end = bisect_right(of_month, stretch.last, key=_day)
        yield from (of_month[at] for at in range(end - 1, begin - 1, -1))


@lru_cache(maxsize=65_536)
def _months_of(first: date, last: date) -> tuple[str, ...]:
    """Every month that has a day of the stretch, newest first."""
    months = [period_of(last, "month")]
    while months[-1].first > first:
        months.append(earlier(months[-1], 1))
    return tuple(month.text for month in months)


def _day(fact: Occurrence) -> date:
    return fact.day


def _figure(fact: Occurrence, is_simulated: bool) -> Figure:
    """Marked as simulated where any fact of the sum is: only some of them are shown."""
    return Figure(0, fact.time, fact.source, fact.id, "facts", fact.amount, 1.0, is_simulated)
