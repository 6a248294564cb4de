"""Latent scores: what units' scores would be without the luck in their figures, with the weights as the pack gives them.

What leads and lags is to be judged on these: a raw score of a small unit is mostly luck. See `docs/verdicts.md` for what is known of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.scoring.engine.numbers.arrays import Floats
from services.scoring.engine.numbers.sums import down
from services.scoring.engine.scoring.roots import Replaced, Roots
from services.scoring.engine.uncertainty.hierarchy import posterior_of
from services.scoring.engine.uncertainty.imputations import Imputation, imputations_of
from services.scoring.engine.uncertainty.observed import Observed
from services.scoring.engine.uncertainty.sampling import noise_of

_STREAM: Final = 1
"""Of the random numbers: 0 moves weights."""

_TAIL: Final = 20
"""One draw in 20 lies beyond each end of a 90 % interval."""


@dataclass(frozen=True, slots=True)
class Latent:
    """The ranked units of a block, in the order of `Assessment.ranked`. All on the scheme's scale and unrounded.

    Where no criterion has sampling error, `shrunk` is `raw` and every `sd` and `noise` is 0.
    """

    raw: Floats
    """(units,) the score as observed."""
    noise: Floats
    """(units,) standard deviation of the sampling error of `raw`, about the latent score."""
    shrunk: Floats
    """(units,) the posterior mean of the latent score: `raw` drawn towards the block, the more so the greater its noise."""
    sd: Floats
    """(units,) the posterior standard deviation."""
    low: Floats
    """(units,) where the 90 % interval of the latent score begins, and `high`, where it ends."""
    high: Floats
    luck: Floats
    """(draws, units) what sampling error is to be taken off an observed score, as something to add."""
    draws: Floats
    """(draws, units) latent scores, drawn together: what is true of a draw is possible of the block."""
    centre: float
    """The mean of the latent scores' distribution, and `spread`, its standard deviation: how much units truly differ."""
    spread: float
    imputations: tuple[Imputation, ...]
    """The figures that were put in, with what else could have been."""
    rates: Floats
    """(units, criteria) each ratio of counts, shrunk towards the block's rate; nan for other criteria."""


def latent_scores(observed: Observed, seed: int) -> Latent:
    """Latent scores of the ranked units."""
    plan, rows = observed.plan, observed.ranked
    scale, draws = plan.scheme.scale, plan.scheme.uncertainty.draws
    raw = scale * observed.root[rows]
    noise = noise_of(observed)
    posterior = posterior_of(raw - scale * noise.bias, scale * scale * noise.variance)
    shrunk, sd = posterior.moments()
    luck = guessed = _nothing(draws, len(rows))
    if noise.variance.any():
        luck = posterior.draw(seed, draws, _STREAM)
        luck -= raw
    imputations = imputations_of(observed, seed)
    if imputations:
        guessed = _guessed(observed, imputations)
    is_certain = luck is guessed
    latents = np.broadcast_to(raw, luck.shape) if is_certain else raw + luck + guessed
    low, high = (raw, raw) if is_certain else interval_of(latents)
    return Latent(
        raw=raw,
        noise=scale * np.sqrt(noise.variance),
        shrunk=shrunk,
        sd=sd if not imputations else np.sqrt(sd * sd + down(guessed * guessed) / draws),
        low=low,
        high=high,
        luck=luck,
        draws=latents,
        centre=posterior.centre,
        spread=posterior.spread,
        rates=noise.rates,
        imputations=tuple(imputations),
    )


def _guessed(observed: Observed, imputations: Sequence[Imputation]) -> Floats:
    """(draws, units) by how much scores change with what is put in for missing figures, the weights as they are."""
    plan, rows = observed.plan, observed.ranked
    shape = plan.scheme.uncertainty.draws, len(rows)
    replaced = [Replaced(one.row, one.column, one.scores(observed.scores)) for one in imputations]
    weights = np.ones((shape[0], len(plan.criteria) + len(plan.groups)))
    roots = Roots(plan, observed.scores[rows], replaced, observed.beside_ranked).drawn(weights)
    moved = sorted({one.row for one in imputations})
    guessed = np.zeros(shape)
    guessed[:, moved] = plan.scheme.scale * (roots - observed.root[rows])[:, moved]
    return guessed


def _nothing(draws: int, units: int) -> Floats:
    return np.broadcast_to(np.zeros(1), (draws, units))


def interval_of(draws: Floats) -> tuple[Floats, Floats]:
    """The ends of the 90 % intervals of (draws, units): order statistics, so that no value is made up between two draws."""
    last = len(draws) - 1
    beyond = -(-len(draws) // _TAIL) - 1
    ends = np.partition(draws, (beyond, last - beyond), axis=0)
    return ends[beyond], ends[last - beyond]
