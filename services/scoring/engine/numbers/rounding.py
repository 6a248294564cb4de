"""Rounding that gives the same decimal on every machine: before anything is ranked or written, it passes through here.

A score is kept as *ticks*, whole numbers of its last decimal (71.25 at two decimals is 7125), so that ties, medians and differences
are exact.
"""

from typing import Final

import numpy as np

from services.scoring.engine.numbers.arrays import Floats, Integers

DIGITS: Final = 12
"""Significant digits of every figure that is not a score: four below what a double holds, above any figure's true precision."""

_HALF_WIDTH: Final = 10.0**-DIGITS
"""A value this close to a half, relative to its size, is a half: the rest is noise of binary arithmetic."""


def significant(value: float) -> float:
    """`value` at `DIGITS` significant decimal digits; zero has no sign."""
    return float(f"{value:.{DIGITS}g}") + 0.0


def to_ticks(values: Floats, decimals: int) -> Integers:
    """`values` in units of 10^-decimals, halves to even, where a half is one in decimal: 0.125 and 0.285 both are, at two decimals.

    Values must be finite.
    """
    return whole_ticks(values, decimals).astype(np.int64)


def whole_ticks(values: Floats, decimals: int) -> Floats:
    """The same, left as doubles: whoever sorts many of them makes them whole numbers of another width."""
    scaled = values * 10.0**decimals
    nearest = np.rint(scaled)
    if not _near_a_half(scaled - nearest, nearest, 0.0):
        return nearest
    below = np.floor(scaled)
    is_half = np.abs(scaled - below - 0.5) <= _HALF_WIDTH * np.maximum(np.abs(scaled), 1.0)
    return np.rint(np.where(is_half, below + 0.5, scaled))


def clear_ticks(values: Floats, decimals: int, gap: float) -> Floats | None:
    """The whole ticks of any values no further than `gap` from these, which are used up; null where those could have others than these."""
    values *= 10.0**decimals
    nearest = np.rint(values)
    values -= nearest
    return None if _near_a_half(values, nearest, gap * 10.0**decimals) else nearest


def _near_a_half(off: Floats, nearest: Floats, gap: float) -> bool:
    """Whether any value, or one no further than `gap` from it, could be a half: mostly none is, and then nothing more needs to be done.

    Values stand as the `nearest` whole numbers and how far they are `off`.
    """
    if not off.size:
        return False
    furthest = max(float(off.max()), -float(off.min()))
    greatest = max(float(nearest.max()), -float(nearest.min()), 1.0)
    return furthest >= 0.5 - 2.0 * _HALF_WIDTH * greatest - gap


def from_ticks(ticks: int, decimals: int) -> float:
    """The double nearest to `ticks` × 10^-decimals: it prints as that decimal."""
    return int(ticks) / int(10**decimals)


def rounded_points(scores: Floats, points: float, decimals: int) -> Floats:
    """Scores whose `points` × score has no more than `decimals` decimals; nan stays."""
    known = ~np.isnan(scores)
    rounded = scores.copy()
    rounded[known] = to_ticks(points * scores[known], decimals) / 10.0**decimals / points
    return rounded


def median_ticks(ticks: "list[int]") -> int:
    """The median of at least one number; that of an even count is the mean of the middle two, a half to even."""
    ordered = sorted(ticks)
    twice = ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]
    below, odd = divmod(twice, 2)
    return below + (below % 2 if odd else 0)
