"""What happens to a column of figures before it is scored: missing ones are put in from peers, outliers are tamed."""

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Final

import numpy as np

from services.contracts.pack.methods import Treatment
from services.scoring.engine.numbers.arrays import Booleans, Floats
from services.scoring.engine.numbers.elementary import log

_SKEW: Final = 2.0
_KURTOSIS: Final = 3.5
"""Beyond both a distribution is treated: COINr's defaults (`check_SkewKurt`)."""

_LOG_OFFSET: Final = 0.01
"""Of the range, so that the lowest figure has a logarithm: COINr's `log_CT`."""

Centre = Callable[[Iterable[float]], float]


def mean(figures: Iterable[float]) -> float:
    """Σ x / n of at least one figure, summed exactly."""
    held = list(figures)
    return math.fsum(held) / len(held)


CENTRES: Final[dict[str, Centre]] = {"peer_mean": mean, "peer_median": median}


def imputed(x: Floats, wanted: Booleans, peers: Sequence[str | None], centre: Centre) -> Floats:
    """(units,) the figures, with that of its peers for each unit that is `wanted`; nan stays where no peer has a figure.

    Source: COINr's `i_mean_grp` and `i_median_grp`. Units without a label are one another's peers. Imputed figures are no source of others.
    """
    filled = x.copy()
    for label in set(peers):
        inside = np.array([own == label for own in peers], dtype=bool)
        known = [float(value) for value in x[inside & ~np.isnan(x)]]
        if known:
            filled[inside & wanted & np.isnan(x)] = centre(known)
    return filled


def treated(x: Floats, treatment: Treatment) -> Floats:
    """The figures, winsorised a point at a time while they are too skewed; where all points do not suffice and `log`, their logarithms.

    Each step brings the figures at the end that the skew points to (all of them, where several are equal) to the next one. Fewer than four
    figures, or equal ones, are left alone. Source: COINr, `winsorise` and `Treat` (Becker et al. 2022, J. Open Source Software 7(78)).
    """
    known = ~np.isnan(x)
    figures = [float(value) for value in x[known]]
    for _ in range(treatment.winsorise):
        if not is_skewed(figures):
            break
        figures = _winsorised(figures)
    if treatment.log and is_skewed(figures):
        return log_ct(x)
    result = x.copy()
    result[known] = figures
    return result


_LEAST_RANGE: Final = 1e-60
"""Figures nearer to one another count as equal: the squares of their squared distances would be nothing in doubles."""


def is_skewed(figures: Sequence[float]) -> bool:
    """Whether |skewness| > 2 and excess kurtosis > 3.5, both corrected for bias (G1 and G2 of Joanes and Gill 1998)."""
    if len(figures) < 4 or max(figures) - min(figures) < _LEAST_RANGE:
        return False
    skew, kurtosis = moments(figures)
    return abs(skew) > _SKEW and kurtosis > _KURTOSIS


def moments(figures: Sequence[float]) -> tuple[float, float]:
    """(G1, G2) of at least four figures that are not all equal.

    G1 = g1 √(n(n-1)) / (n-2); G2 = (n-1) / ((n-2)(n-3)) × ((n+1) g2 + 6), with g1 = m3 / m2^1.5 and g2 = m4 / m2² - 3.
    """
    n = len(figures)
    centre = mean(figures)
    squares = [(value - centre) * (value - centre) for value in figures]
    m2 = math.fsum(squares) / n
    m3 = math.fsum(square * (value - centre) for square, value in zip(squares, figures, strict=True)) / n
    m4 = math.fsum(square * square for square in squares) / n
    g1, g2 = m3 / (m2 * math.sqrt(m2)), m4 / (m2 * m2) - 3.0
    return (
        g1 * math.sqrt(n * (n - 1)) / (n - 2),
        (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6.0),
    )


def log_ct(x: Floats) -> Floats:
    """ln(x - min + a) with a a hundredth of the range; turned round, -ln(max - x + a), where the skew is to the left.

    Source: COINr's `log_CT`. The order of the figures stays. They are not all equal.
    """
    figures = x[~np.isnan(x)]
    least, most = float(figures.min()), float(figures.max())
    offset = _LOG_OFFSET * (most - least)
    if moments([float(value) for value in figures])[0] >= 0:
        return log(x - least + offset)
    return -log(most - x + offset)


def _winsorised(figures: list[float]) -> list[float]:
    """One step, at the end that the skew points to."""
    skew, _ = moments(figures)
    if skew > 0:
        end = max(figures)
        following = max(value for value in figures if value < end)
    else:
        end = min(figures)
        following = min(value for value in figures if value > end)
    return [following if value == end else value for value in figures]
