"""Wilson's interval of a proportion: honest for small numbers and at 0 and 1, where the textbook's is not.

Source: Wilson (1927), J. Am. Stat. Assoc. 22(158); Newcombe (1998), Statist. Med. 17, method 3.
"""

import math

from scipy.special import ndtri


def wilson_interval(successes: float, trials: float, coverage: float = 0.95) -> tuple[float, float]:
    """(low, high), within 0..1. There is at least one trial, and no more successes than trials."""
    z = float(ndtri(0.5 + coverage / 2.0))
    square = z * z
    middle = 2.0 * successes + square
    reach = z * math.sqrt(square + 4.0 * successes * (1.0 - successes / trials))
    whole = 2.0 * (trials + square)
    return max((middle - reach) / whole, 0.0), min((middle + reach) / whole, 1.0)
