"""`evaluate`: the one function behind live rankings, official evaluations, replay and audit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from services.contracts.pack.model import Unit
from services.contracts.periods import Period
from services.contracts.results import Light, NotRanked
from services.scoring.engine.figures.cell_arrays import CellArrays, Cells
from services.scoring.engine.figures.criterion_cells import cells_of
from services.scoring.engine.figures.planned import OnPath, Targets, paths_of, targets_in
from services.scoring.engine.log.state import SeriesMap
from services.scoring.engine.numbers.arrays import Floats, Integers
from services.scoring.engine.numbers.rounding import to_ticks
from services.scoring.engine.numbers.sums import down
from services.scoring.engine.scoring.adjusting import (
    NO_ADJUSTMENTS,
    NOT_ADJUSTED,
    Adjusting,
    AdjustmentMap,
    adjusting,
)
from services.scoring.engine.scoring.aggregate import aggregate
from services.scoring.engine.scoring.plan import Plan
from services.scoring.engine.scoring.ranks import decided, rank
from services.scoring.engine.scoring.scores import scores_of
from services.scoring.engine.uncertainty.draws import RankDraws, draw_ranks
from services.scoring.engine.uncertainty.latent import Latent, latent_scores
from services.scoring.engine.uncertainty.observed import Observed

_COVERAGE_SLACK = 1e-9
"""Shares of weights are sums of doubles: all of ten tenths may come to a hair less than 1."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A block, scored and ranked. Rows are its units in pack order, columns its criteria."""

    plan: Plan
    period: Period
    units: tuple[Unit, ...]
    cells: Cells
    scores: Floats
    """(units, criteria) in 0..1; nan where the criterion does not count for the unit."""
    nodes: list[Floats]
    """(units,) for each node of the plan."""
    coverage: Floats
    """(units,) share of the due weight that is reported; 0 where nothing is due."""
    ranked: Integers
    """Rows of the ranked units."""
    ticks: Integers
    """Scores of the ranked units on the scheme's scale, in units of its last decimal."""
    ranks: Integers
    latent: Latent | None
    """Of the ranked units, what their scores would be without luck; null when nothing was drawn."""
    drawn: RankDraws | None
    """Of the ranked units, how sure their ranks are."""
    paths: Mapping[int, OnPath] = field(default_factory=dict)
    """By criterion with a planned path."""
    unranked: Mapping[int, NotRanked] = field(default_factory=dict)
    """By row, why the unit is not ranked."""
    adjusted: Adjusting = NOT_ADJUSTED
    """What the council's adjustments did; those of extras stand in `scores`."""

    def light(self, row: int, column: int) -> Light | None:
        """The unit's traffic light on the criterion's path; null where it has no path or no figure."""
        on_path = self.paths.get(column)
        return None if on_path is None else on_path.lights[row]


def evaluate(
    series: SeriesMap,
    plan: Plan,
    period: Period,
    as_of: datetime,
    *,
    seed: int | None,
    live: bool,
    units: tuple[Unit, ...] | None = None,
    adjustments: AdjustmentMap = NO_ADJUSTMENTS,
) -> Assessment:
    """Scores and ranks the units that are in the block at the end of `period`, from what is reported and adjusted, as seen at `as_of`.

    A unit is ranked when it has a score, its coverage is at least the scheme's minimum, and no figure is overdue that the pack fails it for.
    With `seed` null nothing is drawn; `live` says which staleness rule applies. `period` lies in the campaign's span. `units` are others
    than those of that day: units of today, of which the period has what was carried over.
    """
    plan = plan.on(period.last)
    units = plan.units_on(period.last) if units is None else units
    cells = cells_of(series, plan, units, period, as_of, live=live)
    figures = cells.arrays()
    paths = paths_of(series, plan, units, cells, period, as_of)
    scores = scores_of(plan, units, figures, targets_in(paths))
    adjusted = adjusting(plan, units, period, scores, adjustments)
    scores, beside = adjusted.scores, adjusted.beside
    nodes = aggregate(plan, list(scores.T), beside=beside)
    coverage = _coverage(plan, figures)
    unranked = _unranked(plan, figures, nodes[-1], coverage)
    ranked = np.array([row for row in range(len(units)) if row not in unranked], dtype=np.int64)
    ticks = to_ticks(plan.scheme.scale * nodes[-1][ranked], plan.scheme.decimals)
    ranks = rank(ticks, plan.scheme.ties)
    ranks = decided(ranks, plan.block.tie_breaks, period, [units[row].id for row in ranked])
    latent, drawn = None, None
    if seed is not None:
        observed = Observed(plan, units, cells, scores, nodes[-1], ranked, _scored_by(plan, paths), beside)
        latent = latent_scores(observed, seed)
        drawn = draw_ranks(observed, latent, ranks, seed)
    return Assessment(
        plan,
        period,
        units,
        cells,
        scores,
        nodes,
        coverage,
        ranked,
        ticks,
        ranks,
        latent,
        drawn,
        paths,
        unranked,
        adjusted,
    )


def _scored_by(plan: Plan, paths: Mapping[int, OnPath]) -> Targets:
    """What scores are taken against, for criteria that are scored by their path."""
    return {
        column: targets
        for column, targets in targets_in(paths).items()
        if (path := plan.criteria[column].path) is not None and path.score == "path"
    }


def _unranked(plan: Plan, figures: CellArrays, whole: Floats, coverage: Floats) -> dict[int, NotRanked]:
    """By row, the first reason that holds: figures without which the evaluation fails, nothing that counts, a coverage below the minimum."""
    needed = [column for column, criterion in enumerate(plan.criteria) if criterion.missing == "fail"]
    lacks = figures.overdue[:, needed]
    is_low = coverage < plan.scheme.min_coverage - _COVERAGE_SLACK
    found = {}
    for row in map(int, np.flatnonzero(lacks.any(axis=1) | np.isnan(whole) | is_low)):
        lacking = [plan.criteria[at].criterion for at, lack in zip(needed, lacks[row], strict=True) if lack]
        if lacking:
            found[row] = NotRanked("missing_figure", lacking)
        else:
            found[row] = NotRanked("nothing_counts" if np.isnan(whole[row]) else "low_coverage")
    return found


def _coverage(plan: Plan, figures: CellArrays) -> Floats:
    """Σ weights reported / Σ weights due; a figure not due yet or not applicable is in neither."""
    weights, is_reported = np.array(plan.weights)[:, np.newaxis], figures.reported
    due = down(weights * (is_reported | figures.overdue).T)
    reported = down(weights * is_reported.T) if figures.overdue.any() else due
    return np.asarray(reported / np.where(due > 0, due, 1.0))
