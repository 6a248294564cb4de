"""Before a column is scored: what is missing comes from peers, and outliers are tamed as COINr tames them."""

import numpy as np
import pytest
from scipy import stats

from services.contracts.pack.methods import Treatment
from services.scoring.engine.scoring.treatment import CENTRES, imputed, is_skewed, log_ct, moments, treated

NAN = float("nan")
SPREAD = [float(value) for value in range(1, 21)]
ONE_FAR = np.array([*SPREAD, 200.0])


def test_a_missing_figure_is_the_mean_of_its_peers() -> None:
    x = np.array([1.0, 3.0, NAN, 10.0, NAN])
    wanted = np.isnan(x)
    got = imputed(x, wanted, ["a", "a", "a", "b", "b"], CENTRES["peer_mean"])
    assert got.tolist() == [1.0, 3.0, 2.0, 10.0, 10.0]


def test_units_without_a_label_are_one_anothers_peers() -> None:
    x = np.array([1.0, 2.0, 9.0, NAN, 100.0])
    got = imputed(x, np.isnan(x), [None, None, None, None, "b"], CENTRES["peer_median"])
    assert got[3] == 2.0


def test_without_a_peer_that_reported_nothing_is_put_in() -> None:
    x = np.array([1.0, NAN])
    np.testing.assert_array_equal(imputed(x, np.isnan(x), ["a", "b"], CENTRES["peer_mean"]), x)


def test_only_what_is_overdue_is_put_in() -> None:
    x = np.array([1.0, NAN, NAN])
    got = imputed(x, np.array([False, True, False]), [None] * 3, CENTRES["peer_mean"])
    np.testing.assert_array_equal(got, [1.0, 1.0, NAN])


def test_skewness_and_kurtosis_are_those_of_statistics_packages() -> None:
    figures = ONE_FAR.tolist()
    wanted = stats.skew(ONE_FAR, bias=False), stats.kurtosis(ONE_FAR, bias=False)
    assert moments(figures) == pytest.approx(wanted, rel=1e-12)


def test_one_outlier_is_brought_to_the_next_figure_on_its_own_side() -> None:
    high = treated(ONE_FAR, Treatment(winsorise=5))
    assert high.tolist() == [*SPREAD, 20.0]
    low = treated(np.array([-180.0, *SPREAD]), Treatment(winsorise=5))
    assert low.tolist() == [1.0, *SPREAD]


def test_equal_outliers_move_together_in_one_step() -> None:
    x = np.array([*SPREAD, *SPREAD, 500.0, 500.0])
    assert treated(x, Treatment(winsorise=1)).tolist() == [*SPREAD, *SPREAD, 20.0, 20.0]


def test_what_is_not_skewed_is_left_alone_and_so_is_what_is_not_there() -> None:
    x = np.array([*SPREAD, NAN])
    np.testing.assert_array_equal(treated(x, Treatment(winsorise=5, log=True)), x)


@pytest.mark.parametrize("x", [[], [1.0], [1.0, 1.0, 900.0], [2.0] * 9])
def test_too_few_figures_and_equal_ones_are_never_skewed(x: list[float]) -> None:
    assert not is_skewed(x)
    assert treated(np.array(x), Treatment(winsorise=3, log=True)).tolist() == x


def test_no_more_points_are_moved_than_the_pack_allows_and_then_the_logarithm_of_the_original_is_taken() -> (
    None
):
    x = np.array([*SPREAD, 1e3, 1e4, 1e5])
    assert treated(x, Treatment(winsorise=1))[-3:].tolist() == [1e3, 1e4, 1e4]
    np.testing.assert_array_equal(treated(x, Treatment(winsorise=1, log=True)), log_ct(x))


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_logarithm_keeps_the_order_and_lessens_the_skew_on_either_side(side: float) -> None:
    x = side * np.array([*SPREAD, 1e3, 1e4, 1e5])
    got = log_ct(x)
    assert np.argsort(got).tolist() == np.argsort(x).tolist()
    assert abs(moments(got.tolist())[0]) < abs(moments(x.tolist())[0])
    assert max(got) == pytest.approx(np.log(1.01 * (x.max() - x.min()))) if side > 0 else True


def test_figures_next_to_nothing_apart_are_left_alone() -> None:
    x = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1e-200])
    assert treated(x, Treatment(winsorise=1, log=True)).tolist() == x.tolist()
