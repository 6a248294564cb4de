"""Sums whose order is fixed, so that they give the same bits on every machine: numpy's own differ with the width of its vectors."""

import numpy as np

from services.scoring.engine.numbers.arrays import Floats


def down(values: Floats) -> Floats:
    """The sum over the first axis, row by row from the first to the last; zeros of no rows."""
    total = np.zeros(values.shape[1:])
    for row in values:
        total += row
    return total


def running(values: Floats) -> Floats:
    """The running sums of (n,) values: an accumulation has one order by definition."""
    return np.asarray(np.add.accumulate(values))
