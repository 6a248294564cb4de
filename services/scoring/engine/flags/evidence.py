"""How far a unit lies beyond its block, measured by what is known of it: the evidence behind statistical leaders and underperformers.

Each unit is judged against the others of its block, never against itself: centre and spread leave it out and are robust, so that one true
outlier neither moves the centre that it is measured from nor hides in the spread that it makes. Its own score is taken as it is, with its
own sampling error, and not shrunk: a shrunk score would, where nothing differs, flag large units many times as often as small ones
(decision 87). The spread counts only as far as the block proves it: where the differences may be luck, it is 0.
"""

import math
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from services.contracts.flags import FlagKind
from services.contracts.ids import UnitId
from services.contracts.pack.flag_rules import EvidenceRule
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flags.findings import Finding, Findings
from services.scoring.engine.numbers.arrays import Floats, Integers
from services.scoring.engine.numbers.rounding import from_ticks, significant
from services.scoring.engine.numbers.sums import down

LEAST_UNITS: Final = 5
"""Of fewer than four others neither centre nor spread can be told."""

MOST: Final = 3.5
"""Of standard errors that one look may count for."""

_CUT: Final = 1.5
"""Huber's: a deviation of more standard errors counts as that many. Source: Huber (1964), Ann. Math. Stat. 35(1)."""
_SQUARE: Final = 0.7785
_SQUARE_VARIANCE: Final = 0.6298
"""Mean and variance of the smaller of Z² and `_CUT`² for a standard normal Z."""
_INEFFICIENCY: Final = 1.04
"""How much more a Huber mean of normal values varies than their mean."""
_SURE: Final = 1.645
"""The spread is the least that the block's differences do not reject at 5 %."""
_EXACT: Final = 1e-9
"""Of the greatest variance in the block: what a score that is known exactly is taken to have, so that nothing is divided by 0."""
_HALVINGS: Final = 20
_PASSES: Final = 3


class Beyond(NamedTuple):
    """(units,) by how many of its standard errors each unit's score lies beyond `margin` spreads above its block's centre, and below."""

    above: Floats
    below: Floats


def beyond(scores: Floats, noise: Floats, margin: float) -> Beyond:
    """`scores` (units, ...) of at least `LEAST_UNITS` units, with the standard deviations `noise` of their sampling errors, not all 0.

    More axes are more blocks of as many units: simulations judge thousands at once.
    """
    spread, centre, error = against_others(scores, noise)
    reach = np.sqrt(noise * noise + error)
    off = scores - centre
    return Beyond((off - margin * spread) / reach, (-off - margin * spread) / reach)


def against_others(scores: Floats, noise: Floats) -> tuple[Floats, Floats, Floats]:
    """(units,) for each unit, of the others: their proven spread, their centre, and the variance of that centre's error."""
    variances = _others(noise * noise)
    values = _others(scores)
    spread = _proven_spread(values, variances)
    total = np.maximum(variances + spread * spread, _EXACT * variances.max())
    centre = _huber_mean(values, total)
    weight = down(1.0 / total)
    return spread, centre, _INEFFICIENCY / weight


def pooled(levels: list[float]) -> float:
    """The evidence of several looks together: Σ z / √n, normal where each look has figures of its own. Source: Stouffer et al. (1949).

    No look counts for more than `MOST`, either way: one month alone neither opens a flag nor holds it.
    """
    return (
        math.fsum(max(-MOST, min(MOST, level)) for level in levels) / math.sqrt(len(levels))
        if levels
        else 0.0
    )


def probability(level: float) -> float:
    """That the latent score lies beyond the margin, all scores being equally likely before: Φ(level)."""
    return round(0.5 * math.erfc(-level / math.sqrt(2.0)), 6)


def level_for(chance: float) -> float:
    """The level at which the probability is `chance`."""
    return NormalDist().inv_cdf(chance)


