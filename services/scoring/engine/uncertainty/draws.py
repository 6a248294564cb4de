"""How sure a rank is: the ranking drawn again many times, with everything that could as well be otherwise drawn anew.

Moved are the weights, the luck in the figures (`latent`), what was put in for missing figures, and, where the pack lists several, the way
in which figures are made comparable. Source: Saisana, Saltelli and Tarantola (2005), Uncertainty and sensitivity analysis techniques as
tools for the quality assessment of composite indicators, J. R. Statist. Soc. A 168(2).
"""

from typing import Final, NamedTuple

import numpy as np

from services.contracts.pack.methods import Normalisation
from services.contracts.pack.scheme import Uncertainty
from services.scoring.engine.figures.cell_arrays import arrays_of
from services.scoring.engine.numbers.arrays import Floats, Integers
from services.scoring.engine.numbers.random_numbers import choices, uniforms
from services.scoring.engine.numbers.rounding import to_ticks
from services.scoring.engine.scoring.aggregate import aggregate
from services.scoring.engine.scoring.plan import Plan
from services.scoring.engine.scoring.ranks import Places, places, top_of
from services.scoring.engine.scoring.roots import Replaced, drawn_roots, drawn_weights
from services.scoring.engine.scoring.scores import scores_of
from services.scoring.engine.uncertainty.hierarchy import deviation_of
from services.scoring.engine.uncertainty.latent import Latent
from services.scoring.engine.uncertainty.observed import Observed

Interval = tuple[int, int]

_SLICE_VALUES: Final = 16_384
"""Draws × units computed at a time: 128 kB an array stays in the processor's cache, and the whole takes half the time."""

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
    scheme, units = observed.plan.scheme, len(observed.ranked)
    drawn, tally = _Drawn(observed, latent, seed), _Tally(scheme.uncertainty, units)
    step = max(1, _SLICE_VALUES // max(units, 1))
    for first in range(0, scheme.uncertainty.draws, step):
        rows = slice(first, first + step)
        tally.add(places(to_ticks(drawn.scores(rows), scheme.decimals), scheme.ties))
    return tally.summary(ranks)


class _Tally:
    """How often each unit had each rank, and was among the first and the last."""

    def __init__(self, uncertainty: Uncertainty, units: int) -> None:
        self._draws = uncertainty.draws
        self._first, self._last = (top_of(share, units) for share in (uncertainty.top, uncertainty.bottom))
        self._counts = np.zeros((units, units), dtype=np.int64)
        self._in_first, self._in_last = np.zeros((2, units), dtype=np.int64)

    def add(self, placed: Places) -> None:
        self._counts += placed.counts()
        self._in_first += placed.within_first(self._first)
        self._in_last += placed.within_last(self._last)

    def summary(self, ranks: Integers) -> RankDraws:
        """Order statistics and shares; the interval is stretched to hold the unit's own rank."""
        upto = np.add.accumulate(self._counts, axis=1)
        beyond = -(-self._draws // _TAIL) - 1
        best, median, worst = (
            1 + np.count_nonzero(upto <= order, axis=1)
            for order in (beyond, (self._draws - 1) // 2, self._draws - 1 - beyond)
        )
        return RankDraws(
            np.minimum(best, ranks),
            np.maximum(worst, ranks),
            median,
            self._in_first / self._draws,
            self._in_last / self._draws,
        )


class _Normalised(NamedTuple):
    """The block's scores under one normalisation. Luck counts in proportion to how far apart it sets the totals."""

    scores: Floats
    stretch: float


class _Drawn:
    """Scores of the ranked units, draw by draw."""

    def __init__(self, observed: Observed, latent: Latent, seed: int) -> None:
        uncertainty = observed.plan.scheme.uncertainty
        self._observed = observed
        self._latent = latent
        self._factors = _factors(observed.plan, seed)
        self._weights = drawn_weights(observed.plan, self._factors)
        self._ways = [_normalised(observed, latent, method) for method in uncertainty.normalisations]
        if self._ways:
            self._taken = choices(seed, uncertainty.draws, 1, _NORMALISATIONS, [len(self._ways)])[:, 0]

    def scores(self, rows: slice) -> Floats:
        """(rows, units) on the scale. Each draw takes one of the pack's normalisations."""
        if not self._ways:
            return self._under(_Normalised(self._observed.scores, 1.0), rows)
        inside = np.arange(len(self._factors))[rows]
        scores = np.empty((len(inside), len(self._observed.ranked)))
        for number, way in enumerate(self._ways):
            mine = self._taken[inside] == number
            scores[mine] = self._under(way, inside[mine])
        return scores

    def _under(self, way: _Normalised, rows: slice | Integers) -> Floats:
        plan = self._observed.plan
        replaced = [
            Replaced(one.row, one.column, one.scores(way.scores)[rows]) for one in self._latent.imputations
        ]
        roots = drawn_roots(
            plan,
            way.scores[self._observed.ranked],
            self._factors[rows],
            replaced,
            self._observed.beside_ranked,
            self._weights[rows],
        )
        scores = plan.scheme.scale * roots
        return scores + way.stretch * self._latent.luck[rows] if self._latent.noise.any() else scores


def _normalised(observed: Observed, latent: Latent, method: Normalisation) -> _Normalised:
    plan = observed.plan
    figures = arrays_of(observed.cells, len(plan.criteria))
    scores = scores_of(plan, observed.units, figures, observed.targets, method)
    extras = list(plan.extras)
    scores[:, extras] = observed.scores[:, extras]  # no other way to compare units changes these
    own = (
        plan.scheme.scale
        * aggregate(plan, list(scores[observed.ranked].T), beside=observed.beside_ranked)[-1]
    )
    return _Normalised(scores, deviation_of(own) / (deviation_of(latent.raw) or 1.0))


def _factors(plan: Plan, seed: int) -> Floats:
    """(draws, nodes). Each step is done in place: fresh memory costs more than the arithmetic."""
    uncertainty = plan.scheme.uncertainty
    factors = uniforms(seed, uncertainty.draws, len(plan.criteria) + len(plan.groups))
    factors *= 2.0
    factors -= 1.0
    factors *= uncertainty.weights
    factors += 1.0
    return factors
