"""What the council did to a unit, on its row: since when it is held, and what its points of the period were adjusted by."""

from collections.abc import Mapping, Sequence

import msgspec

from services.contracts.flags import FlagHold
from services.contracts.ids import UnitId
from services.contracts.results import UnitResult
from services.scoring.engine.evaluation import Assessment


def marked(
    rows: Sequence[UnitResult], assessment: Assessment, holds: Mapping[UnitId, FlagHold]
) -> list[UnitResult]:
    """The rows in their order; one to which nothing was done stays as it is, to the byte."""
    return [_marked(row, assessment, holds.get(row.unit)) for row in rows]


def _marked(row: UnitResult, assessment: Assessment, hold: FlagHold | None) -> UnitResult:
    adjusted = assessment.adjusted.by_unit.get(row.unit)
    if hold is None and adjusted is None:
        return row
    return msgspec.structs.replace(
        row,
        held=msgspec.UNSET if hold is None else hold.at,
        adjustments=msgspec.UNSET if adjusted is None else adjusted,
    )
