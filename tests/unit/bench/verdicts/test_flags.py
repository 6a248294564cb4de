"""The simulations' closed forms are the engine's own figures, and their counts are those of the engine's state machine."""

import numpy as np

from bench.verdicts.blocks import Design, block_of, latent_rates, plan_for, trials_of
from bench.verdicts.flags import counted, false_flags, found
from bench.verdicts.looks import noise_of_means
from services.contracts.pack.flag_rules import EvidenceRule
from services.scoring.engine.uncertainty.sampling import noise_of


def test_the_noise_of_a_mean_is_the_engines() -> None:
    random = np.random.default_rng(3)
    design = Design(12, 2.0, "common")
    trials = trials_of(12, random)
    block = block_of(plan_for(design), latent_rates(design, random), trials, random)
    counts = np.array([[cell.figures[0].amount for cell in row] for row in block.observed.cells])
    own = noise_of_means(counts[..., np.newaxis], trials[..., np.newaxis])[:, 0]
    assert np.allclose(own, np.sqrt(noise_of(block.observed).variance), rtol=1e-12)


def test_a_loose_rule_flags_where_nothing_differs_and_the_recommended_one_hardly_does() -> None:
    loose = counted("8", false_flags(8, 20, EvidenceRule(enter=0.8, margin=0.0)))
    strict = counted("8", false_flags(8, 20, EvidenceRule()))
    assert loose.leaders.value > 0.2
    assert strict.leaders.value < 0.1


def test_a_unit_three_spreads_below_is_found_sooner_than_one_that_is_one_below() -> None:
    near, _, far = found(8, 20, 6.0, EvidenceRule())
    assert np.mean([fifth.value for fifth in far.fifths]) > 0.8
    assert np.mean(far.median_looks) < np.mean(near.median_looks)
