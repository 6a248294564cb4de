"""Movement against the last comparable official evaluation, with the block's common movement taken out; or why there is none.

A change of score shows three things: the calendar (figures of a year grow from month to month, for all), the rules and the company, and
the unit's own work. The block's median change is the first and is taken out; where the second changed, there is no delta.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import UNSET, UnsetType

from services.contracts.ids import UnitId
from services.contracts.results import Baseline, NoDelta, Quadrant
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.log.state import Evaluated, Standing
from services.scoring.engine.numbers.rounding import from_ticks, median_ticks, significant
from services.scoring.engine.scoring.ranks import level_or_above

_KEPT: Final = 13
"""Evaluated periods remembered of one cadence, at least: a year of months, so that a correction of any of them has its baseline."""

_LEAST_COVERAGE: Final = 0.5
"""Of a baseline. Two provinces of a national index stood at exactly 16 of 100, with next to nothing reported, and then leapt by 49."""

_QUADRANTS: Final[dict[tuple[bool, bool], Quadrant]] = {
    (True, True): "leading",
    (True, False): "slipping",
    (False, True): "catching_up",
    (False, False): "falling_behind",
}
"""By (at the block's median or above, moved at least as its median unit)."""


class Comparison(NamedTuple):
    """What a block is compared with: a baseline, or why there is none."""

    baseline: Evaluated | None
    none_why: NoDelta | None = None
    other: Evaluated | None = None
    """With `other_units`: what would be the baseline."""
    changed: frozenset[UnitId] = frozenset()
    """Units that came of a merger or split since: what the baseline has of them was carried over."""


class Change(NamedTuple):
    """Of one unit: places gained (positive is up), and the change of score less the block's median change; or why there is none."""

    moved: int | None = None
    delta: float | None = None
    quadrant: Quadrant | UnsetType = UNSET
    no_delta: NoDelta | UnsetType = UNSET


class _Gain(NamedTuple):
    places: int
    ticks: int


def standings_of(assessment: Assessment) -> dict[UnitId, Standing]:
    """Where every unit of the block stands, in pack order."""
    above, below = level_or_above(assessment.ticks), level_or_above(-assessment.ticks)
    standings = {UnitId(unit.id): Standing() for unit in assessment.units}
    for at, row in enumerate(assessment.ranked):
        standings[UnitId(assessment.units[row].id)] = Standing(
            int(assessment.ranks[at]),
            int(assessment.ticks[at]),
            int(above[at]),
            int(below[at]),
            significant(assessment.coverage[row]),
        )
    return standings


def comparison_of(history: Sequence[Evaluated], assessment: Assessment) -> Comparison:
    """The newest evaluated period of the same cadence before the assessment's; its own would show a change of nothing.

    It is a baseline when it was scored by the same rules and over the same units: otherwise a change would show the rules or the company.
    """
    period = assessment.period
    for held in reversed(history):
        if held.period.cadence == period.cadence and held.period < period:
            why = _not_comparable(held, assessment)
            other = held if why == "other_units" else None
            return Comparison(held if why is None else None, why, other)
    return Comparison(None, "no_earlier_evaluation")


def baseline_result(comparison: Comparison) -> Baseline | None:
    """The baseline as it is published."""
    held = comparison.baseline
    if held is None:
        return None
    return Baseline(held.evaluation, held.period.text, True if comparison.changed else UNSET)


def changes(comparison: Comparison, now: Mapping[UnitId, Standing], decimals: int) -> dict[UnitId, Change]:
    """The change of every unit that is in the block now."""
    then = {} if comparison.baseline is None else comparison.baseline.standings
    whys = {unit: _no_delta(comparison, unit, then.get(unit), standing) for unit, standing in now.items()}
    gains = {unit: _gain(then[unit], now[unit]) for unit, why in whys.items() if why is None}
    common = median_ticks([gain.ticks for gain in gains.values()]) if gains else 0
    scores = [standing.ticks for standing in now.values() if standing.ticks is not None]
    level = median_ticks(scores) if scores else 0
    return {
        unit: Change(no_delta=why)
        if why is not None
        else _change(gains[unit], common, _ticks(now[unit]) >= level, decimals)
        for unit, why in whys.items()
    }


def _no_delta(comparison: Comparison, unit: UnitId, then: Standing | None, now: Standing) -> NoDelta | None:
    if now.ticks is None:
        return "not_ranked_now"
    if comparison.none_why is not None:
        return comparison.none_why
    is_ranked = then is not None and then.ticks is not None
    if is_ranked and then is not None and then.coverage >= _LEAST_COVERAGE:
        return None
    if unit in comparison.changed:
        return "merged"
    return "not_reported_then" if is_ranked else "not_ranked_then"


def _gain(then: Standing, now: Standing) -> _Gain:
    """Of two standings that are ranked."""
    return _Gain((then.rank or 0) - (now.rank or 0), _ticks(now) - _ticks(then))


def _change(gain: _Gain, common: int, is_high: bool, decimals: int) -> Change:
    own = gain.ticks - common
    return Change(gain.places, from_ticks(own, decimals), _QUADRANTS[is_high, own >= 0])


def _ticks(standing: Standing) -> int:
    return standing.ticks or 0


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


def _not_comparable(held: Evaluated, assessment: Assessment) -> NoDelta | None:
    if held.rules != assessment.plan.rules:
        return "other_rules"
    return None if set(held.standings) == {unit.id for unit in assessment.units} else "other_units"
