"""Funnel limits: how far from the block's rate a unit of a size may lie by luck alone, and by luck and the usual differences between units.

Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statist. Med. 24(8); his equations by number below.
"""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import bdtr, chdtri, ndtri, pdtr

from services.scoring.engine.numbers.arrays import Floats

Ends = Literal["winsorise", "truncate"]


class Dispersion(NamedTuple):
    """How much more z-scores vary than luck makes them."""

    factor: float
    """φ: the mean square of the z-scores; 1 where there is only luck."""
    between: float
    """τ²: the variance between units, in the square of the rates' own measure; 0 where luck explains all."""


def poisson_limits(expected: float, coverage: float) -> tuple[float, float]:
    """(low, high) of a count over its expectation, exactly: χ² quantiles of 2E and 2E + 2 degrees of freedom, over 2E."""
    tail = (1.0 - coverage) / 2.0
    low = float(chdtri(2.0 * expected, 1.0 - tail))
    high = float(chdtri(2.0 * (expected + 1.0), tail))
    return low / (2.0 * expected), high / (2.0 * expected)


def poisson_limits_interpolated(expected: float, coverage: float) -> tuple[float, float]:
    """The same by (A.1): quantiles of the count itself, interpolated between whole numbers."""
    low, high = (
        _interpolated(tail, int(expected), lambda count: float(pdtr(count, expected)))
        for tail in _tails(coverage)
    )
    return low / expected, high / expected


def binomial_limits(target: float, trials: int, coverage: float) -> tuple[float, float]:
    """(low, high) of a proportion about its target by (A.1), quantiles interpolated between whole numbers."""
    low, high = (
        _interpolated(tail, int(target * trials), lambda count: float(bdtr(count, trials, target)))
        for tail in _tails(coverage)
    )
    return low / trials, high / trials


def normal_limits(
    target: float, trials: float, coverage: float, dispersion: Dispersion | None = None
) -> tuple[float, float]:
    """(low, high) of a proportion by the normal approximation: θ ± z √(φ s²), or with τ² above 0, θ ± z √(s² + τ²) (section 3.4)."""
    error = target * (1.0 - target) / trials
    if dispersion is not None:
        error = error + dispersion.between if dispersion.between > 0 else error * max(dispersion.factor, 1.0)
    reach = float(ndtri(0.5 + coverage / 2.0)) * math.sqrt(error)
    return target - reach, target + reach


def dispersion_of(z: Floats, errors: Floats, share: float = 0.1, ends: Ends = "winsorise") -> Dispersion:
    """φ and τ² from z-scores (units,) and their standard errors, with the outer `share` of each end brought in, or left out.

    So that true outliers do not widen the limits that should show them. φ = Σ z² / I; τ² = (I φ - (I - 1)) / (Σw - Σw² / Σw) with
    w = 1 / s² (DerSimonian and Laird), 0 where that is below. Quantiles are interpolated linearly.
    """
    low, high = _quantile(z, share), _quantile(z, 1.0 - share)
    kept = (z >= low) & (z <= high) if ends == "truncate" else np.ones(len(z), dtype=bool)
    inner, weights = np.clip(z, low, high)[kept], 1.0 / (errors[kept] * errors[kept])
    units = len(inner)
    factor = math.fsum(inner * inner) / units
    total = math.fsum(weights)
    room = total - math.fsum(weights * weights) / total
    between = (units * factor - (units - 1)) / room if room > 0 else 0.0
    return Dispersion(factor, max(between, 0.0))


def proportion_scores(
    successes: Floats, trials: Floats, target: float | None = None
) -> tuple[Floats, Floats]:
    """(z, standard error) of each proportion about the target, which is the block's own rate unless given."""
    centre = math.fsum(successes) / math.fsum(trials) if target is None else target
    errors = np.sqrt(centre * (1.0 - centre) / trials)
    return (successes / trials - centre) / errors, errors


def _tails(coverage: float) -> tuple[float, float]:
    return (1.0 - coverage) / 2.0, (1.0 + coverage) / 2.0


def _interpolated(probability: float, start: int, cumulative: Callable[[int], float]) -> float:
    """r - α, with r the least count whose P(R ≤ r) is above the probability, and α = (P(R ≤ r) - p) / P(R = r)."""
    count = start
    while count > 0 and cumulative(count - 1) > probability:
        count -= 1
    while cumulative(count) <= probability:
        count += 1
    above, below = cumulative(count), cumulative(count - 1) if count else 0.0
    return max(count - (above - probability) / (above - below), 0.0)


def _quantile(values: Floats, share: float) -> float:
    """Type 7 of Hyndman and Fan (1996)."""
    ordered = np.sort(values)
    at = share * (len(ordered) - 1)
    below = min(int(at), len(ordered) - 1)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (at - below) * (ordered[above] - ordered[below]))
