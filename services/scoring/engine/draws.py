"""How sure a rank is: the ranking drawn again many times, with everything that could as well be otherwise drawn anew.

Moved are the weights, the luck in the figures (`latent`), what was put in for missing figures, and, where the pack lists several, the way
in which figures are made comparable. Source: Saisana, Saltelli and Tarantola (2005), Uncertainty and sensitivity analysis techniques as
tools for the quality assessment of composite indicators, J. R. Statist. Soc. A 168(2).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from services.contracts.pack.model import Uncertainty
from services.scoring.engine.arrays import Floats, Integers
from services.scoring.engine.latent import Latent
from services.scoring.engine.plan import Plan
from services.scoring.engine.random_numbers import uniforms
from services.scoring.engine.ranks import Places, places, top_of
from services.scoring.engine.roots import drawn_roots
from services.scoring.engine.rounding import to_ticks

Interval = tuple[int, int]

_TAIL: Final = 20
"""One draw in 20 lies beyond each end of a 90 % interval."""


class RankDraws(NamedTuple):
    """What the draws say of each ranked unit's rank: (units,) each."""

    best: Integers
    """Where the 90 % interval begins, and `worst`, where it ends. The official rank always lies in it."""
    worst: Integers
    median: Integers
    p_top: Floats
    """The share of draws in which the unit and all level with it fit into the block's first k, and `p_bottom`, into its last k."""
    p_bottom: Floats


def draw_ranks(
    plan: Plan, columns: Sequence[Floats], latent: Latent, ranks: Integers, seed: int
) -> RankDraws:
    """The ranks' draws. `columns` are the criteria's scores of the ranked units, (units,) or (draws, units), and `ranks` (units,) theirs.

    Each weight of the tree is multiplied by its own uniform factor of 1 ± `Uncertainty.weights`; scores are rounded and tied as the pack
    says. Ends and median are order statistics, whole ranks.
    """
    uncertainty = plan.scheme.uncertainty
    drawn = plan.scheme.scale * drawn_roots(plan, columns, _factors(plan, seed)) + latent.luck
    placed = places(to_ticks(drawn, plan.scheme.decimals), plan.scheme.ties)
    return summary(placed, ranks, uncertainty)


def summary(placed: Places, ranks: Integers, uncertainty: Uncertainty) -> RankDraws:
    """Intervals, medians and probabilities from the places of all draws."""
    draws, units = placed.unit.shape
    upto = np.add.accumulate(placed.counts(), axis=1)
    beyond = -(-draws // _TAIL) - 1
    best, median, worst = (
        1 + np.count_nonzero(upto <= order, axis=1)
        for order in (beyond, (draws - 1) // 2, draws - 1 - beyond)
    )
    first, last = (top_of(share, units) for share in (uncertainty.top, uncertainty.bottom))
    return RankDraws(
        np.minimum(best, ranks),
        np.maximum(worst, ranks),
        median,
        placed.within_first(first) / draws,
        placed.within_last(last) / draws,
    )


def _factors(plan: Plan, seed: int) -> Floats:
    uncertainty = plan.scheme.uncertainty
    nodes = len(plan.criteria) + len(plan.groups)
    if uncertainty.weights == 0:
        return np.ones((uncertainty.draws, nodes))
    return 1.0 + uncertainty.weights * (2.0 * uniforms(seed, uncertainty.draws, nodes) - 1.0)
