"""Where the model behind the intervals is not what happens: heavy tails, caps, few trials, units placed among others, steps."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from bench.verdicts.blocks import (
    SHARE_OF_ALL,
    Block,
    Design,
    Floats,
    Pattern,
    Scoring,
    block_of,
    latent_rates,
    plan_for,
    trials_of,
)
from bench.verdicts.estimates import Estimate, mean_of
from services.scoring.engine.numbers.rounding import to_ticks
from services.scoring.engine.scoring.aggregate import aggregate
from services.scoring.engine.scoring.ranks import rank
from services.scoring.engine.uncertainty.draws import draw_ranks
from services.scoring.engine.uncertainty.latent import latent_scores
from services.scoring.engine.uncertainty.sampling import scores_at

SPREAD: Final = 5.0
"""Points, where a criterion is scored as its share."""
_PATTERNS: Final[tuple[Pattern, ...]] = ("common", "separate")


class Case(NamedTuple):
    """What is different. `trials` are those of a middling unit; `tails` are degrees of freedom of a t distribution, 0 for the normal one."""

    name: str
    scoring: Scoring = SHARE_OF_ALL
    trials: float = 90.0
    tails: int = 0


CASES: Final = (
    Case("t-distributed latent scores, 3 degrees of freedom", tails=3),
    Case("15 trials in place of 90", trials=15.0),
    Case("capped_ratio, threshold 0.75", {"method": "capped_ratio", "threshold": 0.75}),
    Case("min_max", {"method": "min_max"}),
    Case("z_score", {"method": "z_score"}),
    Case("percentile", {"method": "percentile"}),
    Case("pass_fail, threshold 0.7", {"method": "pass_fail", "threshold": 0.7}),
)


class Held(NamedTuple):
    """How often intervals held the truth in one case, by size of block: shares of units."""

    case: str
    scores: tuple[Estimate, ...]
    ranks: tuple[Estimate, ...]


def measure(sizes: tuple[int, ...], count: int, seed: int = 1) -> Iterator[Held]:
    """Each case over `count` blocks of each size, half of them of each pattern."""
    for case in CASES:
        held = [
            [_held(block, at) for at, block in enumerate(_blocks(case, units, count, seed))]
            for units in sizes
        ]
        scores, ranks = (
            tuple(mean_of([one[part] for one in of_size]) for of_size in held) for part in (0, 1)
        )
        yield Held(case.name, scores, ranks)


def _blocks(case: Case, units: int, count: int, seed: int) -> Iterator[Block]:
    random = np.random.default_rng([seed, units])
    for number in range(count):
        design = Design(units, SPREAD, _PATTERNS[number % 2])
        rates = latent_rates(design, random)
        if case.tails:
            rates = _heavier(rates, case.tails, random)
        trials = trials_of(units, random, case.trials)
        yield block_of(plan_for(design, case.scoring), rates, trials, random)


def _heavier(rates: Floats, tails: int, random: np.random.Generator) -> Floats:
    """Every unit's distance from the block's rates, of which some become much greater; the spread stays."""
    centre = rates.mean(axis=0)
    scale = np.sqrt((tails - 2.0) / random.chisquare(tails, size=(len(rates), 1)))
    return np.asarray(np.clip(centre + (rates - centre) * scale, 0.02, 0.98))


def _held(block: Block, number: int) -> tuple[float, float]:
    """The shares of score and of rank intervals that hold what the units' latent rates are worth in this block."""
    observed, units = block.observed, np.arange(len(block.latent))
    columns = [
        scores_at(observed, column, rates[np.newaxis], units)[0] for column, rates in enumerate(block.rates.T)
    ]
    truth = 100.0 * aggregate(observed.plan, columns)[-1]
    latent = latent_scores(observed, number)
    drawn = draw_ranks(observed, latent, rank(to_ticks(latent.raw, 2), "min"), number)
    true_rank = rank(to_ticks(truth, 9), "min")
    return (
        float(((latent.low <= truth + 1e-9) & (truth - 1e-9 <= latent.high)).mean()),
        float(((drawn.best <= true_rank) & (true_rank <= drawn.worst)).mean()),
    )
