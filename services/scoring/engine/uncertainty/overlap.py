"""How long intervals must be so that those of two equal units fail to overlap as seldom as is wished, on average over all pairs.

Source: Goldstein and Healy (1995), The graphical presentation of a collection of means, J. R. Statist. Soc. A 158(1).
"""

import math
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from services.scoring.engine.numbers.arrays import Floats

_STEPS: Final = 60
"""Halvings of [0, 10]: more than a double resolves."""


def overlap_multiplier(errors: Floats, level: float) -> float:
    """z: intervals of ± z standard errors of two equal units fail to overlap with probability `level`, on average over pairs."""
    stretches = _stretches(errors)
    low, high = 0.0, 10.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        missed = math.fsum(2.0 * ndtr(-middle * stretches)) / len(stretches)
        low, high = (middle, high) if missed > level else (low, middle)
    return (low + high) / 2.0


def overlap_multiplier_of_mean(errors: Floats, level: float) -> float:
    """The same for a pair of average stretch: the normal quantile over the mean of (s + t) / √(s² + t²)."""
    stretches = _stretches(errors)
    return float(ndtri(1.0 - level / 2.0)) / (math.fsum(stretches) / len(stretches))


def confidence_of(multiplier: float) -> float:
    """What an interval of ± that many standard errors covers by itself."""
    return float(1.0 - 2.0 * ndtr(-multiplier))


def _stretches(errors: Floats) -> Floats:
    """(s + t) / √(s² + t²) of every pair, of at least two units."""
    first, second = np.triu_indices(len(errors), 1)
    one, other = errors[first], errors[second]
    return np.asarray((one + other) / np.sqrt(one * one + other * other))
