"""Adjustments in a score: points that the council gives or takes, within what the pack allows, in the evaluations of one period.

An adjustment of an extra adds to what the extra's figures made of it, and both together stay between 0 and the extra's weight. One of a
group is added to the total beside the tree, at most the group's `adjustable` points either way; the group's own score stays what was
measured. Several add up before they are limited, so one is taken back by its opposite. The order in which they come does not matter.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from services.contracts.ids import UnitId
from services.contracts.pack.adjusting import Limits, adjustable_members
from services.contracts.pack.model import Unit
from services.contracts.periods import Period
from services.contracts.results import AdjustmentResult
from services.scoring.engine.log.state import Adjusted
from services.scoring.engine.numbers.arrays import Floats
from services.scoring.engine.numbers.rounding import significant
from services.scoring.engine.scoring.plan import Plan

AdjustmentMap = Mapping[tuple[UnitId, str], Sequence[Adjusted]]
"""By unit and period."""

NO_ADJUSTMENTS: Final[AdjustmentMap] = {}


class Adjusting(NamedTuple):
    """What the adjustments do to a block. `scores` (units, criteria) hold those of extras; `beside` (units,) are those of groups, in
    shares of the scale, null where there are none; `by_unit` says what counted."""

    scores: Floats
    beside: Floats | None
    by_unit: Mapping[UnitId, list[AdjustmentResult]]


NOT_ADJUSTED: Final = Adjusting(np.empty((0, 0)), None, {})


def adjusting(
    plan: Plan, units: Sequence[Unit], period: Period, scores: Floats, adjustments: AdjustmentMap
) -> Adjusting:
    """`scores` are those of the figures; where nothing is adjusted they come back as they are."""
    given = {
        row: own for row, unit in enumerate(units) if (own := adjustments.get((UnitId(unit.id), period.text)))
    }
    if not given:
        return Adjusting(scores, None, {})
    scores, beside = scores.copy(), np.zeros(len(units))
    by_unit = {UnitId(units[row].id): _adjust(plan, row, scores, beside, own) for row, own in given.items()}
    return Adjusting(scores, beside if beside.any() else None, {unit: r for unit, r in by_unit.items() if r})


def _adjust(
    plan: Plan, row: int, scores: Floats, beside: Floats, own: Sequence[Adjusted]
) -> list[AdjustmentResult]:
    """Changes the unit's row in both arrays. What the pack does not have, or does not let adjust, is left out."""
    columns = {plan.criteria[column].criterion: column for column in plan.extras}
    results = []
    for member, limits in adjustable_members(plan.scheme).items():
        given = [one for one in own if one.criterion == member]
        if not given:
            continue
        asked = math.fsum(one.points for one in given)
        if (column := columns.get(member)) is not None:
            points = _of_extra(plan, row, column, scores, limits, asked)
        else:
            points = min(max(asked, limits.least), limits.most)
            beside[row] += points / plan.scheme.scale
        results.append(AdjustmentResult(member, significant(points), [one.event for one in given]))
    return results


def _of_extra(plan: Plan, row: int, column: int, scores: Floats, limits: Limits, asked: float) -> float:
    """The points that the adjustments move the extra by."""
    worth = plan.points(column)
    measured = float(np.nan_to_num(scores[row, column])) * worth
    adjusted = min(max(measured + asked, limits.least), limits.most)
    scores[row, column] = adjusted / worth
    return adjusted - measured
