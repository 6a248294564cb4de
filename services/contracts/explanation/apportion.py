"""Largest remainder: parts become whole ticks that add up to a given total. A tick is a unit of the score's last decimal."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal


def apportioned(parts: Sequence[Decimal], total: int) -> list[int]:
    """Each part rounded down, and the rest of the total a tick each to those that lost most by that; of equals, to the first.

    A part of exactly 0 stays 0 as long as the total is the parts' sum, rounded. Parts may be negative. Raises `ValueError` for no parts
    with a total.
    """
    if not parts:
        if total:
            raise ValueError(f"{total} cannot be shared among nothing")
        return []
    floors = [int(part.to_integral_value(ROUND_FLOOR)) for part in parts]
    each, rest = divmod(total - sum(floors), len(parts))
    lost = sorted(range(len(parts)), key=lambda at: floors[at] - parts[at])
    favoured = set(lost[:rest])
    return [floor + each + (at in favoured) for at, floor in enumerate(floors)]
