"""Efron and Morris's estimator: many means, each drawn towards their mean, are better together than each alone.

Source: Efron and Morris (1975), Data analysis using Stein's estimator and its generalizations, J. Am. Stat. Assoc. 70(350).
"""

import math

import numpy as np

from services.scoring.engine.numbers.arrays import Floats


def stein_means(values: Floats, variance: float) -> Floats:
    """x̄ + (1 - (k - 3) σ² / Σ(x - x̄)²)(x - x̄), never drawn beyond the mean. At least four values of one variance."""
    centre = math.fsum(values) / len(values)
    scatter = math.fsum((values - centre) ** 2)
    kept = max(1.0 - (len(values) - 3) * variance / scatter, 0.0) if scatter > 0 else 0.0
    return np.asarray(centre + kept * (values - centre))


def arcsine(rates: Floats, trials: float) -> Floats:
    """√n arcsin(2p - 1), whose variance is about 1 whatever the rate."""
    return np.asarray(math.sqrt(trials) * np.arcsin(2.0 * rates - 1.0))


def arcsine_rates(values: Floats, trials: float) -> Floats:
    """The rates of such values."""
    return np.asarray((1.0 + np.sin(values / math.sqrt(trials))) / 2.0)


def stein_rates(successes: Floats, trials: float) -> Floats:
    """Rates of one number of trials, shrunk as they stand: σ² is p̄(1 - p̄) / n."""
    rates = successes / trials
    mean = math.fsum(rates) / len(rates)
    return stein_means(rates, mean * (1.0 - mean) / trials)
