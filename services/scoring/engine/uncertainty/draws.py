"""How sure a rank is: the ranking drawn again many times, with everything that could as well be otherwise drawn anew.

Moved are the weights, the luck in the figures (`latent`), what was put in for missing figures, and, where the pack lists several, the way
in which figures are made comparable. Source: Saisana, Saltelli and Tarantola (2005), Uncertainty and sensitivity analysis techniques as
tools for the quality assessment of composite indicators, J. R. Statist. Soc. A 168(2).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from services.contracts.pack.methods import Normalisation
from services.contracts.pack.scheme import Uncertainty
from services.scoring.engine.numbers.arrays import Floats, Integers
from services.scoring.engine.numbers.random_numbers import Uniforms, choices
from services.scoring.engine.numbers.rounding import clear_ticks, whole_ticks
from services.scoring.engine.scoring.aggregate import aggregate
from services.scoring.engine.scoring.ranks import Places, places, top_of
from services.scoring.engine.scoring.roots import Replaced, Roots
from services.scoring.engine.scoring.scores import scores_of
from services.scoring.engine.uncertainty.hierarchy import deviation_of
from services.scoring.engine.uncertainty.latent import Latent
from services.scoring.engine.uncertainty.observed import Observed

Interval = tuple[int, int]

_SLICE_VALUES: Final = 24_576
"""Draws × units computed at a time. Their two arrays of doubles, 400 kB, stay in the processor's cache, and their memory is used again for the next
slice: fresh memory costs more than most of the arithmetic (with 32,768 the allocator gives it back between slices)."""

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
    drawn, tally = _Drawn(observed, latent, seed), _Tally(scheme.uncertainty, len(observed.ranked))
    for rows in _slices(scheme.uncertainty.draws, len(observed.ranked)):
        tally.add(places(drawn.ticks(rows), scheme.ties))
    return tally.summary(ranks)


def _slices(draws: int, units: int) -> Iterator[range]:
    step = max(_SLICE_VALUES // max(units, 1), 1)
    return (range(first, min(first + step, draws)) for first in range(0, draws, step))


class _Tally:
    """How often each unit had each rank, and was among the first and the last."""

    def __init__(self, uncertainty: Uncertainty, units: int) -> None:
        self._draws = uncertainty.draws
        self._top, self._bottom = (top_of(share, units) for share in (uncertainty.top, uncertainty.bottom))
        self._ranks, self._places = np.zeros((2, units, units), dtype=np.int64)
        self._torn = np.zeros(units, dtype=np.int64)

    def add(self, placed: Places) -> None:
        by_place = placed.counts(placed.first)
        self._places += by_place
        self._ranks += by_place if placed.rank is placed.first else placed.counts(placed.rank)
        self._torn += placed.torn(self._top)

    def summary(self, ranks: Integers) -> RankDraws:
        """Order statistics and shares; the interval is stretched to hold the unit's own rank."""
        upto = np.add.accumulate(self._ranks, axis=1)
        beyond = -(-self._draws // _TAIL) - 1
        best, median, worst = (
            1 + np.count_nonzero(upto <= order, axis=1)
            for order in (beyond, (self._draws - 1) // 2, self._draws - 1 - beyond)
        )
        in_first = self._places[:, : self._top].sum(axis=1) - self._torn
        in_last = self._places[:, len(ranks) - self._bottom :].sum(axis=1)
        return RankDraws(
            np.minimum(best, ranks),
            np.maximum(worst, ranks),
            median,
            in_first / self._draws,
            in_last / self._draws,
        )


class _Way(NamedTuple):
    """The block under one normalisation. Luck counts in proportion to how far apart it sets the totals."""

    roots: Roots
    stretch: float


class _Drawn:
    """Scores of the ranked units, draw by draw, in the order of the draws."""

    def __init__(self, observed: Observed, latent: Latent, seed: int) -> None:
        uncertainty = observed.plan.scheme.uncertainty
        self._plan = observed.plan
        self._latent = latent
        self._uniforms = Uniforms(seed)
        ways = uncertainty.normalisations
        self._ways = [_normalised(observed, latent, method) for method in ways] or [
            _as_scored(observed, latent)
        ]
        self._gap = observed.plan.scheme.scale * max(way.roots.gap for way in self._ways)
        if len(self._ways) > 1:
            self._taken = choices(seed, uncertainty.draws, 1, _NORMALISATIONS, [len(self._ways)])[:, 0]

    def ticks(self, draws: range) -> Floats:
        """(draws, units) scores of the next draws in whole ticks.

        The quicker totals, within a gap of those with the same bits on every machine, have the same ticks as these wherever none lies so near a
        half that the gap reaches over it. Where one does, in about two slices of a thousand, all are computed again the other way.
        """
        factors, decimals = self._factors(len(draws)), self._plan.scheme.decimals
        clear = clear_ticks(self._scores(draws, factors, is_near=True), decimals, self._gap)
        return whole_ticks(self._scores(draws, factors), decimals) if clear is None else clear

    def _scores(self, draws: range, factors: Floats, *, is_near: bool = False) -> Floats:
        """(draws, units) on the scale. Each draw takes one of the pack's normalisations."""
        if len(self._ways) == 1:
            return self._under(self._ways[0], slice(draws.start, draws.stop), factors, is_near=is_near)
        inside = np.arange(draws.start, draws.stop)
        scores = np.empty((len(draws), len(self._latent.raw)))
        for number, way in enumerate(self._ways):
            mine = self._taken[inside] == number
            scores[mine] = self._under(way, inside[mine], factors[mine], is_near=is_near)
        return scores

    def _under(self, way: _Way, draws: slice | Integers, factors: Floats, *, is_near: bool) -> Floats:
        scores = way.roots.drawn(factors, draws, is_near=is_near)
        scores *= self._plan.scheme.scale
        return scores + way.stretch * self._latent.luck[draws] if self._latent.noise.any() else scores

    def _factors(self, draws: int) -> Floats:
        """(draws, nodes) of the next draws, those of a node side by side."""
        factors = self._uniforms.take(draws, len(self._plan.criteria) + len(self._plan.groups))
        factors *= 2.0
        factors -= 1.0
        factors *= self._plan.scheme.uncertainty.weights
        factors += 1.0
        return factors


def _as_scored(observed: Observed, latent: Latent) -> _Way:
    """Under what the pack chose."""
    return _Way(_roots(observed, latent, observed.scores), 1.0)


def _normalised(observed: Observed, latent: Latent, method: Normalisation) -> _Way:
    plan = observed.plan
    scores = scores_of(plan, observed.units, observed.cells.arrays(), observed.targets, method)
    extras = list(plan.extras)
    scores[:, extras] = observed.scores[:, extras]  # no other way to compare units changes these
    own = (
        plan.scheme.scale
        * aggregate(plan, list(scores[observed.ranked].T), beside=observed.beside_ranked)[-1]
    )
    return _Way(_roots(observed, latent, scores), deviation_of(own) / (deviation_of(latent.raw) or 1.0))


def _roots(observed: Observed, latent: Latent, scores: Floats) -> Roots:
    replaced = [Replaced(one.row, one.column, one.scores(scores)) for one in latent.imputations]
    return Roots(observed.plan, scores[observed.ranked], replaced, observed.beside_ranked)
