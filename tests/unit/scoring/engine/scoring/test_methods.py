"""Each scoring method, its edges included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.engine.scoring.methods import (
    capped_ratio,
    count_points,
    goalposts,
    pass_fail,
    target_ratio,
)
from services.scoring.engine.scoring.relative_methods import exceedance, min_max, percentile, z_score

NAN = float("nan")


def test_goalposts_clip_at_both_ends() -> None:
    got = goalposts(np.array([10.0, 20.0, 52.5, 85.0, 90.0]), 20, 85, log_scale=False, direction="higher")
    assert got.tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_goalposts_turn_round_where_lower_is_better() -> None:
    assert goalposts(np.array([25.0]), 0, 100, log_scale=False, direction="lower").tolist() == [0.75]


def test_goalposts_on_a_log_scale_take_what_is_not_positive_as_the_low_end() -> None:
    got = goalposts(
        np.array([-5.0, 0.0, 100.0, 1000.0, 10_000.0]), 100, 10_000, log_scale=True, direction="higher"
    )
    assert got == pytest.approx([0.0, 0.0, 0.0, 0.5, 1.0], abs=1e-15)


def test_min_max_spans_the_reported_figures_only() -> None:
    got = min_max(np.array([10.0, NAN, 30.0, 20.0]), "higher")
    assert np.array_equal(got, [0.0, NAN, 1.0, 0.5], equal_nan=True)
    got = min_max(np.array([10.0, NAN, 30.0, 20.0]), "lower")
    assert np.array_equal(got, [1.0, NAN, 0.0, 0.5], equal_nan=True)


def test_min_max_of_equal_figures_is_half_for_all() -> None:
    assert np.array_equal(min_max(np.array([7.0, NAN, 7.0]), "lower"), [0.5, NAN, 0.5], equal_nan=True)


def test_min_max_of_nothing_is_nothing() -> None:
    assert np.isnan(min_max(np.array([NAN, NAN]), "higher")).all()


def test_target_ratio_is_capped_and_never_negative() -> None:
    assert target_ratio(np.array([-5.0, 0.0, 50.0, 300.0]), 100, 1.2, "higher").tolist() == [
        0.0,
        0.0,
        0.5,
        1.2,
    ]


def test_target_ratio_where_lower_is_better_gives_the_cap_for_nothing() -> None:
    got = target_ratio(np.array([-1.0, 0.0, 1.0, 2.0, 8.0, NAN]), 4, 1.5, "lower")
    assert np.array_equal(got, [1.5, 1.5, 1.5, 1.5, 0.5, NAN], equal_nan=True)


@given(st.floats(-1e18, 1e18), st.floats(-1e18, 1e18))
def test_a_better_figure_never_scores_less(one: float, other: float) -> None:
    worse, better = sorted((one, other))
    figures = np.array([worse, better])
    for rising in (
        goalposts(figures, -10, 1e6, log_scale=False, direction="higher"),
        goalposts(figures, 1, 1e6, log_scale=True, direction="higher"),
        target_ratio(figures, 30, 2, "higher"),
        min_max(figures, "higher"),
        goalposts(figures, -10, 1e6, log_scale=False, direction="lower")[::-1],
        target_ratio(figures, 30, 2, "lower")[::-1],
        min_max(figures, "lower")[::-1],
    ):
        assert rising[0] <= rising[1]


def test_a_capped_ratio_is_full_from_its_threshold_on() -> None:
    shares = np.array([-0.1, 0.0, 0.4, 0.8, 1.0, NAN])
    np.testing.assert_array_equal(capped_ratio(shares, 0.8), [0.0, 0.0, 0.5, 1.0, 1.0, NAN])


def test_a_z_score_puts_the_mean_in_the_middle_and_the_limit_at_the_ends() -> None:
    """Mean 3 and standard deviation 1 (over n - 1); the figure that is not reported has no part in them."""
    x = np.array([2.0, 3.0, 4.0, NAN])
    np.testing.assert_array_equal(z_score(x, 2.0, "higher"), [0.25, 0.5, 0.75, NAN])
    np.testing.assert_array_equal(z_score(x, 0.5, "lower"), [1.0, 0.5, 0.0, NAN])


@pytest.mark.parametrize("x", [[5.0], [5.0, 5.0, 5.0], [0.1, 0.1, 0.1]])
def test_equal_figures_stand_in_the_middle_of_a_z_score(x: list[float]) -> None:
    assert z_score(np.array(x), 3.0, "higher").tolist() == [0.5] * len(x)


def test_a_percentile_is_the_share_of_the_others_that_do_worse() -> None:
    x = np.array([10.0, 30.0, 20.0, 20.0, NAN, 40.0])
    np.testing.assert_array_equal(percentile(x, "higher"), [0.0, 0.75, 0.25, 0.25, NAN, 1.0])
    np.testing.assert_array_equal(percentile(x, "lower"), [1.0, 0.25, 0.5, 0.5, NAN, 0.0])


def test_a_unit_alone_is_at_the_middle_of_its_percentiles() -> None:
    np.testing.assert_array_equal(percentile(np.array([7.0, NAN]), "higher"), [0.5, NAN])
    np.testing.assert_array_equal(percentile(np.array([NAN, NAN]), "higher"), [NAN, NAN])


@pytest.mark.parametrize("compat", [True, False])
def test_exceedance_pays_half_for_the_target_and_all_to_the_one_that_exceeds_it_most(compat: bool) -> None:
    x = np.array([-5.0, 0.0, 50.0, 100.0, 110.0, 140.0, NAN])
    got = exceedance(x, 100.0, "higher", compat=compat)
    np.testing.assert_allclose(got, [0.0, 0.0, 0.25, 0.5, 0.625, 1.0, NAN], rtol=1e-15)


def test_exceedance_without_anybody_above_the_target_stops_at_half() -> None:
    assert exceedance(np.array([100.0, 20.0]), 100.0, "higher", compat=False).tolist() == [0.5, 0.1]


def test_exceedance_turns_round_where_lower_is_better() -> None:
    got = exceedance(np.array([40.0, 20.0, 10.0, 5.0, 0.0]), 20.0, "lower", compat=False)
    np.testing.assert_allclose(got, [0.25, 0.5, 0.75, 0.875, 1.0], rtol=1e-15)


def test_one_outlier_squeezes_all_others_only_under_compat() -> None:
    x = np.array([110.0, 120.0, 130.0, 140.0, 5000.0])
    squeezed, mended = (exceedance(x, 100.0, "higher", compat=compat) for compat in (True, False))
    assert squeezed[3] < 0.51
    np.testing.assert_allclose(mended, [0.5714, 0.6429, 0.7143, 0.7857, 1.0], atol=5e-5)


def test_exceedance_of_a_target_of_zero_compares_with_the_leader() -> None:
    np.testing.assert_array_equal(
        exceedance(np.array([-1.0, 0.0, 5.0, 10.0, NAN]), 0.0, "higher", compat=False),
        [0.0, 0.5, 0.75, 1.0, NAN],
    )
    np.testing.assert_array_equal(
        exceedance(np.array([0.0, 3.0, NAN]), 0.0, "lower", compat=False), [0.5, 0.0, NAN]
    )


def test_pass_fail_is_all_or_nothing_and_the_threshold_passes() -> None:
    x = np.array([69.9, 70.0, 71.0, NAN])
    np.testing.assert_array_equal(pass_fail(x, 70.0, "higher"), [0.0, 1.0, 1.0, NAN])
    np.testing.assert_array_equal(pass_fail(x, 70.0, "lower"), [1.0, 1.0, 0.0, NAN])


def test_points_are_counted_up_to_what_the_criterion_is_worth() -> None:
    n = np.array([-1.0, 0.0, 2.0, 9.0, NAN])
    np.testing.assert_array_equal(count_points(n, 1.5, 6.0), [0.0, 0.0, 0.5, 1.0, NAN])
