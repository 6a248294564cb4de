"""How sure a rank is: the ranking drawn again many times, each time with every weight moved a little.

Source: Saisana, Saltelli and Tarantola (2005), Uncertainty and sensitivity analysis techniques as tools for the quality assessment of
composite indicators, J. R. Statist. Soc. A 168(2).
"""

import hashlib
from typing import Final

import numpy as np

from services.contracts.pack.model import Uncertainty
from services.scoring.engine.aggregate import aggregate
from services.scoring.engine.arrays import Floats, Integers
from services.scoring.engine.plan import Plan
from services.scoring.engine.ranks import rank
from services.scoring.engine.rounding import to_ticks

Interval = tuple[int, int]

_SLICE_VALUES: Final = 16_384
"""Draws × units computed at a time: 128 kB an array stays in the processor's cache: rounding takes a third of the time."""

_TAIL: Final = 20
"""One draw in 20 lies beyond each end of a 90 % interval."""


def seed_of(pack_seed: int, subject: str) -> int:
    """The seed of a ranking's draws: 53 bits (exact in JSON everywhere) of SHA-256 over the pack's seed and what is ranked."""
    digest = hashlib.sha256(f"{pack_seed}:{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11


def uniforms(seed: int, rows: int, columns: int) -> Floats:
    """Uniform numbers in [0, 1): the top 53 bits of raw Philox4x64-10 words, by our own transform, for numpy's may change.

    Source: Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3.
    """
    words = np.random.Philox(key=seed).random_raw(rows * columns).reshape(rows, columns)
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def rank_intervals(plan: Plan, scores: Floats, ranks: Integers, seed: int) -> list[Interval]:
    """The 90 % interval of each rank, best and worst; the rank itself always lies in it.

    `scores` (units, criteria) and `ranks` (units,) are those of the ranked units only. Each weight of the tree is multiplied by its own
    uniform factor of 1 ± `Uncertainty.weights`; scores are rounded and tied as the pack says. The ends are order statistics, whole ranks.
    """
    uncertainty = plan.scheme.uncertainty
    if uncertainty.weights == 0 or len(ranks) == 0:
        return [(int(own), int(own)) for own in ranks]
    drawn = _drawn_ranks(plan, scores, seed)
    beyond = -(-uncertainty.draws // _TAIL) - 1
    ends = np.partition(drawn, (beyond, uncertainty.draws - 1 - beyond), axis=0)
    best = np.minimum(ends[beyond], ranks)
    worst = np.maximum(ends[uncertainty.draws - 1 - beyond], ranks)
    return [(int(low), int(high)) for low, high in zip(best, worst, strict=True)]


def _drawn_ranks(plan: Plan, scores: Floats, seed: int) -> Integers:
    """(draws, units) ranks, computed a slice of draws at a time."""
    factors = _factors(plan.scheme.uncertainty, len(plan.criteria) + len(plan.groups), seed)
    rows = max(1, _SLICE_VALUES // len(scores))
    slices = (factors[start : start + rows] for start in range(0, len(factors), rows))
    return np.concatenate([_ranks(plan, scores, some) for some in slices])


def _ranks(plan: Plan, scores: Floats, factors: Floats) -> Integers:
    roots = aggregate(plan, scores, factors)[-1]
    return rank(to_ticks(plan.scheme.scale * roots, plan.scheme.decimals), plan.scheme.ties)


def _factors(uncertainty: Uncertainty, nodes: int, seed: int) -> Floats:
    return 1.0 + uncertainty.weights * (2.0 * uniforms(seed, uncertainty.draws, nodes) - 1.0)
