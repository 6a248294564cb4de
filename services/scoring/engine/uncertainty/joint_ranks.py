"""Rank ranges that hold for all units together, from intervals that do.

Source: Klein, Wright and Wieczorek (2020), A joint confidence region for an overall ranking of populations, J. R. Statist. Soc. C 69(3).
"""

from typing import Literal

import numpy as np
from scipy.special import ndtri

from services.scoring.engine.numbers.arrays import Floats, Integers

Method = Literal["bonferroni", "independent"]


def joint_intervals(
    estimates: Floats, errors: Floats, coverage: float, method: Method = "bonferroni"
) -> tuple[Floats, Floats]:
    """(low, high) that hold together with that probability: each at 1 - α/K, or, of independent estimates, at (1 - α)^(1/K)."""
    units = len(estimates)
    each = 1.0 - (1.0 - coverage) / units if method == "bonferroni" else coverage ** (1.0 / units)
    reach = float(ndtri(0.5 + each / 2.0)) * errors
    return estimates - reach, estimates + reach


def joint_rank_ranges(low: Floats, high: Floats, *, highest_first: bool = True) -> tuple[Integers, Integers]:
    """(best, worst) ranks: below a unit stand all whose intervals lie wholly below its own, above it all that lie wholly above.

    Intervals that only touch do not overlap, as in the paper. `highest_first` says whether the greatest value has rank 1.
    """
    if highest_first:
        low, high = -high, -low
    before = (high[np.newaxis, :] <= low[:, np.newaxis]) & ~np.eye(len(low), dtype=bool)
    after = before.T
    best = 1 + np.count_nonzero(before, axis=1)
    worst = len(low) - np.count_nonzero(after, axis=1)
    return best, worst
