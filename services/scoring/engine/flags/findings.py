"""What one evaluation finds about a unit for the flags that are not about rank: a level, the criteria that it is about, and more."""

from typing import NamedTuple

from services.contracts.flags import FlagKind, ReviewSign
from services.contracts.ids import UnitId


class Finding(NamedTuple):
    """`criteria` are columns, the weightiest first. `points` are theirs where the finding is about a change; signs are a review's."""

    level: float
    criteria: tuple[int, ...] = ()
    points: tuple[float, ...] | None = None
    signs: tuple[ReviewSign, ...] = ()


ByUnit = dict[UnitId, Finding]
"""Units without a level are left out."""

Findings = dict[FlagKind, ByUnit]


def levels_of(findings: Findings) -> dict[FlagKind, dict[UnitId, float]]:
    """What is remembered of them."""
    return {
        kind: {unit: finding.level for unit, finding in units.items()} for kind, units in findings.items()
    }
