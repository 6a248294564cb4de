"""How sure a rank is: the ranking drawn again many times, with everything that could as well be otherwise drawn anew.

Moved are the weights, the luck in the figures (`latent`), what was put in for missing figures, and, where the pack lists several, the way
in which figures are made comparable. Source: Saisana, Saltelli and Tarantola (2005), Uncertainty and sensitivity analysis techniques as
tools for the quality assessment of composite indicators, J. R. Statist. Soc. A 168(2).
"""

from typing import Final, NamedTuple

import numpy as np

from services.contracts.pack.model import Uncertainty
from services.scoring.engine.aggregate import aggregate
from services.scoring.engine.arrays import Floats, Integers
from services.scoring.engine.hierarchy import deviation_of
from services.scoring.engine.latent import Latent
from services.scoring.engine.observed import Observed
from services.scoring.engine.plan import Plan
from services.scoring.engine.random_numbers import choices, uniforms
from services.scoring.engine.ranks import Places, places, top_of
from services.scoring.engine.roots import Replaced, drawn_roots
from services.scoring.engine.rounding import to_ticks
from services.scoring.engine.scores import scores_of

Interval = tuple[int, int]

_TAIL: Final = 20
"""One draw in 20 lies beyond each end of a 90 % interval."""


_NORMALISATIONS: Final = 3
"""Their stream of random numbers."""


class RankDraws(NamedTuple):
    """What the draws say of each ranked unit's rank: (units,) each."""

    best: Integers
    """Where the 90 % interval begins, and `worst`, where it ends. The official rank always lies in it."""
    worst: Integers
    median: Integers
    p_top: Floats
    """The share of draws in which the unit and all level with it fit into the block's first k, and `p_bottom`, into its last k."""
    p_bottom: Floats


def draw_ranks(observed: Observed, latent: Latent, ranks: Integers, seed: int) -> RankDraws:
    """What the draws say of `ranks`, the ranked units' own. Scores are rounded and tied as the pack says.

    Each weight of the tree is multiplied by its own uniform factor of 1 ± `Uncertainty.weights`. Ends and median are order statistics,
    whole ranks.
    """
    scheme = observed.plan.scheme
    ticks = to_ticks(_drawn_scores(observed, latent, seed), scheme.decimals)
    return _summary(places(ticks, scheme.ties), ranks, scheme.uncertainty)


def _drawn_scores(observed: Observed, latent: Latent, seed: int) -> Floats:
    """(draws, units) scores on the scale. Each draw takes one of the pack's normalisations, and luck in proportion to its spread of scores."""
    plan, uncertainty = observed.plan, observed.plan.scheme.uncertainty
    factors = _factors(plan, seed)
    if not uncertainty.normalisations:
        return (
            plan.scheme.scale * _roots(observed, observed.scores, latent, factors, slice(None)) + latent.luck
        )
    taken = choices(seed, uncertainty.draws, 1, _NORMALISATIONS, [len(uncertainty.normalisations)])[:, 0]
    drawn = np.empty((uncertainty.draws, len(observed.ranked)))
    for number, method in enumerate(uncertainty.normalisations):
        scores = scores_of(plan, observed.units, observed.cells, observed.targets, method)
        extras = list(plan.extras)
        scores[:, extras] = observed.scores[:, extras]  # no other way to compare units changes these
        own = (
            plan.scheme.scale
            * aggregate(plan, list(scores[observed.ranked].T), beside=observed.beside_ranked)[-1]
        )
        stretch = deviation_of(own) / (deviation_of(latent.raw) or 1.0)
        rows = np.flatnonzero(taken == number)
        roots = _roots(observed, scores, latent, factors[rows], rows)
        drawn[rows] = plan.scheme.scale * roots + stretch * latent.luck[rows]
    return drawn


def _roots(
    observed: Observed, scores: Floats, latent: Latent, factors: Floats, rows: Integers | slice
) -> Floats:
    """(rows, units) totals of the ranked units, from the block's scores under one normalisation, in those rows of the draws."""
    replaced = [Replaced(one.row, one.column, one.scores(scores)[rows]) for one in latent.imputations]
    return drawn_roots(observed.plan, scores[observed.ranked], factors, replaced, observed.beside_ranked)


def _summary(placed: Places, ranks: Integers, uncertainty: Uncertainty) -> RankDraws:
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
