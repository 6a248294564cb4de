"""Logarithm and exponential are right to a few units in the last place, and the same bits everywhere."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.engine.numbers.elementary import exp, log


@given(st.floats(min_value=5e-324, max_value=1e300))
def test_log_is_within_four_units_in_the_last_place(x: float) -> None:
    true = math.log(x)
    assert abs(float(log(np.array(x))) - true) <= 4 * math.ulp(true)


@given(st.floats(min_value=-700, max_value=700))
def test_exp_is_within_four_units_in_the_last_place(x: float) -> None:
    true = math.exp(x)
    assert abs(float(exp(np.array(x))) - true) <= 4 * math.ulp(true)


def test_the_ends_of_the_scale_are_exact() -> None:
    assert log(np.array([1.0, 0.0])).tolist() == [0.0, -math.inf]
    assert np.isnan(log(np.array([-1.0, np.nan]))).all()
    assert exp(np.array([0.0, -math.inf])).tolist() == [1.0, 0.0]


def test_the_bits_are_those_recorded() -> None:
    """They were computed once; another value on any machine is a defect."""
    assert [float(x).hex() for x in log(np.array([2.0, 75_000.0, 0.1]))] == [
        "0x1.62e42fefa39efp-1",
        "0x1.673531a19037ep+3",
        "-0x1.26bb1bbb55515p+1",
    ]
    assert [float(x).hex() for x in exp(np.array([1.0, -0.5, 10.0]))] == [
        "0x1.5bf0a8b14576ap+1",
        "0x1.368b2fc6f960ap-1",
        "0x1.5829dcf950560p+14",
    ]
