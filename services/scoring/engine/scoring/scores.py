"""Cells become scores, criterion by criterion, in stages: the figure, what is put in for it, its treatment, its score."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.contracts.pack.methods import Normalisation
from services.contracts.pack.model import Unit
from services.scoring.engine.figures.cell_arrays import CellArrays, Cells
from services.scoring.engine.figures.planned import NO_PATHS, Targets
from services.scoring.engine.numbers.arrays import Floats
from services.scoring.engine.numbers.rounding import rounded_points
from services.scoring.engine.scoring.methods import score
from services.scoring.engine.scoring.plan import Plan
from services.scoring.engine.scoring.treatment import CENTRES, imputed, treated


class Stages(NamedTuple):
    """One criterion's column (units,) as it goes through; nan where a unit has nothing at that stage."""

    figures: Floats
    imputed: Floats
    treated: Floats
    scores: Floats


def scores_of(
    plan: Plan,
    units: Sequence[Unit],
    cells: CellArrays,
    targets: Targets = NO_PATHS,
    instead: Normalisation | None = None,
) -> Floats:
    """(units, criteria) scores; nan where the criterion does not count for the unit. `targets` are those of the day, for criteria with a path.

    With `instead`, criteria whose method places a unit in its block are scored by that method, as if the pack said so.
    """
    scores = np.empty(cells.actual.shape)
    for column, own in enumerate(cells.columns()):
        scores[:, column] = _staged(plan, column, units, own, targets, instead).scores
    return scores


def stages_of(
    plan: Plan, column: int, units: Sequence[Unit], cells: Cells, targets: Targets = NO_PATHS
) -> Stages:
    """The criterion's stages. At the end an overdue figure scores 0 under `zero`, 0/0 what the criterion says, and points are rounded."""
    (own,) = Cells([cells.columns[column]], len(units)).arrays().columns()
    return _staged(plan, column, units, own, targets, None)


def _staged(
    plan: Plan,
    column: int,
    units: Sequence[Unit],
    cells: CellArrays,
    targets: Targets,
    instead: Normalisation | None,
) -> Stages:
    """The same from the criterion's own arrays (units,)."""
    criterion = plan.criteria[column]
    target = targets.get(column) if criterion.path is not None and criterion.path.score == "path" else None
    filled = cells.actual
    if criterion.missing in CENTRES:
        peers = [unit.peers for unit in units]
        filled = imputed(filled, cells.overdue, peers, CENTRES[criterion.missing])
    if criterion.missing == "last_value":
        filled = np.where(cells.overdue, cells.last, filled)
    tamed = filled if criterion.treatment is None else treated(filled, criterion.treatment)
    method = (
        instead if instead is not None and isinstance(criterion.scoring, Normalisation) else criterion.scoring
    )
    scores = score(method, plan.directions[column], tamed, plan.points(column), target)
    if criterion.missing in ("zero", "last_value"):
        scores[cells.overdue & np.isnan(filled)] = 0.0
    if criterion.zero_over_zero != "exclude":
        scores[cells.inapplicable] = criterion.zero_over_zero == "full"
    if criterion.decimals is not None:
        scores = rounded_points(scores, plan.points(column), criterion.decimals)
    return Stages(cells.actual, filled, tamed, scores)
