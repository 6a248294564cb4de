"""An assessment as the rows that are published: rounded figures, board order."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import msgspec
import numpy as np

from services.contracts.ids import UnitId
from services.contracts.results import CriterionResult, PathResult, UnitResult
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.figures.cell import Cell
from services.scoring.engine.numbers.arrays import Floats
from services.scoring.engine.numbers.rounding import from_ticks, significant, to_ticks
from services.scoring.engine.results.movement import Change
from services.scoring.engine.scoring.methods import score
from services.scoring.engine.scoring.scores import stages_of
from services.scoring.engine.uncertainty.draws import Interval


class Certainty(NamedTuple):
    """How sure a unit's result is: the fields of that name of `UnitResult`.

    What is said of the latent score belongs to the `ticks` that it was drawn with: a live row whose score has moved since does without.
    """

    ticks: int
    interval: Interval
    median_rank: int
    p_top: float
    p_bottom: float
    score_interval: tuple[float, float]
    shrunk: float
    shrunk_rates: list[float | None] | msgspec.UnsetType


def unit_results(
    assessment: Assessment, changes: Mapping[UnitId, Change], certainties: Mapping[UnitId, Certainty]
) -> list[UnitResult]:
    """A row for each unit: the ranked by rank, then the others; within a rank by name, in code-point order of its folded case."""
    figures = _Figures.of(assessment)
    rows = [_unit(assessment, figures, row, changes, certainties) for row in range(len(assessment.units))]
    names = {unit.id: (unit.name.casefold(), unit.name, unit.id) for unit in assessment.units}
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, names[row.unit]))


def certainties(assessment: Assessment) -> dict[UnitId, Certainty]:
    """What was drawn, by unit; nothing where nothing was."""
    latent, drawn = assessment.latent, assessment.drawn
    if latent is None or drawn is None:
        return {}
    decimals = assessment.plan.scheme.decimals
    low, high, shrunk = (
        [from_ticks(tick, decimals) for tick in to_ticks(values, decimals)]
        for values in (latent.low, latent.high, latent.shrunk)
    )
    return {
        UnitId(assessment.units[row].id): Certainty(
            ticks=int(assessment.ticks[at]),
            interval=(int(drawn.best[at]), int(drawn.worst[at])),
            median_rank=int(drawn.median[at]),
            p_top=significant(drawn.p_top[at]),
            p_bottom=significant(drawn.p_bottom[at]),
            score_interval=(low[at], high[at]),
            shrunk=shrunk[at],
            shrunk_rates=_rates(latent.rates[at]),
        )
        for at, row in enumerate(assessment.ranked)
    }


def path_results(assessment: Assessment) -> list[PathResult] | msgspec.UnsetType:
    """Units in pack order, each with its planned criteria; a unit without a base has no row. Unset where the scheme plans no path."""
    if not assessment.paths:
        return msgspec.UNSET
    columns = {column: _held_against(assessment, column) for column in assessment.paths}
    return [
        columns[column][row]
        for row in range(len(assessment.units))
        for column, on_path in assessment.paths.items()
        if not np.isnan(on_path.targets[row])
    ]


def _held_against(assessment: Assessment, column: int) -> list[PathResult]:
    """(units,) of one criterion: what its figures score against the target of the day, and against the final one."""
    plan, on_path = assessment.plan, assessment.paths[column]
    figures = stages_of(plan, column, assessment.units, assessment.cells).treated
    to_path, to_final = (
        score(plan.targeted(column), plan.directions[column], figures, plan.points(column), targets)
        for targets in (on_path.targets, None)
    )
    return [
        PathResult(
            unit=UnitId(unit.id),
            criterion=plan.criteria[column].criterion,
            target=significant(float(on_path.targets[row])),
            light=on_path.lights[row],
            against_path=_rounded(to_path[row]),
            against_final=_rounded(to_final[row]),
        )
        for row, unit in enumerate(assessment.units)
    ]


def _has_simulated(cells: Sequence[Cell]) -> bool:
    """Whether any figure that makes up the unit's result is."""
    return any(figure.simulated for cell in cells for figure in cell.figures)


class _Figures(NamedTuple):
    """What rows are made of, as numbers of Python: taking them out of arrays one by one costs more than the rows do."""

    at_row: dict[int, int]
    """Of each ranked row, where it stands in `ticks` and `ranks`."""
    ticks: list[int]
    ranks: list[int]
    sharing: Counter[int]
    """How many units have the rank."""
    coverage: list[float]
    groups: list[list[float]]
    """By unit, its score in each group at the top."""
    scores: list[list[float]]

    @classmethod
    def of(cls, assessment: Assessment) -> Self:
        ranks = assessment.ranks.tolist()
        groups = [assessment.nodes[node].tolist() for node in assessment.plan.top]
        return cls(
            at_row={row: at for at, row in enumerate(assessment.ranked.tolist())},
            ticks=assessment.ticks.tolist(),
            ranks=ranks,
            sharing=Counter(ranks),
            coverage=assessment.coverage.tolist(),
            groups=[[group[row] for group in groups] for row in range(len(assessment.units))],
            scores=assessment.scores.tolist(),
        )


def _unit(
    assessment: Assessment,
    figures: _Figures,
    row: int,
    changes: Mapping[UnitId, Change],
    certainties: Mapping[UnitId, Certainty],
) -> UnitResult:
    unit = UnitId(assessment.units[row].id)
    change, at, cells = changes[unit], figures.at_row.get(row), assessment.cells[row]
    rank = None if at is None else figures.ranks[at]
    sure = None if rank is None else certainties.get(unit)
    latent = sure if sure is not None and at is not None and sure.ticks == figures.ticks[at] else None
    return UnitResult(
        unit=unit,
        rank=rank,
        tied=rank is not None and figures.sharing[rank] > 1,
        score=None if at is None else from_ticks(figures.ticks[at], assessment.plan.scheme.decimals),
        coverage=significant(figures.coverage[row]),
        interval=None if rank is None or sure is None else _around(rank, sure.interval),
        groups=[_rounded(score) for score in figures.groups[row]],
        criteria=[_criterion(cell, score) for cell, score in zip(cells, figures.scores[row], strict=True)],
        moved=change.moved,
        delta=change.delta,
        simulated=assessment.plan.pack.campaign.simulated or _has_simulated(cells),
        median_rank=None if sure is None else sure.median_rank,
        p_top=None if sure is None else sure.p_top,
        p_bottom=None if sure is None else sure.p_bottom,
        score_interval=None if latent is None else latent.score_interval,
        shrunk=None if latent is None else latent.shrunk,
        shrunk_rates=msgspec.UNSET if latent is None else latent.shrunk_rates,
        quadrant=change.quadrant,
        no_delta=change.no_delta,
        not_ranked=assessment.unranked.get(row, msgspec.UNSET),
    )


def _around(rank: int, interval: Interval) -> Interval:
    """The interval, stretched to hold a rank that has changed since it was drawn."""
    return min(interval[0], rank), max(interval[1], rank)


def _criterion(cell: Cell, score: float) -> CriterionResult:
    newest = cell.figures[0] if cell.figures else None
    return CriterionResult(
        state=cell.state,
        actual=None if cell.actual is None else significant(cell.actual),
        score=_rounded(score),
        period=cell.period,
        origin=cell.origin,
        source=None if newest is None else newest.source,
        id=None if newest is None else newest.id,
    )


def _rates(rates: Floats) -> list[float | None] | msgspec.UnsetType:
    return msgspec.UNSET if np.isnan(rates).all() else [_rounded(float(rate)) for rate in rates]


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else significant(value)
