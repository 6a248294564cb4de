"""Review: figures that a person should look at. Three signs of gaming (DOMAIN 5), each of them explainable: a list, never a penalty."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from services.contracts.event_data import Origin
from services.contracts.flags import ReviewSign
from services.contracts.ids import UnitId
from services.contracts.pack.flag_rules import Burst, Heaped, ReviewRule, Revised
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import CappedRatio, Exceedance, PassFail, TargetRatio
from services.contracts.pack.model import Unit
from services.contracts.pack.scheme import Criterion
from services.contracts.periods import Period
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.figures.calendar import inside, is_finer
from services.scoring.engine.flags.findings import ByUnit, Finding
from services.scoring.engine.log.state import Figure, SeriesMap, series_in

_LEAST_PERIODS: Final = 4
"""Of fewer periods inside the evaluated one the last quarter is no part."""


class _Counted(NamedTuple):
    """The figure that counts for one period of an indicator."""

    period: Period
    origin: Origin
    figure: Figure


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at: the series, and the units and criteria of the evaluation."""

    series: SeriesMap
    assessment: Assessment
    as_of: datetime

    def _has_come(self, period: Period) -> bool:
        """A week may end after the month that it belongs to."""
        evaluated = self.assessment.period
        return period.last <= evaluated.last or evaluated.contains(period)

    def counted(self, unit: Unit, indicator: Indicator) -> Iterator[_Counted]:
        """Figures up to the evaluated period, newest first."""
        own = series_in(self.series, unit.id, indicator.id, indicator.cadence)
        for period in reversed(own.periods if own else []):
            if own is None or not self._has_come(period):
                continue
            for origin in indicator.origins:
                figure = own.counting.get(origin, {}).get(period.text)
                if figure is not None and figure.measure == indicator.measure:
                    yield _Counted(period, origin, figure)
                    break


def reviews(rule: ReviewRule, series: SeriesMap, assessment: Assessment, as_of: datetime) -> ByUnit:
    """How many signs each unit shows, and on which criteria; every unit has a level."""
    look = _Look(series, assessment, as_of)
    found: dict[ReviewSign, dict[int, list[int]]] = {}
    if rule.heaped is not None:
        found["heaped"] = _heaped(rule.heaped, look)
    if rule.burst is not None:
        found["burst"] = _bursts(rule.burst, look)
    if rule.revised is not None:
        found["revised"] = _revised(rule.revised, look)
    return {UnitId(unit.id): _finding(found, row) for row, unit in enumerate(assessment.units)}


def _finding(found: dict[ReviewSign, dict[int, list[int]]], row: int) -> Finding:
    signs = tuple(sign for sign, rows in found.items() if rows.get(row))
    columns = [column for sign in signs for column in found[sign][row]]
    return Finding(float(len(signs)), tuple(dict.fromkeys(columns)), None, signs)


# --- heaped over a target -----------------------------------------------------------------------------------------------------


def _heaped(rule: Heaped, look: _Look) -> dict[int, list[int]]:
    targets = {
        column: target
        for column, criterion in enumerate(look.assessment.plan.criteria)
        if (target := _target(criterion, look.assessment.plan.indicators[column])) is not None
    }
    found = {}
    for row, unit in enumerate(look.assessment.units):
        sides = {column: _sides(rule, look, unit, column, target) for column, target in targets.items()}
        over, under = (sum(side[at] for side in sides.values()) for at in (0, 1))
        if over and _at_least(over, over + under) < rule.chance:
            found[row] = [column for column, (above, below) in sides.items() if above > below]
    return found


def _target(criterion: Criterion, indicator: Indicator) -> float | None:
    """The target that figures may stand just over or under; null where none is, or where nothing can lie beyond it."""
    match criterion.scoring:
        case TargetRatio(target=target) | Exceedance(target=target):
            pass
        case CappedRatio(threshold=target) | PassFail(threshold=target):
            pass
        case _:
            return None
    is_bounded = indicator.measure == "ratio" and target >= 1.0
    if indicator.measure == "passed" or criterion.per is not None or target <= 0 or is_bounded:
        return None
    return float(target)


