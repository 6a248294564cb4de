"""Scoring methods: the figures of a block's units on one criterion become scores in 0..1. Here those that look at one unit at a time."""

import numpy as np

from services.contracts.pack.methods import (
    Bonus,
    CappedRatio,
    CountPoints,
    Exceedance,
    Goalposts,
    Method,
    MinMax,
    Normalisation,
    PassFail,
    Penalty,
    Percentile,
    Targeted,
    TargetRatio,
    ZScore,
    final_target,
)
from services.scoring.engine.numbers.arrays import Booleans, Direction, Floats
from services.scoring.engine.numbers.elementary import log
from services.scoring.engine.scoring.relative_methods import exceedance, min_max, percentile, z_score


def score(
    method: Method, direction: Direction, actuals: Floats, worth: float, targets: Floats | None = None
) -> Floats:
    """Scores of the figures (units,), nan where a figure is nan. `worth` is what the criterion is worth on the scheme's scale.

    `targets` (units,) stand in place of the method's own target or threshold; where one is nan, the method's own holds. A share of a target at or
    below 0 says nothing: the score is then nan, for nothing is asked of the unit yet. (`pass_fail` needs no share, nor does `exceedance` at 0.)
    Scores are in 0..1; above 1 only by the cap of `target_ratio`, below 0 only for a penalty.
    """
    if targets is not None and isinstance(method, Targeted):
        return _against(
            method, direction, actuals, np.where(np.isnan(targets), final_target(method), targets)
        )
    match method:
        case Goalposts():
            return goalposts(actuals, method.low, method.high, log_scale=method.log, direction=direction)
        case MinMax():
            return min_max(actuals, direction)
        case ZScore():
            return z_score(actuals, method.limit, direction)
        case Percentile():
            return percentile(actuals, direction)
        case TargetRatio():
            return target_ratio(actuals, method.target, method.cap, direction)
        case CappedRatio():
            return capped_ratio(actuals, method.threshold)
        case Exceedance():
            return exceedance(actuals, method.target, direction, compat=method.compat)
        case PassFail():
            return pass_fail(actuals, method.threshold, direction)
        case CountPoints() | Bonus():
            return count_points(actuals, method.each, worth)
        case Penalty():
            return -count_points(actuals, method.each, worth)


def placed(method: Normalisation, direction: Direction, figures: Floats, among: Floats) -> Floats:
    """Scores of figures (draws, units) that are not the block's own, by where they would stand in the block, whose figures are `among`.

    With `min_max` they are beyond 0..1 where a figure is beyond all of the block.
    """
    match method:
        case MinMax():
            return min_max(figures, direction, among)
        case ZScore():
            return z_score(figures, method.limit, direction, among)
        case Percentile():
            return percentile(figures, direction, among)


def _against(method: Targeted, direction: Direction, actuals: Floats, targets: Floats) -> Floats:
    match method:
        case TargetRatio():
            return _where_asked(targets > 0, target_ratio(actuals, _some(targets), method.cap, direction))
        case CappedRatio():
            return _where_asked(targets > 0, capped_ratio(actuals, _some(targets)))
        case Exceedance():
            asked = np.where(targets < 0, np.nan, targets)
            return exceedance(
                np.where(np.isnan(asked), np.nan, actuals), asked, direction, compat=method.compat
            )
        case PassFail():
            return pass_fail(actuals, targets, direction)


def _some(targets: Floats) -> Floats:
    """The targets, with 1 for those that nothing is divided by."""
    return np.where(targets > 0, targets, 1.0)


def _where_asked(asked: Booleans, scores: Floats) -> Floats:
    return np.where(asked, scores, np.nan)


def goalposts(x: Floats, low: float, high: float, *, log_scale: bool, direction: Direction) -> Floats:
    """(x - low) / (high - low) clipped to 0..1, on logarithms where asked; where lower is better, 1 less that.

    Source: UNDP, Human Development Report, technical note 1. A figure at or below 0 on a log scale stands at the low end.
    """
    if log_scale:
        x = log(np.where(x < 0, 0.0, x))
        low, high = float(log(np.array(low))), float(log(np.array(high)))
    share = ((x - low) / (high - low)).clip(0.0, 1.0)
    return share if direction == "higher" else 1.0 - share


def target_ratio(x: Floats, target: float | Floats, cap: float, direction: Direction) -> Floats:
    """clip(x / T, 0, cap); where lower is better clip(T / x, 0, cap), and the cap where x is 0 or less: nothing is better than none.

    Source: point tables of provincial emulation blocks (`min(1, achieved / target)`).
    """
    if direction == "higher":
        return np.clip(x / target, 0.0, cap)
    with np.errstate(divide="ignore", over="ignore"):
        ratio = np.minimum(target / np.where(x > 0, x, np.nan), cap)
    return np.where(x <= 0, cap, ratio)


def capped_ratio(r: Floats, threshold: float | Floats) -> Floats:
    """min(r, θ) / θ: full marks from the threshold on; 0 for r below 0. Higher is better.

    Source: Decision 766/QĐ-TTg (2022), the index of service to people and enterprises.
    """
    return np.clip(r, 0.0, threshold) / threshold


def pass_fail(x: Floats, threshold: float | Floats, direction: Direction) -> Floats:
    """1 for x at the threshold or beyond it on the better side, 0 otherwise.

    Source: criteria of titles ("đạt chuẩn"), all or nothing. A figure as good as the threshold passes.
    """
    passed = x >= threshold if direction == "higher" else x <= threshold
    return np.where(np.isnan(x), np.nan, passed.astype(np.float64))


def count_points(n: Floats, each: float, worth: float) -> Floats:
    """min(n × each, worth) / worth: points for each, up to what the criterion is worth; 0 for n below 0. Higher is better.

    Source: point tables that give points for each initiative or model recognised; bonus and penalty count the same way.
    """
    return np.clip(n * each, 0.0, worth) / worth
