"""A matrix product with the same bits on every machine, at the speed of BLAS; and the plain one, with a bound on how far the two are apart.

BLAS adds in an order of its own, and with fused steps, so its sums differ between machines. Sums of multiples of one step have no rounding while
they are below 2^53 of it, whatever the order: so each matrix is cut into two such, high and low halves of its digits, and these are multiplied.
Source: Ozaki, Ogita, Oishi and Rump (2012), Error-free transformations of matrix multiplication, Numer. Algorithms 59.
"""

import math
from functools import cached_property
from typing import Final

import numpy as np

from services.scoring.engine.numbers.arrays import Floats

_LEAST_EXPONENT: Final = -100
"""Entries below 2^-100 are nothing beside any score."""

_ROUNDING: Final = 1.5 * 2.0**52
"""Times a step: what is added to this keeps whole steps, the nearest ones, and of two as near the even one."""

_UNTHREADED: Final = 2**18
"""Multiplications up to which OpenBLAS stays on one thread."""


class Multiplier:
    """A matrix (k, n) that others are multiplied with: it is cut once, when the first asks for the same bits."""

    def __init__(self, right: Floats) -> None:
        self._right = right
        self._digits = (53 - math.ceil(math.log2(max(2 * len(right), 2)))) // 2

    def near(self, left: Floats) -> Floats:
        """`left` (m, k) @ the matrix with bits that differ from machine to machine, for a third of what `after` costs."""
        return _product(left, self._right)

    @property
    def gap(self) -> float:
        """The most that `near` and `after` are apart where no entry of `left` is beyond ±1: k² × 2^-49 of the matrix's greatest for the latter, a
        sixteenth of it for BLAS in whatever order (k additions and products, each within 2^-53 of a sum of at most k)."""
        return 2.0 * len(self._right) ** 2 * 2.0**-49 * _greatest(self._right)

    def after(self, left: Floats) -> Floats:
        """`left` (m, k) @ the matrix, both finite; the error is at most k² × 2^-49 of the greatest entries' product (k = 30: 2e-12, and
        mostly a hundredth of that).

        high·high, and high·low + low·high as one product twice as deep, have no rounding; low·low is left out. What is done besides is one
        addition for each entry, which IEEE 754 defines to the bit.
        """
        high, crossed = self._cut
        halves = _halves(left.T, self._digits)
        product = _product(halves.reshape(len(crossed), len(left)).T, crossed)
        product += _product(halves[0].T, high)
        return product

    @cached_property
    def _cut(self) -> tuple[Floats, Floats]:
        """High halves; low ones, with high ones under them."""
        high, low = _halves(self._right, self._digits)
        return high, np.concatenate([low, high])


def _product(left: Floats, right: Floats) -> Floats:
    """`left @ right`, so many rows at a time that BLAS starts no threads: on a busy machine they wait for one another."""
    rows = max(_UNTHREADED // max(right.size, 1), 1)
    product = np.empty((len(left), right.shape[1]))
    for first in range(0, len(left), rows):
        np.matmul(left[first : first + rows], right, out=product[first : first + rows])
    return product


def _halves(matrix: Floats, digits: int) -> Floats:
    """(2, k, n) high and low: their sum is the matrix but for what is below both. Each has at most `digits` binary digits."""
    step = 2.0 ** (max(math.frexp(_greatest(matrix))[1], _LEAST_EXPONENT) - digits)
    halves = np.empty((2, *matrix.shape))
    high, low = halves
    np.subtract(matrix, _in_steps(matrix, step, high), out=low)
    _in_steps(low, step * 2.0**-digits, low)
    return halves


def _greatest(matrix: Floats) -> float:
    return max(float(matrix.max(initial=0.0)), -float(matrix.min(initial=0.0)))


def _in_steps(values: Floats, step: float, out: Floats) -> Floats:
    """The values as multiples of the step, in `out`."""
    np.add(values, _ROUNDING * step, out=out)
    out -= _ROUNDING * step
    return out
