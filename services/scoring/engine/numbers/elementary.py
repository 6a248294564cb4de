"""Logarithm and exponential that give the same bits on every machine.

The functions of libm and of numpy's vector loops differ by a unit in the last place between processors and versions. These are built
from additions, multiplications, divisions and exact scaling only, which IEEE 754 defines to the bit; they are within four units in the
last place of the true value.
"""

import math
from typing import Final

import numpy as np

from services.scoring.engine.numbers.arrays import Floats

_LN2_HIGH: Final = math.ldexp(2977044471, -32)
"""ln 2 cut to 32 bits, so that its product with an exponent is exact; the rest, to double precision, is `_LN2_LOW`."""
_LN2_LOW: Final = 1.9082149292705877e-10
_LN2: Final = 0.6931471805599453

_LOG_TERMS: Final = 11
"""|s| ≤ 0.1716 for a mantissa in [√½, √2], and s^23 / 23 is below 2^-60."""
_EXP_TERMS: Final = 14
"""|r| ≤ ln 2 / 2, and r^15 / 15! is below 2^-60."""


def log(x: Floats) -> Floats:
    """Natural logarithm; -inf for 0, nan below 0.

    With x = m·2^e and s = (m - 1) / (m + 1): ln x = e·ln 2 + 2(s + s³/3 + s⁵/5 + ...).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
        small = mantissa < math.sqrt(0.5)
        mantissa = np.where(small, 2.0 * mantissa, mantissa)
        power = np.where(small, exponent - 1, exponent).astype(np.float64)
        s = (mantissa - 1.0) / (mantissa + 1.0)
        square = s * s
        series = np.full_like(s, 1.0 / (2 * _LOG_TERMS + 1))
        for term in range(_LOG_TERMS - 1, -1, -1):
            series = series * square + 1.0 / (2 * term + 1)
        result = power * _LN2_HIGH + (power * _LN2_LOW + 2.0 * s * series)
        return np.where(x > 0, result, np.where(x == 0, -np.inf, np.nan))


def exp(x: Floats) -> Floats:
    """Exponential of finite values and of -inf (0).

    With x = k·ln 2 + r and |r| ≤ ln 2 / 2: e^x = 2^k·(1 + r + r²/2! + ...).
    """
    finite = np.maximum(np.asarray(x, dtype=np.float64), -800.0)
    k = np.rint(finite * (1.0 / _LN2))
    r = (finite - k * _LN2_HIGH) - k * _LN2_LOW
    series = np.ones_like(r)
    for term in range(_EXP_TERMS, 0, -1):
        series = series * (r * (1.0 / term)) + 1.0
    return np.ldexp(series, k.astype(np.int32))
