"""Intervals, limits and rank sets beyond the published tables: what must hold for any input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.engine.uncertainty.funnel import (
    binomial_limits,
    dispersion_of,
    normal_limits,
    poisson_limits,
    poisson_limits_interpolated,
    proportion_scores,
)
from services.scoring.engine.uncertainty.james_stein import stein_means
from services.scoring.engine.uncertainty.joint_ranks import joint_intervals, joint_rank_ranges
from services.scoring.engine.uncertainty.overlap import confidence_of, overlap_multiplier
from services.scoring.engine.uncertainty.rank_sets import (
    best_units,
    marginal_rank_sets,
    simultaneous_rank_sets,
)
from services.scoring.engine.uncertainty.shrinkage import likelihood_fit, moment_fit, shrunk_rates
from services.scoring.engine.uncertainty.wilson import wilson_interval


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.5, 0.999))
def test_wilsons_interval_holds_the_rate_and_turns_round_with_it(
    passed: int, failed: int, coverage: float
) -> None:
    if passed + failed == 0:
        return
    low, high = wilson_interval(passed, passed + failed, coverage)
    other = wilson_interval(failed, passed + failed, coverage)
    assert (
        0.0 <= low <= passed / (passed + failed) + 1e-12 and passed / (passed + failed) - 1e-12 <= high <= 1.0
    )
    assert (low, high) == pytest.approx((1.0 - other[1], 1.0 - other[0]), abs=1e-12)


@pytest.mark.parametrize("coverage", [0.95, 0.998])
def test_limits_close_in_on_the_target_as_units_grow(coverage: float) -> None:
    widths = [high - low for low, high in (binomial_limits(0.8, n, coverage) for n in (10, 100, 1000))]
    assert widths == sorted(widths, reverse=True)
    exact, normal = binomial_limits(0.8, 10_000, coverage), normal_limits(0.8, 10_000, coverage)
    assert exact == pytest.approx(normal, abs=2e-4)
    between = zip(
        poisson_limits(40_000.0, coverage), poisson_limits_interpolated(40_000.0, coverage), strict=True
    )
    assert all(one == pytest.approx(other, abs=5e-4) for one, other in between)


def test_units_that_truly_differ_widen_the_limits_and_one_outlier_does_not() -> None:
    random = np.random.default_rng(8)
    trials = np.full(200, 400.0)
    alike = random.binomial(400, 0.7, 200).astype(float)
    apart = random.binomial(400, np.clip(random.normal(0.7, 0.05, 200), 0, 1)).astype(float)
    by_luck, by_truth = (dispersion_of(*proportion_scores(x, trials)) for x in (alike, apart))
    assert by_luck.factor < 1.2 and by_luck.between < 0.0001
    assert math.sqrt(by_truth.between) == pytest.approx(0.05 * 0.85, rel=0.2)
    spoilt = alike.copy()
    spoilt[0] = 0.0
    assert dispersion_of(*proportion_scores(spoilt, trials)).factor < 1.3
    narrow, wide = normal_limits(0.7, 400, 0.998), normal_limits(0.7, 400, 0.998, by_truth)
    assert wide[0] < narrow[0] < 0.7 < narrow[1] < wide[1]
    assert dispersion_of(*proportion_scores(apart, trials), ends="truncate").factor < by_truth.factor


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 20)), min_size=2, max_size=7))
def test_rank_sets_hold_the_observed_rank_and_all_at_once_are_no_narrower(
    rows: list[tuple[int, int]],
) -> None:
    estimates = np.array([float(value) for value, _ in rows])
    errors = np.array([float(error) for _, error in rows])
    low, high = simultaneous_rank_sets(estimates, errors, draws=500)
    one_low, one_high = marginal_rank_sets(estimates, errors, draws=500)
    best = np.array([1 + np.count_nonzero(estimates > own) for own in estimates])
    worst = np.array([np.count_nonzero(estimates >= own) for own in estimates])
    assert (low <= best).all() and (worst <= high).all()
    assert (one_low <= best).all() and (worst <= one_high).all()
    assert best_units(estimates, errors, len(rows), draws=500).all()
    assert (one_high - one_low).sum() <= (high - low).sum() + 2


def test_clear_differences_leave_no_doubt_and_none_leave_all() -> None:
    far, near = np.array([30.0, 20.0, 10.0]), np.array([1.0, 1.0, 1.0])
    assert [ends.tolist() for ends in simultaneous_rank_sets(far, near)] == [[1, 2, 3], [1, 2, 3]]
    assert [ends.tolist() for ends in simultaneous_rank_sets(near, near)] == [[1, 1, 1], [3, 3, 3]]
    assert best_units(far, near, tau=1).tolist() == [True, False, False]
    low, high = joint_intervals(far, near, 0.9)
    assert [ends.tolist() for ends in joint_rank_ranges(low, high)] == [[1, 2, 3], [1, 2, 3]]
    wide, narrow = joint_intervals(far, near, 0.9), joint_intervals(far, near, 0.9, "independent")
    assert (wide[0] < narrow[0]).all() and (narrow[1] < wide[1]).all()


def test_intervals_that_touch_do_not_overlap() -> None:
    low, high = np.array([0.0, 1.0, 5.0]), np.array([1.0, 2.0, 6.0])
    assert [ends.tolist() for ends in joint_rank_ranges(low, high, highest_first=False)] == [
        [1, 2, 3],
        [1, 2, 3],
    ]


def test_equal_errors_need_less_than_two_standard_errors() -> None:
    assert overlap_multiplier(np.ones(9), 0.05) == pytest.approx(1.3859, abs=1e-4)
    assert confidence_of(1.959964) == pytest.approx(0.95, abs=1e-6)


@given(st.lists(st.floats(-100, 100), min_size=4, max_size=20))
def test_a_stein_mean_lies_between_its_value_and_the_mean(values: list[float]) -> None:
    x = np.array(values)
    shrunk, centre = stein_means(x, 4.0), x.mean()
    between = np.minimum(x, centre) - 1e-9 <= shrunk, shrunk <= np.maximum(x, centre) + 1e-9
    assert between[0].all() and between[1].all()


def test_both_fits_find_the_spread_that_made_the_rates() -> None:
    random = np.random.default_rng(2)
    trials = random.integers(20, 400, 600).astype(float)
    successes = random.binomial(trials.astype(int), random.beta(30, 10, 600)).astype(float)
    for fitted in (moment_fit(successes, trials), likelihood_fit(successes, trials)):
        assert fitted.mean == pytest.approx(0.75, abs=0.01)
        assert fitted.precision == pytest.approx(40, rel=0.2)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=9))
def test_a_shrunk_rate_lies_between_its_own_and_the_blocks_and_is_never_0_or_1(
    rows: list[tuple[int, int]],
) -> None:
    counted = [(float(x), float(x + rest)) for x, rest in rows if x + rest]
    if not counted:
        return
    x, n = (np.array(column) for column in zip(*counted, strict=True))
    prior = moment_fit(x, n)
    shrunk = shrunk_rates(x, n, prior)
    assert (np.minimum(x / n, prior.mean) <= shrunk + 1e-12).all()
    assert (shrunk <= np.maximum(x / n, prior.mean) + 1e-12).all()
    assert ((shrunk > 0.0) & (shrunk < 1.0)).all()
