"""Figures of a unit for periods before it came into being, made of what was carried over from the units that it came of."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from services.contracts.event_data import Origin
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.lineage import Ancestor, Lineage
from services.contracts.periods import Period
from services.scoring.engine.log.state import Figure, Measure, Series

Carrying = Literal["sum", "weighted", "inherited"]


class Found(NamedTuple):
    """The figure of a period, with the origin that counts."""

    period: Period
    origin: Origin
    figure: Figure


def carrying_of(indicator: Indicator) -> Carrying | None:
    """How the indicator is carried over; null for a level that is not."""
    if indicator.measure == "passed":
        return "inherited"
    return "sum" if indicator.measure == "ratio" else indicator.carried


def first_of(own: Series, period: Period, origins: Sequence[Origin], measure: Measure) -> Found | None:
    """The figure of the first origin that reported one of the right measure."""
    for origin in origins:
        figure = own.counting.get(origin, {}).get(period.text)
        if figure is not None and figure.measure == measure:
            return Found(period, origin, figure)
    return None


def parts_of(
    own: Series, unit: str, lineage: Lineage, period: Period, origins: Sequence[Origin], measure: Measure
) -> list[tuple[Ancestor, Found]] | None:
    """What every unit of that time reported that has gone into this one. Null unless all of them did: a part is not the whole.

    What was carried by a share that the pack no longer says is as good as not there.
    """
    parts: list[tuple[Ancestor, Found]] = []
    for ancestor in lineage.ancestors(unit, period.last):
        series = own.carried.get((ancestor.unit, ancestor.share))
        found = None if series is None else first_of(series, period, origins, measure)
        if found is None:
            return None
        parts.append((ancestor, found))
    return parts or None


def combined(parts: Sequence[tuple[Ancestor, Found]], carrying: Carrying) -> Found:
    """One figure made of the parts: sums of amounts and of what they are of, or the mean by weight × share. `fsum` is exact, so the order of
    the parts does not matter. It stands under the report that is the newest of them.
    """
    figures = [found.figure for _, found in parts]
    newest = max(figures)
    amount, of = math.fsum(figure.amount for figure in figures), newest.of
    if newest.measure == "ratio":
        of = math.fsum(figure.of for figure in figures)
    elif carrying == "weighted":
        weights = [(ancestor.weight or 0.0) * ancestor.share for ancestor, _ in parts]
        total = math.fsum(weights)
        amount = math.fsum(w * figure.amount for w, figure in zip(weights, figures, strict=True)) / (
            total or 1.0
        )
    simulated = any(figure.simulated for figure in figures)
    first = parts[0][1]
    return first._replace(figure=msgspec.structs.replace(newest, amount=amount, of=of, simulated=simulated))