def _sides(rule: Heaped, look: _Look, unit: Unit, column: int, target: float) -> tuple[int, int]:
    """How many of the newest figures lie within the band on the better side of the target, itself among them, and on the worse."""
    indicator = look.assessment.plan.indicators[column]
    sign = 1.0 if indicator.direction == "higher" else -1.0
    newest = [one.figure for _, one in zip(range(rule.periods), look.counted(unit, indicator), strict=False)]
    distances = [sign * (one.amount / one.of / target - 1.0) for one in newest if one.of]
    better = sum(0.0 <= distance <= rule.band for distance in distances)
    return better, sum(-rule.band <= distance < 0.0 for distance in distances)


def _at_least(heads: int, tosses: int) -> float:
    """The probability of so many heads or more."""
    return sum(math.comb(tosses, k) for k in range(heads, tosses + 1)) / 2.0**tosses


# --- bursts at a period's end -------------------------------------------------------------------------------------------------


def _bursts(rule: Burst, look: _Look) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    period = look.assessment.period
    for column, indicator in enumerate(look.assessment.plan.indicators):
        if indicator.within != "sum" or not is_finer(indicator.cadence, period.cadence):
            continue
        periods = inside(period, indicator.cadence)
        if len(periods) < _LEAST_PERIODS:
            continue
        last = {one.text for one in periods[-math.ceil(rule.last * len(periods)) :]}
        shares = {
            row: share
            for row, unit in enumerate(look.assessment.units)
            if (share := _share(look, unit, indicator, last)) is not None
        }
        usual = sorted(shares.values())[(len(shares) - 1) // 2] if shares else 0.0
        for row, share in shares.items():
            if share - usual >= rule.over:
                found.setdefault(row, []).append(column)
    return found


def _share(look: _Look, unit: Unit, indicator: Indicator, last: set[str]) -> float | None:
    """Of the unit's sum, the share of the last periods; null without a sum above 0."""
    amounts = {
        one.period.text: one.figure.amount
        for one in look.counted(unit, indicator)
        if look.assessment.period.contains(one.period)
    }
    total = math.fsum(amounts.values())
    if total <= 0:
        return None
    return math.fsum(amount for text, amount in amounts.items() if text in last) / total


# --- large late revisions -----------------------------------------------------------------------------------------------------


def _revised(rule: Revised, look: _Look) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for column, indicator in enumerate(look.assessment.plan.indicators):
        if indicator.measure == "passed":
            continue
        is_late = _lateness(look, indicator)
        for row, unit in enumerate(look.assessment.units):
            newest = next(look.counted(unit, indicator), None)
            if newest is not None and is_late(newest) and _change(look, unit, indicator, newest) > rule.by:
                found.setdefault(row, []).append(column)
    return found


def _lateness(look: _Look, indicator: Indicator) -> Callable[[_Counted], bool]:
    days = look.assessment.plan.pack.campaign.days
    return lambda one: one.figure.time >= indicator.overdue_at(one.period, days)


def _change(look: _Look, unit: Unit, indicator: Indicator, newest: _Counted) -> float:
    """By how much the figure differs from the best one that was there when it was due, as a share of that; 0 where none was."""
    own = look.series[indicator.id, indicator.cadence][unit.id]
    due = indicator.overdue_at(newest.period, look.assessment.plan.pack.campaign.days)
    best_first = reversed(own.superseded.get((newest.origin, newest.period.text), []))
    then = next((figure for figure in best_first if figure.of and figure.time < due), None)
    if then is None or not newest.figure.of:
        return 0.0
    was, now = then.amount / then.of, newest.figure.amount / newest.figure.of
    if was == 0:
        return math.inf if now != 0 else 0.0
    return abs(now / was - 1.0)
