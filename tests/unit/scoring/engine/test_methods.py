"""Each scoring method, its edges included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.engine.methods import goalposts, min_max, target_ratio

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
