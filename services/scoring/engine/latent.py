"""Latent scores: what units' scores would be without the luck in their figures, with the weights as the pack gives them.

What leads and lags is to be judged on these: a raw score of a small unit is mostly luck. See `docs/verdicts.md` for what is known of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from services.scoring.engine.arrays import Floats
from services.scoring.engine.cells import Cell
from services.scoring.engine.hierarchy import posterior_of
from services.scoring.engine.plan import Plan
from services.scoring.engine.planned import NO_PATHS, Targets
from services.scoring.engine.sampling import counts_of, noise_of

STREAM: Final = 1
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
    """(draws, units) what is to be added to an observed score to get a latent one; (units,) of zeros where there is no luck."""
    draws: Floats
    """(draws, units) latent scores, drawn together: what is true of a draw is possible of the block."""
    centre: float
    """The mean of the latent scores' distribution, and `spread`, its standard deviation: how much units truly differ."""
    spread: float
    rates: Floats
    """(units, criteria) each ratio of counts, shrunk towards the block's rate; nan for other criteria."""


def latent_scores(
    plan: Plan,
    scores: Floats,
    root: Floats,
    cells: Sequence[Sequence[Cell]],
    seed: int,
    targets: Targets = NO_PATHS,
) -> Latent:
    """Latent scores of the units that are ranked: `scores` (units, criteria) and `root` (units,) in 0..1, and `cells`, are theirs."""
    uncertainty = plan.scheme.uncertainty
    scale = plan.scheme.scale
    raw = scale * root
    noise = noise_of(plan, scores, counts_of(plan, cells), targets)
    posterior = posterior_of(raw - scale * noise.bias, scale * scale * noise.variance)
    shrunk, sd = posterior.moments()
    draws = (
        posterior.draw(seed, uncertainty.draws, STREAM)
        if noise.variance.any()
        else np.tile(raw, (uncertainty.draws, 1))
    )
    low, high = interval_of(draws)
    return Latent(
        raw=raw,
        noise=scale * np.sqrt(noise.variance),
        shrunk=shrunk,
        sd=sd,
        low=low,
        high=high,
        luck=draws - raw,
        draws=draws,
        centre=posterior.centre,
        spread=posterior.spread,
        rates=noise.rates,
    )


def interval_of(draws: Floats) -> tuple[Floats, Floats]:
    """The ends of the 90 % intervals of (draws, units): order statistics, so that no value is made up between two draws."""
    last = len(draws) - 1
    beyond = -(-len(draws) // _TAIL) - 1
    ends = np.partition(draws, (beyond, last - beyond), axis=0)
    return ends[beyond], ends[last - beyond]
