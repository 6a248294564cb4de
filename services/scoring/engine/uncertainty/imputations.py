"""What stands in for a missing figure is a guess: each draw puts in the figure of another peer, as likely as any other (hot deck).

Source: Rubin (1987), Multiple Imputation for Nonresponse in Surveys.
"""

from typing import NamedTuple

import numpy as np

from services.scoring.engine.numbers.arrays import Floats, Integers
from services.scoring.engine.numbers.random_numbers import choices
from services.scoring.engine.scoring.treatment import CENTRES
from services.scoring.engine.uncertainty.observed import Observed

_STREAM = 2


class Imputation(NamedTuple):
    """A figure that was put in. `row` counts the ranked units; `donors` (draws,) are the rows of the block that stand in, draw by draw."""

    row: int
    column: int
    donors: Integers

    def scores(self, of_block: Floats) -> Floats:
        """(draws,) the cell's score in each draw, from the block's (units, criteria) scores: that of the donor."""
        return np.asarray(of_block[self.donors, self.column])


def imputations_of(observed: Observed, seed: int) -> list[Imputation]:
    """One for each figure that was put in for a ranked unit and has more than one donor to come from."""
    uncertainty = observed.plan.scheme.uncertainty
    if not uncertainty.imputation:
        return []
    cells = [
        (at, column, donors)
        for column, criterion in enumerate(observed.plan.criteria)
        if criterion.missing in CENTRES
        for at, row in enumerate(observed.ranked)
        if observed.cells[row][column].state == "not_reported"
        and len(donors := _donors(observed, int(row), column)) > 1
    ]
    if not cells:
        return []
    picks = choices(seed, uncertainty.draws, len(cells), _STREAM, [len(donors) for *_, donors in cells])
    return [
        Imputation(at, column, donors[picks[:, number]]) for number, (at, column, donors) in enumerate(cells)
    ]


def _donors(observed: Observed, row: int, column: int) -> Integers:
    label = observed.units[row].peers
    return np.array(
        [
            other
            for other, unit in enumerate(observed.units)
            if unit.peers == label and observed.cells[other][column].state == "reported"
        ],
        dtype=np.int64,
    )
