"""Places from scores, for one ranking or for many draws at once."""

from typing import Literal

import numpy as np

from services.scoring.engine.arrays import Integers

Ties = Literal["min", "dense"]


def rank(ticks: Integers, ties: Ties) -> Integers:
    """Ranks along the last axis, 1 for the highest score.

    `min`: one more than the number of better scores (1, 2, 2, 4); `dense`: one more than the number of different better scores (1, 2, 2, 3).
    """
    order = np.argsort(-ticks, axis=-1, kind="stable")
    ordered = np.take_along_axis(ticks, order, axis=-1)
    begins = np.ones(ticks.shape, dtype=bool)
    begins[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    if ties == "dense":
        places = np.cumsum(begins, axis=-1)
    else:
        position = np.arange(1, ticks.shape[-1] + 1)
        places = np.maximum.accumulate(np.where(begins, position, 1), axis=-1)
    ranks = np.empty(ticks.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, places, axis=-1)
    return ranks


def level_or_above(ticks: Integers) -> Integers:
    """For each of (units,) how many score at least as much, itself among them."""
    ascending = np.sort(ticks)
    return np.asarray(len(ticks) - np.searchsorted(ascending, ticks, side="left"), dtype=np.int64)
