"""Scoring methods: the figures of a block's units on one criterion become scores in 0..1."""

from typing import Literal

import numpy as np

from services.contracts.pack.model import CappedRatio, Goalposts, Method, MinMax, TargetRatio
from services.scoring.engine.arrays import Floats
from services.scoring.engine.elementary import log

Direction = Literal["higher", "lower"]


def score(method: Method, direction: Direction, actuals: Floats) -> Floats:
    """Scores of the figures (units,), nan where a figure is nan (not reported)."""
    match method:
        case Goalposts():
            return goalposts(actuals, method.low, method.high, log_scale=method.log, direction=direction)
        case MinMax():
            return min_max(actuals, direction)
        case TargetRatio():
            return target_ratio(actuals, method.target, method.cap, direction)
        case CappedRatio():
            return capped_ratio(actuals, method.threshold)


def goalposts(x: Floats, low: float, high: float, *, log_scale: bool, direction: Direction) -> Floats:
    """(x - low) / (high - low) clipped to 0..1, on logarithms where asked; where lower is better, 1 less that.

    Source: UNDP, Human Development Report, technical note 1. A figure at or below 0 on a log scale stands at the low end.
    """
    if log_scale:
        x = log(np.where(x < 0, 0.0, x))
        low, high = float(log(np.array(low))), float(log(np.array(high)))
    share = np.clip((x - low) / (high - low), 0.0, 1.0)
    return share if direction == "higher" else 1.0 - share


def min_max(x: Floats, direction: Direction) -> Floats:
    """(x - min) / (max - min) over the reported figures; where lower is better (max - x) / (max - min); 0.5 for all when max = min.

    Source: OECD and JRC, Handbook on Constructing Composite Indicators (2008), step 5.
    """
    reported = ~np.isnan(x)
    if not reported.any():
        return x
    least, most = float(x[reported].min()), float(x[reported].max())
    if least == most:
        return np.where(reported, 0.5, np.nan)
    return (x - least if direction == "higher" else most - x) / (most - least)


def target_ratio(x: Floats, target: float, cap: float, direction: Direction) -> Floats:
    """clip(x / T, 0, cap); where lower is better clip(T / x, 0, cap), and the cap where x is 0 or less: nothing is better than none.

    Source: point tables of provincial emulation blocks (`min(1, achieved / target)`).
    """
    if direction == "higher":
        return np.clip(x / target, 0.0, cap)
    with np.errstate(divide="ignore", over="ignore"):
        ratio = np.minimum(target / np.where(x > 0, x, np.nan), cap)
    return np.where(x <= 0, cap, ratio)


def capped_ratio(r: Floats, threshold: float) -> Floats:
    """min(r, θ) / θ: full marks from the threshold on; 0 for r below 0. Higher is better.

    Source: Decision 766/QĐ-TTg (2022), the index of service to people and enterprises.
    """
    return np.clip(r, 0.0, threshold) / threshold
