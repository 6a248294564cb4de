"""Compares what the engine has after each stage of a score with what another program has: `stages/<stage>.csv` of a pack's folder.

Columns are unit, period, and one for each criterion, or for each group in the stage `aggregated`. Figures agree when they differ by at most
1e-12 of their size; scores and groups, which are on the scheme's scale, by at most 1e-12 of it.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from services.cli.comparison import Difference
from services.cli.computed_scores import computed_assessments
from services.cli.failures import CalledWrongly
from services.cli.pack_folder import CheckedPack
from services.cli.parts import Stage
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.pack.problem import BadPack
from services.contracts.pack.sources import read_csv
from services.scoring.engine import Assessment, stages_of

_FOLDER: Final = "stages"
_OF_FIGURES: Final = ("denominated", "imputed", "treated")
_STAGES: Final = (*_OF_FIGURES, "normalised", "aggregated")
_TOLERANCE: Final = 1e-12

Key = tuple[str, str, str]
"""(period, unit, criterion or group)."""


class _Cell(NamedTuple):
    value: float
    size: float
    """What an error is measured against."""


def compare_stages(folder: Path, checked: CheckedPack, reporter: PlannedPrincipal) -> list[Stage]:
    """A stage for each file that the folder has, in the order in which they are computed. Raises `CalledWrongly`."""
    names = [stage for stage in _STAGES if (folder / _FOLDER / f"{stage}.csv").exists()]
    if not names:
        return []
    found: dict[str, dict[Key, _Cell]] = {stage: {} for stage in _STAGES}
    for assessment in computed_assessments(folder, checked, reporter):
        for stage, key, cell in _cells(assessment):
            if not math.isnan(cell.value):
                found[stage][key] = cell
    return [_compared(stage, _read(folder, stage), found[stage]) for stage in names]


def _read(folder: Path, stage: str) -> dict[Key, float]:
    try:
        rows = read_csv(folder / _FOLDER, f"{stage}.csv").data
        return {
            (row["period"], row["unit"], part): float(value)
            for row in rows
            for part, value in row.items()
            if part not in ("unit", "period")
        }
    except (BadPack, KeyError, ValueError) as bad:
        raise CalledWrongly(
            f"{_FOLDER}/{stage}.csv: {bad}.", "Give unit, period, and a number in each cell."
        ) from bad


def _cells(assessment: Assessment) -> Iterator[tuple[str, Key, _Cell]]:
    plan, period = assessment.plan, assessment.period.text
    scale = plan.scheme.scale
    units = [unit.id for unit in assessment.units]
    for column, criterion in enumerate(plan.criteria):
        done = stages_of(plan, column, assessment.units, assessment.cells)
        for stage, values in zip(_OF_FIGURES, (done.figures, done.imputed, done.treated), strict=True):
            for unit, value in zip(units, values, strict=True):
                yield stage, (period, unit, criterion.criterion), _Cell(float(value), abs(float(value)))
        for unit, value in zip(units, done.scores, strict=True):
            yield "normalised", (period, unit, criterion.criterion), _Cell(scale * float(value), scale)
    for at, group in enumerate(plan.groups):
        for unit, value in zip(units, assessment.nodes[len(plan.criteria) + at], strict=True):
            yield "aggregated", (period, unit, group.id), _Cell(scale * float(value), scale)


def _compared(stage: str, published: dict[Key, float], found: dict[Key, _Cell]) -> Stage:
    """A cell that only one of the two has is a difference too."""
    keys = list(dict.fromkeys([*published, *found]))
    errors = {key: _error(published[key], found[key]) for key in keys if key in published and key in found}
    differences = [
        Difference(
            key[0],
            f"{key[1]} {key[2]}",
            repr(published[key]) if key in published else "none",
            repr(found[key].value) if key in found else "none",
        )
        for key in keys
        if errors.get(key, 1.0) > _TOLERANCE
    ]
    worst = max(errors.values(), default=0.0)
    return Stage(stage, len(keys), len(keys) - len(differences), worst, differences)


def _error(value: float, cell: _Cell) -> float:
    off = abs(cell.value - value)
    return off / cell.size if cell.size else off
