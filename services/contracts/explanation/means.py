"""The three means as one: f⁻¹(Σ ω·f(x)), with what a member's difference makes of the mean's.

Decimal arithmetic of 40 digits: the same on every machine, and differences of nearly equal numbers keep their digits.
"""

from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from typing import Final, NamedTuple

from services.contracts.pack.scheme import Aggregate

CONTEXT: Final = Context(prec=40, Emin=-(10**15), Emax=10**15)

ZERO, ONE = Decimal(0), Decimal(1)

_NOTHING: Final = Decimal("1e-999999999")
"""Stands for a score of 0 where f(0) is infinite. So near to it that a mean which a 0 brings to 0 owes that to the 0 alone."""

_SAME: Final = Decimal("1e-30")

Function = Callable[[Decimal], Decimal]


class Mean(NamedTuple):
    """`f`, its inverse, and their slopes at a mean or a score."""

    f: Function
    inverse: Function
    slope: Function

    def transformed(self, x: Decimal) -> Decimal:
        return self.f(x or _NOTHING)

    def of(self, weights: Sequence[Decimal], scores: Sequence[Decimal]) -> Decimal:
        """The mean of scores by weights that add up to 1."""
        if self.f is not _itself and not all(scores):
            return ZERO
        return self.inverse(self.sum(weights, scores))

    def sum(self, weights: Sequence[Decimal], scores: Sequence[Decimal]) -> Decimal:
        return sum((w * self.transformed(x) for w, x in zip(weights, scores, strict=True)), ZERO)

    def rates(
        self, weights: Sequence[Decimal], left: Sequence[Decimal], right: Sequence[Decimal]
    ) -> list[Decimal]:
        """Of each member, the number that turns its own difference (right less left) into its part of the means' difference.

        Part i is (M' - M) · ω(f(x') - f(x)) / (F' - F): parts add up to M' - M, and of a member that is equal on both sides it is 0.
        Source: logarithmic mean Divisia index (Ang 2004, Energy Policy 32), for any f.
        """
        before, after = self.of(weights, left), self.of(weights, right)
        difference = self.sum(weights, right) - self.sum(weights, left)
        scale = (after - before) / difference if abs(difference) > _SAME else self._inverse_slope(after)
        return [scale * w * self._steepness(a, b) for w, a, b in zip(weights, left, right, strict=True)]

    def _inverse_slope(self, mean: Decimal) -> Decimal:
        return ONE / self.slope(mean) if mean else ZERO

    def _steepness(self, left: Decimal, right: Decimal) -> Decimal:
        """f's slope between two scores; 0 for two zeros, whose difference has no parts."""
        if left == right:
            return self.slope(left) if left else ZERO
        return (self.transformed(right) - self.transformed(left)) / (right - left)


def _itself(x: Decimal) -> Decimal:
    return x


def _inverse(x: Decimal) -> Decimal:
    return ONE / x


MEANS: Final[dict[Aggregate, Mean]] = {
    "arithmetic": Mean(_itself, _itself, lambda _: ONE),
    "geometric": Mean(lambda x: x.ln(), lambda y: y.exp(), _inverse),
    "harmonic": Mean(_inverse, _inverse, lambda x: -ONE / (x * x)),
}
