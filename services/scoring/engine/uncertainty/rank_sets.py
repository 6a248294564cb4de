"""Confidence sets for ranks from estimates and their standard errors: for one unit, for all units at once, and the set of the best.

Source: Mogstad, Romano, Shaikh and Wilhelm (2024), Inference for ranks with applications to mobility across neighbourhoods and academic
achievement across countries, Rev. Econ. Stud. 91(1): rank 1 is the greatest. Differences of pairs are tested together, each studentised; the
critical value is a quantile of the greatest of them, drawn; and tests that reject are left out of the next critical value, until none is new.
"""

from typing import Final

import numpy as np
from scipy.special import ndtri

from services.scoring.engine.numbers.arrays import Booleans, Floats, Integers
from services.scoring.engine.numbers.random_numbers import uniforms

_DRAWS: Final = 10_000
"""The critical value is then known to about a hundredth."""

_STREAM: Final = 4

_ULP: Final = 2.0**-54
"""Half a step of the uniform numbers, so that none is 0."""


def simultaneous_rank_sets(
    estimates: Floats, errors: Floats, coverage: float = 0.95, seed: int = 1, draws: int = _DRAWS
) -> tuple[Integers, Integers]:
    """(best, worst) ranks (units,) that hold for all units together. Estimates are independent."""
    tests = _Tests(estimates, errors, seed, draws)
    return tests.sets(tests.rejected(tests.pairs(), coverage))


def marginal_rank_sets(
    estimates: Floats, errors: Floats, coverage: float = 0.95, seed: int = 1, draws: int = _DRAWS
) -> tuple[Integers, Integers]:
    """(best, worst) ranks (units,), each of which holds for its unit alone."""
    tests = _Tests(estimates, errors, seed, draws)
    units = len(estimates)
    best, worst = np.empty(units, dtype=np.int64), np.empty(units, dtype=np.int64)
    for unit in range(units):
        lows, highs = tests.sets(tests.rejected(tests.pairs_of(unit), coverage))
        best[unit], worst[unit] = lows[unit], highs[unit]
    return best, worst


def best_units(
    estimates: Floats, errors: Floats, tau: int, coverage: float = 0.95, seed: int = 1, draws: int = _DRAWS
) -> Booleans:
    """(units,) whether the unit is in the confidence set of the `tau` best: those whose lower bound of the rank, for all together, is ≤ τ."""
    tests = _Tests(estimates, errors, seed, draws)
    lows, _ = tests.sets(tests.rejected(tests.pairs(), coverage))
    return np.asarray(lows <= tau, dtype=bool)


class _Tests:
    """Tests of pairs: whether one unit is better than another."""

    def __init__(self, estimates: Floats, errors: Floats, seed: int, draws: int) -> None:
        self._estimates = estimates
        self._errors = errors
        drawn = uniforms(seed, draws, len(estimates), _STREAM) + _ULP
        self._drawn = np.asarray(ndtri(drawn)) * errors

    def pairs(self) -> Booleans:
        """(units, units) all pairs of different units."""
        return ~np.eye(len(self._estimates), dtype=bool)

    def pairs_of(self, unit: int) -> Booleans:
        """The pairs that hold the unit."""
        held = np.zeros((len(self._estimates),) * 2, dtype=bool)
        held[unit, :] = held[:, unit] = True
        held[unit, unit] = False
        return held

    def rejected(self, pairs: Booleans, coverage: float) -> Booleans:
        """(units, units) true where the row's unit is shown to be better than the column's."""
        found = np.zeros_like(pairs)
        spread = np.sqrt(self._errors[:, np.newaxis] ** 2 + self._errors**2)
        better = (self._estimates[:, np.newaxis] - self._estimates) / spread
        left = pairs
        while left.any():
            fresh = left & (better > self._critical(left, spread, coverage))
            if not fresh.any():
                break
            found |= fresh
            left = left & ~fresh
        return found

    def sets(self, rejected: Booleans) -> tuple[Integers, Integers]:
        """Ranks after all that are shown to be better, and before all that are shown to be worse."""
        units = len(rejected)
        return 1 + np.count_nonzero(rejected, axis=0), units - np.count_nonzero(rejected, axis=1)

    def _critical(self, pairs: Booleans, spread: Floats, coverage: float) -> float:
        """The quantile of the greatest studentised difference of those pairs. Both orders of a pair are in until each is rejected."""
        first, second = np.nonzero(pairs)
        greatest = np.full(len(self._drawn), -np.inf)
        for one, other in zip(first, second, strict=True):
            np.maximum(
                greatest, (self._drawn[:, one] - self._drawn[:, other]) / spread[one, other], out=greatest
            )
        ordered = np.sort(greatest)
        return float(ordered[min(int(np.ceil(coverage * len(ordered))) - 1, len(ordered) - 1)])
