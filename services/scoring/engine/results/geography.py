"""The baseline after a merger or split: the earlier period again, over today's units, from what lineage carried over to them.

Averages of scores would be neither unit's (DOMAIN 4): numerators and denominators are added up, and scored anew by the same rules.
"""

from datetime import datetime

import msgspec

from services.contracts.ids import UnitId
from services.scoring.engine.evaluation import Assessment, evaluate
from services.scoring.engine.log.state import BlockState, Evaluated
from services.scoring.engine.results.movement import Comparison, standings_of


def on_todays_units(
    comparison: Comparison, state: BlockState, assessment: Assessment, as_of: datetime
) -> Comparison:
    """The comparison, or, where only merged and split units stand between it and a baseline, that baseline over the units of `assessment`,
    as its period is known at `as_of`. Where nothing was carried over, the reason becomes `merged`.
    """
    held = comparison.other
    if held is None or not _is_all_lineage(held, assessment):
        return comparison
    then = evaluate(
        state.series,
        assessment.plan,
        held.period,
        as_of,
        seed=None,
        live=False,
        units=assessment.units,
        adjustments=state.adjustments,
    )
    if not len(then.ranked):
        return Comparison(None, "merged")
    baseline = msgspec.structs.replace(held, ranked=len(then.ranked), standings=standings_of(then))
    changed = frozenset(UnitId(unit.id) for unit in assessment.units if unit.id not in held.standings)
    return Comparison(baseline, changed=changed)


def _is_all_lineage(held: Evaluated, assessment: Assessment) -> bool:
    """Whether each unit that came has come of earlier ones, and each that went has gone over into others."""
    lineage, day = assessment.plan.pack.descent, held.period.last
    now = {unit.id for unit in assessment.units}
    came = all(lineage.ancestors(unit, day) for unit in now - held.standings.keys())
    return came and all(lineage.descents(unit, day) for unit in held.standings.keys() - now)
