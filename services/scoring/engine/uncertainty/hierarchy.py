"""A block of uncertain totals: each is its unit's latent total plus an error of known variance; latent totals vary about the block's centre.

The normal model of Morris (1983, J. Am. Stat. Assoc. 78(381)): y ~ N(θ, V), θ ~ N(μ, A), nothing assumed about μ. How much units truly
vary, A, is not put in as one estimate, which makes intervals of small blocks too short, but as all values that the block allows.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.scoring.engine.numbers.arrays import Floats
from services.scoring.engine.numbers.elementary import exp, log
from services.scoring.engine.numbers.random_numbers import normals
from services.scoring.engine.numbers.sums import down, running

_LEAST_UNITS: Final = 4
"""With fewer, the spread of a block cannot be told: nothing is shrunk."""

_NODES: Final = 64
_REACH: Final = 4.0
"""The grid of √A ends at so many standard deviations of the totals."""

_LARGE: Final = 0.5
"""The prior of √A is (√A)^½: between flat in √A, whose intervals come out short in large blocks, and flat in A, whose come out long in
small ones. Chosen by `bench.verdicts`: 90 % intervals then cover 89 to 94 % for blocks of 8 to 69 and signals from weak to strong."""

_CUT_DECIMALS: Final = 12
"""Cumulative weights are rounded before they pick a spread for a draw."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known of the latent totals, on a grid of spreads: `weights` (grid,) add up to 1, the others are (grid,) or (grid, units)."""

    weights: Floats
    spreads: Floats
    """√A."""
    centres: Floats
    centre_variances: Floats
    kept: Floats
    """A / (A + V): the part of a deviation from the centre that is kept."""
    totals: Floats
    """y (units,)."""
    variances: Floats
    """V (units,)."""

    @property
    def centre(self) -> float:
        return float(down(self.weights * self.centres))

    @property
    def spread(self) -> float:
        return float(down(self.weights * self.spreads))

    def moments(self) -> tuple[Floats, Floats]:
        """(mean, standard deviation) of each latent total."""
        about = self.centres[:, np.newaxis]
        means = about + self.kept * (self.totals - about)
        lost = 1.0 - self.kept
        within = self.variances * self.kept + lost * lost * self.centre_variances[:, np.newaxis]
        weights = self.weights[:, np.newaxis]
        mean = down(weights * means)
        return mean, np.sqrt(down(weights * (within + (means - mean) * (means - mean))))

    def draw(self, seed: int, draws: int, stream: int) -> Floats:
        """(draws, units) latent totals. Spreads are not drawn but shared out over the draws in proportion to their weights."""
        cuts = np.round(running(self.weights), _CUT_DECIMALS)
        at = np.searchsorted(cuts, (np.arange(draws) + 0.5) / draws).clip(0, len(cuts) - 1)
        normal = normals(seed, draws, len(self.totals) + 1, stream)
        centres = (self.centres + 0.0)[at] + normal[:, -1] * np.sqrt(self.centre_variances)[at]
        kept = self.kept[at]
        deviations = self.variances * kept
        np.sqrt(deviations, out=deviations)
        deviations *= normal[:, :-1]
        drawn = self.totals - centres[:, np.newaxis]
        drawn *= kept  # in place: fresh memory for a thousand draws costs more than the arithmetic
        drawn += centres[:, np.newaxis]
        drawn += deviations
        return np.asarray(drawn)


def posterior_of(totals: Floats, variances: Floats) -> Posterior:
    """The posterior of (units,) totals whose errors have those variances; a total without error is its own latent total."""
    deviation = deviation_of(totals)
    if len(totals) < _LEAST_UNITS or deviation == 0.0 or not (variances > 0).any():
        return _unshrunk(totals, variances, deviation)
    spreads = (np.arange(_NODES) + 0.5) / _NODES * (_REACH * deviation)
    between = (spreads * spreads)[:, np.newaxis]
    precision = 1.0 / (variances + between)
    weight = down(precision.T)
    centres = down((precision * totals).T) / weight
    misfit = totals - centres[:, np.newaxis]
    scatter = down((precision * misfit * misfit).T)
    likelihood = 0.5 * (down(log(precision).T) - log(weight) - scatter) + _LARGE * log(spreads)
    weights = exp(likelihood - likelihood.max())
    weights = weights / down(weights)
    return Posterior(weights, spreads, centres, 1.0 / weight, between * precision, totals, variances)


def _unshrunk(totals: Floats, variances: Floats, deviation: float) -> Posterior:
    one = np.ones(1)
    mean = math.fsum(totals.tolist()) / max(len(totals), 1)
    centre, spread = np.full(1, mean), np.full(1, deviation)
    return Posterior(one, spread, centre, np.zeros(1), np.ones((1, len(totals))), totals, variances)


def deviation_of(totals: Floats) -> float:
    """The standard deviation over n - 1; 0 for fewer than two."""
    if len(totals) < 2:
        return 0.0
    mean = math.fsum(totals.tolist()) / len(totals)
    return math.sqrt(math.fsum(((totals - mean) ** 2).tolist()) / (len(totals) - 1))
