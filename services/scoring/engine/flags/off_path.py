"""Off path: how much of a unit's planned work has a red light."""

from services.contracts.ids import UnitId
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flags.findings import ByUnit, Finding
from services.scoring.engine.numbers.rounding import significant


def off_path(assessment: Assessment) -> ByUnit:
    """Of the weight of the criteria that have a light, the share that is red; no level without a light."""
    units = enumerate(assessment.units)
    return {UnitId(unit.id): found for row, unit in units if (found := _finding(assessment, row)) is not None}


def _finding(assessment: Assessment, row: int) -> Finding | None:
    weights = assessment.plan.weights
    lights = {column: assessment.light(row, column) for column in assessment.paths}
    planned = sum(weights[column] for column, light in lights.items() if light is not None)
    red = [column for column, light in lights.items() if light == "off_path"]
    if planned <= 0:
        return None
    heaviest = sorted(red, key=lambda column: -weights[column])
    return Finding(significant(sum(weights[column] for column in red) / planned), tuple(heaviest))
