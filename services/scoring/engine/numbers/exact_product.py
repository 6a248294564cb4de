"""A matrix product with the same bits on every machine, at the speed of BLAS.

BLAS adds in an order of its own, and with fused steps, so its sums differ between machines. Sums of whole numbers below 2^53 have no
rounding, whatever the order: so each matrix is cut into two of whole numbers, high and low halves of its digits, and these are multiplied.
Source: Ozaki, Ogita, Oishi and Rump (2012), Error-free transformations of matrix multiplication, Numer. Algorithms 59.
"""

import math
from typing import Final

import numpy as np

from services.scoring.engine.numbers.arrays import Floats

_LEAST_EXPONENT: Final = -100
"""Entries below 2^-100 are nothing beside any score."""

_UNTHREADED: Final = 2**18
"""Multiplications up to which OpenBLAS stays on one thread."""


def exact_product(left: Floats, right: Floats) -> Floats:
    """`left` (m, k) @ `right` (k, n), both finite; the error is at most k² × 2^-49 of the greatest entries' product (k = 30: 2e-12, and
    mostly a hundredth of that).

    high·high, and high·low + low·high as one product twice as deep, are sums of whole numbers below 2^53; low·low is left out. What is done
    besides is one multiplication or addition for each entry, which IEEE 754 defines to the bit.
    """
    digits = (53 - math.ceil(math.log2(max(2 * left.shape[1], 2)))) // 2
    (high, low, size), (below_high, below_low, below_size) = _halves(left, digits), _halves(right, digits)
    crossed = _product(np.concatenate([high, low], axis=1), np.concatenate([below_low, below_high]))
    crossed *= 2.0**-digits
    crossed += _product(high, below_high)
    crossed *= size * below_size
    return crossed


def _product(left: Floats, right: Floats) -> Floats:
    """`left @ right`, so many rows at a time that BLAS starts no threads: on a busy machine they wait for one another."""
    rows = max(_UNTHREADED // max(right.size, 1), 1)
    product = np.empty((len(left), right.shape[1]))
    for first in range(0, len(left), rows):
        np.matmul(left[first : first + rows], right, out=product[first : first + rows])
    return product


def _halves(matrix: Floats, digits: int) -> tuple[Floats, Floats, float]:
    """(high, low, size): matrix ≈ (high + low / 2^digits) × size, with whole numbers of at most `digits` binary digits."""
    greatest = max(float(matrix.max(initial=0.0)), -float(matrix.min(initial=0.0)))
    exponent = max(math.frexp(greatest)[1], _LEAST_EXPONENT)
    low = matrix * 2.0 ** (digits - exponent)
    high = np.rint(low)
    low -= high
    low *= 2.0**digits
    return high, np.rint(low, out=low), 2.0 ** (exponent - digits)
