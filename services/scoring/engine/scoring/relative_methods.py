"""Scoring methods that compare a block's units with one another. Every unit's score may change with any unit's figure.

Sums are exact (`fsum`), so the order of the units does not matter. A figure that is nan has no part in any of them. Where the figures to be
scored, (units,) or (draws, units), are not the block's own, those are given as `among`: a score is then what a unit would have that reported
such a figure in this block.
"""

import math

import numpy as np

from services.scoring.engine.numbers.arrays import Direction, Floats


def min_max(x: Floats, direction: Direction, among: Floats | None = None) -> Floats:
    """(x - min) / (max - min) over the reported figures; where lower is better (max - x) / (max - min); 0.5 for all when max = min.

    Source: OECD and JRC, Handbook on Constructing Composite Indicators (2008), step 5.
    """
    known = _known(x if among is None else among)
    if not len(known):
        return x.copy()
    least, most = float(known.min()), float(known.max())
    if least == most:
        return np.where(np.isnan(x), np.nan, 0.5)
    return (x - least if direction == "higher" else most - x) / (most - least)


def z_score(x: Floats, limit: float, direction: Direction, among: Floats | None = None) -> Floats:
    """0.5 + z / (2 × limit) clipped to 0..1, with z = (x - mean) / s and s over n - 1; where lower is better, z is turned round.

    0.5 for all when they are equal or one is alone. Source: OECD and JRC (2008), step 5; s as in R and COINr.
    """
    known = [float(value) for value in _known(x if among is None else among)]
    if len(known) < 2 or min(known) == max(known):
        return np.where(np.isnan(x), np.nan, 0.5)
    mean = math.fsum(known) / len(known)
    spread = math.sqrt(math.fsum((value - mean) * (value - mean) for value in known) / (len(known) - 1))
    z = (x - mean if direction == "higher" else mean - x) / spread
    return np.clip(0.5 + z / (2.0 * limit), 0.0, 1.0)


def percentile(x: Floats, direction: Direction, among: Floats | None = None) -> Floats:
    """How many of the other units do worse, as a share of the others: ties get the lower place, the best 1 unless it is tied.

    0.5 for a unit that is alone. Source: (rank - 1) / (n - 1) as COINr's `n_prank`, with ranks from the worst and ties at their least.
    """
    turned = 1.0 if direction == "higher" else -1.0
    figures = np.sort(turned * _known(x if among is None else among))
    if len(figures) < 2:
        return np.where(np.isnan(x), np.nan, 0.5)
    shares = np.searchsorted(figures, turned * x, side="left") / (len(figures) - 1)
    return np.where(np.isnan(x), np.nan, np.minimum(shares, 1.0))


def exceedance(x: Floats, target: float | Floats, direction: Direction, *, compat: bool) -> Floats:
    """½ A/T below the target, ½ at it, above it ½ + ½ e/e* with e = (A - T)/T and e* the greatest e of the block; 0 for A below 0.

    Source: scoring of police emulation contests ("Điều 6"). `compat` is that, to the letter: higher is better, T above 0, and one outlier
    squeezes all others towards ½. Otherwise these weak points are mended:
    - lower is better: ½ T/A on the wrong side, e = (T - A)/T on the right one;
    - T = 0: e = A, for only e/e* counts; where lower is better nothing can be below 0, and A = 0 has ½, above it 0;
    - outliers: e* is at most the upper fence of the positive e, Q3 + 1.5 (Q3 - Q1) (Tukey 1977; quartiles interpolated linearly), and whoever
      is beyond it has full marks. With fewer than four units above the target e* is the greatest e.
    """
    target = np.broadcast_to(np.asarray(target, dtype=np.float64), x.shape)
    beyond = (x - target if direction == "higher" else target - x) / np.where(target == 0, 1.0, target)
    short = _short_of(x, target, direction)
    positive = np.sort(beyond[beyond > 0])
    if not len(positive):
        return short
    most = float(positive[-1]) if compat else _fenced(positive)
    return np.where(beyond > 0, 0.5 + 0.5 * np.minimum(beyond / most, 1.0), short)


def _short_of(x: Floats, target: Floats, direction: Direction) -> Floats:
    """½ at the target, in proportion less on its wrong side."""
    if direction == "higher":
        at_zero = np.where(np.isnan(x), np.nan, (x >= 0).astype(np.float64))
        share = np.where(target == 0, at_zero, x / np.where(target == 0, 1.0, target))
    else:
        share = np.where(x > 0, target / np.where(x > 0, x, np.nan), np.where(np.isnan(x), np.nan, 1.0))
    return 0.5 * np.clip(share, 0.0, 1.0)


def _fenced(ascending: Floats) -> float:
    """The greatest, or the upper fence where that is less."""
    if len(ascending) < 4:
        return float(ascending[-1])
    low, high = (_quantile(ascending, share) for share in (0.25, 0.75))
    return min(float(ascending[-1]), high + 1.5 * (high - low))


def _quantile(ascending: Floats, share: float) -> float:
    """Type 7 of Hyndman and Fan (1996)."""
    at = share * (len(ascending) - 1)
    below = int(at)
    above = min(below + 1, len(ascending) - 1)
    low, high = float(ascending[below]), float(ascending[above])
    return low + (at - below) * (high - low)


def _known(x: Floats) -> Floats:
    return x[~np.isnan(x)]
