"""What moved a unit away from its block: the criteria that make the difference, in points, and the events behind them."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from services.contracts.flags import Mover
from services.contracts.ids import EventKey
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.numbers.arrays import Floats
from services.scoring.engine.numbers.rounding import from_ticks, to_ticks
from services.scoring.engine.scoring.aggregate import aggregate

_MOST_MOVERS: Final = 3
_MOST_EVIDENCE: Final = 12


def movers_of(assessment: Assessment, row: int, *, upwards: bool) -> list[Mover]:
    """The criteria that lifted (or, not `upwards`, lowered) the unit most against the block, strongest first, at most three.

    A criterion's points are the unit's score less what it would be if the unit stood at the block's median on that criterion alone. In
    an arithmetic tree that is weight × (score - median) × scale; in a geometric one it takes the other factors as they are.
    """
    plan = assessment.plan
    ticks = to_ticks(_points(assessment, row), plan.scheme.decimals)
    signed = ticks if upwards else -ticks
    strongest = [at for at in np.argsort(-signed, kind="stable")[:_MOST_MOVERS] if signed[at] > 0]
    return [
        Mover(plan.criteria[at].criterion, from_ticks(ticks[at], plan.scheme.decimals)) for at in strongest
    ]


def movers_among(
    assessment: Assessment, row: int, columns: Sequence[int], points: Sequence[float] | None
) -> list[Mover]:
    """The first three of the criteria at `columns`, with the points given for them, or else those by which they moved the unit."""
    named = columns[:_MOST_MOVERS]
    own = _points(assessment, row)[list(named)] if points is None else np.array(points[: len(named)])
    decimals = assessment.plan.scheme.decimals
    ticks = to_ticks(own, decimals)
    return [
        Mover(assessment.plan.criteria[at].criterion, from_ticks(tick, decimals))
        for at, tick in zip(named, ticks, strict=True)
    ]


def evidence_of(assessment: Assessment, row: int, movers: list[Mover]) -> list[EventKey]:
    """The events behind the movers' cells, in the movers' order, newest first, at most twelve."""
    column = {criterion.criterion: at for at, criterion in enumerate(assessment.plan.criteria)}
    events = [
        figure.event for mover in movers for figure in assessment.cells[row][column[mover.criterion]].figures
    ]
    return list(dict.fromkeys(events))[:_MOST_EVIDENCE]


def _points(assessment: Assessment, row: int) -> Floats:
    """(criteria,) points of the unit; 0 where the criterion does not count for it."""
    plan, own = assessment.plan, assessment.scores[row]
    counted = np.flatnonzero(~np.isnan(own))
    variants = np.tile(own, (len(counted), 1))
    for at, column in enumerate(counted):
        variants[at, column] = median_score(assessment.scores[:, column])
    points = np.zeros(len(own))
    beside = assessment.adjusted.beside
    added = None if beside is None else np.full(len(counted), beside[row])
    totals = aggregate(plan, list(variants.T), beside=added)[-1]
    points[counted] = plan.scheme.scale * (assessment.nodes[-1][row] - totals)
    return points


def median_score(scores: Floats) -> float:
    """Median of (units,) scores, of those that are not nan: at least one."""
    ordered = np.sort(scores[~np.isnan(scores)])
    return float((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2.0)
