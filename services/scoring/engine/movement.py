"""Movement against the last comparable official evaluation, with the block's common movement taken out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.contracts.ids import UnitId
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.ranks import level_or_above
from services.scoring.engine.rounding import from_ticks, median_ticks
from services.scoring.engine.state import Evaluated, Standing

_KEPT = 13
"""Evaluated periods remembered of one cadence, at least: a year of months, so that a correction of any of them has its baseline."""


class Change(NamedTuple):
    """Places gained (positive is up), and the change of score less the block's median change."""

    moved: int
    delta: float


def standings_of(assessment: Assessment) -> dict[UnitId, Standing]:
    """Where every unit of the block stands, in pack order."""
    above, below = level_or_above(assessment.ticks), level_or_above(-assessment.ticks)
    standings = {UnitId(unit.id): Standing() for unit in assessment.units}
    for at, row in enumerate(assessment.ranked):
        standings[UnitId(assessment.units[row].id)] = Standing(
            int(assessment.ranks[at]), int(assessment.ticks[at]), int(above[at]), int(below[at])
        )
    return standings


def baseline_of(history: Sequence[Evaluated], assessment: Assessment) -> Evaluated | None:
    """The newest evaluated period of the same cadence before the assessment's; its own would show a change of nothing.

    Null unless it was evaluated by the same pack and over the same units: otherwise a change would show the rules or the company.
    """
    period = assessment.period
    for held in reversed(history):
        if held.period.cadence == period.cadence and held.period < period:
            return held if _comparable(held, assessment) else None
    return None


def changes(
    baseline: Evaluated | None, now: Mapping[UnitId, Standing], decimals: int
) -> dict[UnitId, Change]:
    """The change of each unit that is ranked now and was in the baseline."""
    if baseline is None:
        return {}
    pairs = {unit: (baseline.standings[unit], standing) for unit, standing in now.items()}
    gains = {
        unit: (then.rank - standing.rank, standing.ticks - then.ticks)
        for unit, (then, standing) in pairs.items()
        if then.rank is not None
        and then.ticks is not None
        and standing.rank is not None
        and standing.ticks is not None
    }
    if not gains:
        return {}
    common = median_ticks([gain for _, gain in gains.values()])
    return {unit: Change(moved, from_ticks(gain - common, decimals)) for unit, (moved, gain) in gains.items()}


def remember(history: list[Evaluated], evaluated: Evaluated, window: int) -> bool:
    """Puts an evaluation into the history in place of an older edition; returns whether it is now the one of its period.

    Of its cadence, the newest `window` periods and the one before are kept, and no fewer than `_KEPT`.
    """
    for at, held in enumerate(history):
        if held.period == evaluated.period:
            if held.edition > evaluated.edition:
                return False
            history[at] = evaluated
            return True
    history.append(evaluated)
    history.sort(key=lambda one: one.period)
    same = [one for one in history if one.period.cadence == evaluated.period.cadence]
    if len(same) <= max(window + 1, _KEPT):
        return True
    history.remove(same[0])
    return same[0] is not evaluated


def _comparable(held: Evaluated, assessment: Assessment) -> bool:
    return held.pack == assessment.plan.hash and set(held.standings) == {u.id for u in assessment.units}
