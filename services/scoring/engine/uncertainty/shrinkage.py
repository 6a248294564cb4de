"""Shrinking what is uncertain towards its block: rates by the beta-binomial model, totals by the normal one.

A small unit's rate is mostly luck, so its best estimate lies between its own rate and the block's. How far is not a setting: the data say
how much units truly differ.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.special import betaln

from services.scoring.engine.numbers.arrays import Floats

_MOST_PRECISION: Final = 1e9
"""From here on units count as equal."""
_LEAST_PRECISION: Final = 1.0
"""One trial: so that no rate is 0 or 1, which would leave no room for luck."""

_FURTHEST: Final = 18.0
"""Of the logarithm of a precision: 65 million trials."""

_SEARCH: Final[dict[str, Any]] = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 2000}


class BetaPrior(NamedTuple):
    """Rates of a block: Beta(mean × precision, (1 - mean) × precision). The precision counts as so many trials of each unit."""

    mean: float
    precision: float


def moment_fit(successes: Floats, trials: Floats) -> BetaPrior:
    """The prior by moments, from counts (units,) with trials above 0.

    With p̄ = Σx / Σn, S = Σ n (x/n - p̄)² has the mean p̄(1 - p̄) ((k - 1) + ρ (Σn - Σn²/Σn - (k - 1))), and the precision is 1/ρ - 1.
    Source: Kleinman (1973), J. Am. Stat. Assoc. 68(341), with weights n; p̄ with half a success more of one trial more, so that a
    block where all passed still leaves room for luck.
    """
    total, all_trials = math.fsum(successes), math.fsum(trials)
    mean = (total + 0.5) / (all_trials + 1.0)
    if mean == 1.0:  # to a double: all of 10**16 and more passed
        return BetaPrior(mean, _MOST_PRECISION)
    others = len(trials) - 1
    scatter = math.fsum(trials * (successes / trials - mean) ** 2) / (mean * (1.0 - mean))
    room = all_trials - math.fsum(trials * trials) / all_trials - others
    correlation = (scatter - others) / room if room > 0 else 0.0
    if correlation <= 1.0 / (1.0 + _MOST_PRECISION):
        return BetaPrior(mean, _MOST_PRECISION)
    return BetaPrior(mean, max(1.0 / correlation - 1.0, _LEAST_PRECISION))


def shrunk_rates(successes: Floats, trials: Floats, prior: BetaPrior) -> Floats:
    """The posterior means (x + mean × precision) / (n + precision)."""
    return (successes + prior.mean * prior.precision) / (trials + prior.precision)


def likelihood_fit(successes: Floats, trials: Floats) -> BetaPrior:
    """The prior of greatest marginal likelihood, Π B(x + a, n - x + b) / B(a, b), sought by Nelder and Mead's simplex from `moment_fit`.

    Where units do not differ it has no end, and stops at a great precision. For a person to read and for `thidua verify`: its last digits
    may differ between machines, so no ranking rests on it.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - a quarter of a second at the start of each worker, needed only here

    start = moment_fit(successes, trials)
    place = np.array([math.log(start.mean / (1.0 - start.mean)), math.log(start.precision)])
    place[1] = min(max(place[1], -_FURTHEST), _FURTHEST / 2.0)
    best = minimize(_against, place, args=(successes, trials), method="Nelder-Mead", options=_SEARCH).x
    return BetaPrior(1.0 / (1.0 + math.exp(-best[0])), math.exp(min(best[1], _FURTHEST)))


def _against(place: Floats, successes: Floats, trials: Floats) -> float:
    """Minus the log likelihood."""
    mean, precision = 1.0 / (1.0 + math.exp(-place[0])), math.exp(min(max(place[1], -_FURTHEST), _FURTHEST))
    a, b = mean * precision, (1.0 - mean) * precision
    return -math.fsum(betaln(successes + a, trials - successes + b) - betaln(a, b))