def evidence(rule: EvidenceRule, before: Assessment | None, now: Assessment) -> Findings:
    """The levels of both kinds. None without sampling error in the block, and none of a unit whose figures are mostly those of before, or of
    which it is no number: nothing that cannot be told may flag."""
    latent = now.latent
    if latent is None or len(latent.raw) < LEAST_UNITS or not (latent.noise > 0).any():
        return {}
    found = beyond(latent.raw, latent.noise, rule.margin)
    units = [UnitId(now.units[row].id) for row in now.ranked]
    fresh = [before is None or _is_fresh(before, now, int(row)) for row in now.ranked]
    levels: dict[FlagKind, Floats] = {"leader": found.above, "underperformer": found.below}
    return {
        kind: {
            unit: Finding(significant(float(level)))
            for unit, level, is_fresh in zip(units, levels[kind], fresh, strict=True)
            if is_fresh and math.isfinite(level)
        }
        for kind in rule.kinds
    }


def level_then(now: Assessment, rule: EvidenceRule, ticks: Integers, place: int, *, above: bool) -> float:
    """The level of the unit at a place of the ranked if its score were that of these ticks; the assessment has latent scores."""
    assert now.latent is not None
    scores = now.latent.raw.copy()
    scores[place] = from_ticks(int(ticks[place]), now.plan.scheme.decimals)
    found = beyond(scores, now.latent.noise, rule.margin)
    return float((found.above if above else found.below)[place])


def _is_fresh(before: Assessment, now: Assessment, row: int) -> bool:
    """Whether at least half of the reported weight stands on other events than before: the same figure again is no second witness."""
    old = next((at for at, unit in enumerate(before.units) if unit.id == now.units[row].id), None)
    if old is None:
        return True
    weights = now.plan.weights
    told = [at for at, cell in enumerate(now.cells[row]) if cell.figures]
    fresh = [at for at in told if now.cells[row][at].figures[:1] != before.cells[old][at].figures[:1]]
    return sum(weights[at] for at in fresh) >= 0.5 * sum(weights[at] for at in told)


# --- the others ---------------------------------------------------------------------------------------------------------------


def _others(values: Floats) -> Floats:
    """(units - 1, units, ...): column u has the values of all units but u."""
    units = len(values)
    rows = np.arange(units - 1)[:, np.newaxis]
    return np.asarray(values[rows + (rows >= np.arange(units))])


def _huber_mean(values: Floats, variances: Floats) -> Floats:
    centre = _medians(values)
    for _ in range(_PASSES):
        off = np.abs(values - centre) / np.sqrt(variances)
        weights = np.minimum(1.0, _CUT / np.maximum(off, 1e-9)) / variances
        centre = down(weights * values) / down(weights)
    return centre


def _proven_spread(values: Floats, variances: Floats) -> Floats:
    """The least √A at which Σ min(r², cut²), r = (y - centre) / √(V + A), is not above its 95 % limit; 0 where luck alone explains it."""
    limit = _limit(len(values) - 1)
    floor = _EXACT * variances.max()
    unproven = _misfit(values, _huber_mean(values, variances + floor), variances + floor) <= limit
    centre = _medians(values)
    low = np.zeros(values.shape[1:])
    high = 6.0 * np.abs(values - centre).max(axis=0) + 1e-9
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        is_more = _misfit(values, centre, variances + middle * middle + floor) > limit
        low, high = np.where(is_more, middle, low), np.where(is_more, high, middle)
    return np.where(unproven, 0.0, high)


def _misfit(values: Floats, centre: Floats, variances: Floats) -> Floats:
    return down(np.minimum((values - centre) ** 2 / variances, _CUT * _CUT))


def _limit(degrees: int) -> float:
    """The 95 % limit of the sum. Source: Wilson and Hilferty (1931), PNAS 17(12), for a gamma variable of the sum's mean and variance."""
    mean, variance = degrees * _SQUARE, degrees * _SQUARE_VARIANCE
    part = variance / (9.0 * mean * mean)
    return float(mean * (1.0 - part + _SURE * math.sqrt(part)) ** 3)


def _medians(values: Floats) -> Floats:
    ordered = np.sort(values, axis=0)
    rows = len(values)
    return np.asarray((ordered[(rows - 1) // 2] + ordered[rows // 2]) / 2.0)
