"""The shortlist: the official top share of a block, as ranks give it."""

from collections.abc import Sequence

from services.contracts.ids import UnitId
from services.contracts.results import Shortlist, UnitResult

_SLACK = 1e-9
"""0.2 of 35 units is 7.000000000000001 in binary, and 0.2 × 0.29 of others a hair less than whole."""


def shortlist_of(share: float, units: Sequence[UnitResult]) -> Shortlist:
    """From rows in board order. A tie that does not fit whole into the places left is undecided, and so are none below it."""
    ranked = [unit for unit in units if unit.rank is not None]
    places = int(share * len(ranked) + _SLACK)
    listed: list[UnitId] = []
    for rank in sorted({unit.rank for unit in ranked if unit.rank is not None}):
        level = [unit.unit for unit in ranked if unit.rank == rank]
        if len(listed) == places:
            break
        if len(listed) + len(level) > places:
            return Shortlist(share, places, listed, level)
        listed += level
    return Shortlist(share, places, listed, [])
