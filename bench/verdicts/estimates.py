"""A simulated figure and how sure it is. Units of one block are not independent, so a block counts as one observation."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class Estimate(NamedTuple):
    """A figure with its 95 % confidence interval."""

    value: float
    low: float
    high: float

    def worded(self, decimals: int = 1, times: float = 100.0) -> str:
        """`90.1 (89.6-90.6)`."""
        value, low, high = (f"{times * part:.{decimals}f}" for part in self)
        return f"{value} ({low}-{high})"


def mean_of(blocks: Sequence[float]) -> Estimate:
    """The mean of one figure a block."""
    mean = math.fsum(blocks) / len(blocks)
    return _about(mean, _variance(blocks) / len(blocks))


def share_of(hits: int, of: int) -> Estimate:
    """A share of independent runs, with the interval of Wilson (1927, J. Am. Stat. Assoc. 22)."""
    square = 1.959964**2
    share, weight = hits / of, 1.0 + square / of
    middle = (share + square / (2 * of)) / weight
    reach = 1.959964 * math.sqrt(share * (1.0 - share) / of + square / (4 * of * of)) / weight
    return Estimate(share, max(middle - reach, 0.0), min(middle + reach, 1.0))


def ratio_of(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """Σ above / Σ below, two figures a block; its variance by linearisation (Cochran 1977, Sampling Techniques, 2.11)."""
    ratio = math.fsum(above) / math.fsum(below)
    off = [over - ratio * under for over, under in zip(above, below, strict=True)]
    mean_below = math.fsum(below) / len(below)
    return _about(ratio, _variance(off) / len(off) / (mean_below * mean_below))


def _about(value: float, variance: float) -> Estimate:
    reach = 1.959964 * math.sqrt(variance)
    return Estimate(value, value - reach, value + reach)


def _variance(figures: Sequence[float]) -> float:
    mean = math.fsum(figures) / len(figures)
    return math.fsum((figure - mean) ** 2 for figure in figures) / max(len(figures) - 1, 1)
