"""How often the engine's 90 % intervals hold the truth, and how wide they are against those of an oracle.

The oracle sees the same figures and knows what the engine has to estimate: the block's centre, how much its units differ, and the noise
of each. Its intervals are as narrow as any that hold the truth as often.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from bench.verdicts.blocks import Block, Design, Floats, blocks
from bench.verdicts.estimates import Estimate, mean_of, ratio_of
from services.scoring.engine.numbers.rounding import to_ticks
from services.scoring.engine.scoring.ranks import rank
from services.scoring.engine.uncertainty.draws import draw_ranks
from services.scoring.engine.uncertainty.latent import Latent, interval_of, latent_scores

SIZES: Final = (8, 30, 69)
SPREADS: Final = (2.0, 6.0)
"""Points of 100. The median unit's score has a noise of about 1.9 points, a small unit's 5."""

SCORES_COVER: Final = (0.88, 0.92)
RANKS_COVER: Final = 0.90
MOST_WIDTH: Final = 1.2
"""The bars of issue 5, for all designs together."""

_CENTRE: Final = 70.0
_FIFTHS: Final = 5


class Outcome(NamedTuple):
    """One block: shares of units, and sums over them."""

    scores_hold: float
    score_width: float
    oracle_score_width: float
    ranks_hold: float
    rank_width: float
    oracle_rank_width: float
    by_fifth: tuple[float, ...]
    """The share of score intervals that hold, from the fifth of the smallest units to that of the largest; nan in blocks under 30."""


class Measured(NamedTuple):
    """A design, or all of them, and what came out."""

    name: str
    scores: Estimate
    score_width: Estimate
    ranks: Estimate
    rank_width: Estimate
    fifths: tuple[Estimate, ...]


def designs() -> Iterator[Design]:
    """Sizes, spreads and patterns, each with each."""
    for units in SIZES:
        for spread in SPREADS:
            yield Design(units, spread, "common")
            yield Design(units, spread, "separate")


def measure(count: int, seed: int = 1) -> list[Measured]:
    """Each design over `count` blocks, then all of them together; every block counts the same."""
    measured, everything = [], []
    for design in designs():
        outcomes = [_outcome(design, block, at) for at, block in enumerate(blocks(design, count, seed))]
        everything += outcomes
        measured.append(
            _measured(f"{design.units} units, {design.spread:g} points, {design.pattern}", outcomes)
        )
    return [*measured, _measured("all", everything)]


def null(count: int, seed: int = 1) -> list[Measured]:
    """Blocks whose units do not differ: intervals there hold the truth more often than they say."""
    return [
        _measured(
            f"{units} units, no difference",
            [_outcome(design, block, at) for at, block in enumerate(blocks(design, count, seed))],
        )
        for units in SIZES
        for design in [Design(units, 0.0, "common")]
    ]


def misses(measured: Measured) -> list[str]:
    """What misses its bar."""
    low, high = SCORES_COVER
    found = []
    if not low <= measured.scores.value <= high:
        found.append(f"score intervals hold {measured.scores.value:.1%}, not {low:.0%} to {high:.0%}")
    if measured.ranks.value < RANKS_COVER:
        found.append(f"rank intervals hold {measured.ranks.value:.1%}, less than {RANKS_COVER:.0%}")
    if measured.rank_width.value > MOST_WIDTH:
        found.append(
            f"rank intervals are {measured.rank_width.value:.2f} times the oracle's, over {MOST_WIDTH:g}"
        )
    return found


def _outcome(design: Design, block: Block, number: int) -> Outcome:
    latent = latent_scores(block.observed, number)
    ticks = to_ticks(latent.raw, 2)
    drawn = draw_ranks(block.observed, latent, rank(ticks, "min"), number)
    truth = rank(to_ticks(block.latent, 9), "min")
    holds = (latent.low <= block.latent) & (block.latent <= latent.high)
    oracle, oracle_ranks = _oracle(design, block, latent, number)
    return Outcome(
        float(holds.mean()),
        float((latent.high - latent.low).sum()),
        float((oracle[1] - oracle[0]).sum()),
        float(((drawn.best <= truth) & (truth <= drawn.worst)).mean()),
        float((drawn.worst - drawn.best).sum()),
        float((oracle_ranks[1] - oracle_ranks[0]).sum()),
        _by_fifth(block.trials, holds.astype(np.float64)),
    )


def _oracle(
    design: Design, block: Block, latent: Latent, number: int
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """The ends of its 90 % intervals of scores and of ranks."""
    between, noise = design.spread**2, block.noise**2
    kept = between / (between + noise)
    random = np.random.default_rng([number, design.units])
    normal = random.normal(size=(design.draws, design.units))
    draws = _CENTRE + kept * (latent.raw - _CENTRE) + normal * np.sqrt(noise * kept)
    low, high = interval_of(rank(to_ticks(draws, 9), "min").astype(np.float64))
    return interval_of(draws), (low, high)


def _by_fifth(trials: Floats, holds: Floats) -> tuple[float, ...]:
    if len(holds) < SIZES[1]:
        return ()
    order = np.argsort((1.0 / trials).sum(axis=1))[::-1]
    return tuple(float(holds[part].mean()) for part in np.array_split(order, _FIFTHS))


def _measured(name: str, outcomes: list[Outcome]) -> Measured:
    fifths = [outcome.by_fifth for outcome in outcomes if outcome.by_fifth]
    can_compare = any(outcome.oracle_rank_width for outcome in outcomes)
    return Measured(
        name,
        mean_of([outcome.scores_hold for outcome in outcomes]),
        _ratio([o.score_width for o in outcomes], [o.oracle_score_width for o in outcomes]),
        mean_of([outcome.ranks_hold for outcome in outcomes]),
        _ratio([o.rank_width for o in outcomes], [o.oracle_rank_width for o in outcomes])
        if can_compare
        else Estimate(np.nan, np.nan, np.nan),
        tuple(mean_of(fifth) for fifth in zip(*fifths, strict=True)),
    )


def _ratio(above: list[float], below: list[float]) -> Estimate:
    return ratio_of(above, below) if any(below) else Estimate(np.nan, np.nan, np.nan)
