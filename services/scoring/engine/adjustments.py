"""Adjustments: points that the council gives or takes, within what the pack allows, in the evaluations of one period.

An adjustment of an extra adds to what the extra's figures made of it, and both together stay between 0 and the extra's weight. One of a
group is added to the total beside the tree, at most the group's `adjustable` points either way; the group's own score stays what was
measured. Several add up before they are limited, so one is taken back by its opposite. The order in which they come does not matter.
"""

import math
from bisect import insort
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from services.contracts.events import Adjustment
from services.contracts.ids import UnitId
from services.contracts.pack.adjusting import Limits, adjustable_members
from services.contracts.pack.model import Unit
from services.contracts.periods import Period
from services.contracts.results import AdjustmentResult
from services.scoring.engine.arrays import Floats
from services.scoring.engine.plan import Plan
from services.scoring.engine.refusal import NotApplicable
from services.scoring.engine.reports import period_named
from services.scoring.engine.rounding import significant
from services.scoring.engine.state import Adjusted, BlockState

AdjustmentMap = Mapping[tuple[UnitId, str], Sequence[Adjusted]]

NO_ADJUSTMENTS: Final[AdjustmentMap] = {}


def apply_adjustment(state: BlockState, event: Adjustment) -> None:
    """Keeps it, whatever the pack: the pack says in each evaluation what of it counts. Raises `NotApplicable`."""
    data = event.data
    if event.subject is None or not math.isfinite(data.points):
        raise NotApplicable(
            "bad-event", "the adjustment has no subject or no number of points", "Send it with the unit's id."
        )
    period = period_named(data.period)
    of_unit = state.adjustments.setdefault((UnitId(event.subject), period.text), [])
    insort(of_unit, Adjusted(data.criterion, data.points, (event.source, event.id)))


class Adjusting(NamedTuple):
    """What the adjustments do to a block. `scores` (units, criteria) hold those of extras; `beside` (units,) are those of groups, in
    shares of the scale, null where there are none; `rows` say by unit what counted."""

    scores: Floats
    beside: Floats | None
    rows: Mapping[UnitId, list[AdjustmentResult]]


def adjusting(
    plan: Plan, units: Sequence[Unit], period: Period, scores: Floats, adjustments: AdjustmentMap
) -> Adjusting:
    """`scores` are those of the figures; where nothing is adjusted they come back as they are."""
    given = {
        row: of_unit
        for row, unit in enumerate(units)
        if (of_unit := adjustments.get((UnitId(unit.id), period.text)))
    }
    if not given:
        return Adjusting(scores, None, {})
    scores, beside = scores.copy(), np.zeros(len(units))
    rows = {
        UnitId(units[row].id): _adjust(plan, row, scores, beside, of_unit) for row, of_unit in given.items()
    }
    return Adjusting(
        scores, beside if beside.any() else None, {unit: done for unit, done in rows.items() if done}
    )


def _adjust(
    plan: Plan, row: int, scores: Floats, beside: Floats, of_unit: Sequence[Adjusted]
) -> list[AdjustmentResult]:
    """Changes the unit's row in both arrays; members that the pack does not have, or does not let adjust, are left out."""
    columns = {plan.criteria[column].criterion: column for column in plan.extras}
    results = []
    for member, limits in adjustable_members(plan.scheme).items():
        own = [one for one in of_unit if one.criterion == member]
        if not own:
            continue
        asked = math.fsum(one.points for one in own)
        if (column := columns.get(member)) is not None:
            points = _to_extra(plan, row, column, scores, limits, asked)
        else:
            points = min(max(asked, limits.least), limits.most)
            beside[row] += points / plan.scheme.scale
        results.append(AdjustmentResult(member, significant(points), [one.event for one in own]))
    return results


def _to_extra(plan: Plan, row: int, column: int, scores: Floats, limits: Limits, asked: float) -> float:
    """The points that the adjustments moved the extra by."""
    worth = plan.points(column)
    measured = float(np.nan_to_num(scores[row, column])) * worth
    adjusted = min(max(measured + asked, limits.least), limits.most)
    scores[row, column] = adjusted / worth
    return adjusted - measured
