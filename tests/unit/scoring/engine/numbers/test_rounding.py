"""Scores round as decimals do, and mean the same on every machine."""

from decimal import ROUND_HALF_EVEN, Decimal
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.engine.numbers.rounding import (
    clear_ticks,
    from_ticks,
    median_ticks,
    significant,
    to_ticks,
)


@pytest.mark.parametrize(
    ("value", "ticks"),
    [
        (0.125, 12),  # exact in binary: to even
        (0.135, 14),
        (0.285, 28),  # 0.284999... in binary, a half in decimal
        (1.005, 100),
        (0.1 + 0.2 - 0.175, 12),  # 0.12500000000000003
        (-0.125, -12),
        (0.0, 0),
        (99.994999, 9999),
    ],
)
def test_a_half_in_decimal_rounds_to_even(value: float, ticks: int) -> None:
    assert to_ticks(np.array([value]), 2).tolist() == [ticks]


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_every_decimal_rounds_as_decimal_arithmetic_does(thousandths: int, decimals: int) -> None:
    exact = Decimal(thousandths) / 1000
    wanted = int((exact * 10**decimals).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    assert to_ticks(np.array([float(exact)]), decimals).tolist() == [wanted]


@given(st.lists(st.floats(-100, 100), max_size=5), st.integers(0, 3), st.sampled_from([0.0, 1e-9, 0.004]))
def test_ticks_are_clear_where_no_value_within_the_gap_has_others(
    values: list[float], decimals: int, gap: float
) -> None:
    clear = clear_ticks(np.array(values), decimals, gap)
    if clear is not None:
        for moved in (-gap, 0.0, gap):
            assert (to_ticks(np.array(values) + moved, decimals) == clear).all()


@pytest.mark.parametrize(("value", "gap"), [(0.285, 0.0), (0.2851, 2e-4), (0.2849, 2e-4)])
def test_ticks_by_a_half_are_not_clear(value: float, gap: float) -> None:
    assert clear_ticks(np.array([0.1, value]), 2, gap) is None
    assert clear_ticks(np.array([0.1, 0.287]), 2, gap) is not None


@given(st.integers(-(10**12), 10**12), st.integers(0, 9))
def test_ticks_print_as_their_decimal(ticks: int, decimals: int) -> None:
    assert Decimal(repr(from_ticks(ticks, decimals))) == Decimal(ticks).scaleb(-decimals)


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_the_median_is_whole(ticks: list[int]) -> None:
    assert median_ticks(ticks) == round(median(ticks))


def test_significant_digits_leave_no_noise_and_no_negative_zero() -> None:
    assert significant(0.1 + 0.2) == 0.3
    assert repr(significant(-0.0)) == "0.0"
    assert significant(123456789.123456789) == 123456789.123
