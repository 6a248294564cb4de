"""Intervals hold the truth about as often as they say, in blocks whose truth is known: `bench.verdicts` in small."""

import numpy as np
import pytest

from bench.verdicts.blocks import Design, blocks
from services.scoring.engine.numbers.rounding import to_ticks
from services.scoring.engine.scoring.ranks import rank
from services.scoring.engine.uncertainty.draws import draw_ranks
from services.scoring.engine.uncertainty.latent import latent_scores


@pytest.mark.parametrize("design", [Design(30, 2.0, "common", 200), Design(30, 6.0, "separate", 200)])
def test_nine_of_ten_intervals_hold_the_latent_score_and_the_true_rank(design: Design) -> None:
    scores, ranks, raw = [], [], []
    for number, block in enumerate(blocks(design, 40, seed=5)):
        latent = latent_scores(block.observed, number)
        drawn = draw_ranks(block.observed, latent, rank(to_ticks(latent.raw, 2), "min"), number)
        truth = rank(to_ticks(block.latent, 9), "min")
        scores.append((latent.low <= block.latent) & (block.latent <= latent.high))
        ranks.append((drawn.best <= truth) & (truth <= drawn.worst))
        raw.append(np.abs(latent.raw - block.latent).mean() - np.abs(latent.shrunk - block.latent).mean())
    assert 0.86 <= np.mean(scores) <= 0.94
    assert np.mean(ranks) >= 0.9
    assert np.mean(raw) > 0.0  # shrunk scores are nearer to the truth than raw ones


def test_the_noise_of_a_total_is_that_of_its_counts() -> None:
    """Six independent ratios scored as shares: the variances add up."""
    for block in blocks(Design(30, 0.0, "common", 100), 5, seed=6):
        latent = latent_scores(block.observed, 1)
        assert latent.noise == pytest.approx(block.noise, rel=0.05)
