"""How much of a score is luck: the sampling error of its ratios, pushed through the block's own scoring rules.

A ratio of counts (41 of 50 dossiers handled in time) is one outcome of its unit's lasting rate, binomial about it. Every criterion is
scored again for a few figures that lie about the unit's shrunk rate, placed so that the errors of different criteria cancel exactly
(balanced repeated replication: McCarthy 1969, Rev. Int. Stat. Inst. 37; with Gauss and Hermite's four nodes, so that caps and kinks
count). What the total does over these replicates is the mean and variance of its error.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from services.contracts.pack.methods import Exceedance, Normalisation
from services.scoring.engine.figures.cell_arrays import Cells
from services.scoring.engine.log.state import Figure
from services.scoring.engine.numbers.arrays import Floats, Integers
from services.scoring.engine.numbers.rounding import rounded_points
from services.scoring.engine.numbers.sums import down
from services.scoring.engine.scoring.aggregate import aggregate
from services.scoring.engine.scoring.methods import placed, score
from services.scoring.engine.scoring.plan import Plan
from services.scoring.engine.scoring.scores import Stages, stages_of
from services.scoring.engine.uncertainty.observed import Observed
from services.scoring.engine.uncertainty.shrinkage import moment_fit, shrunk_rates

_NODES: Final = (math.sqrt(3.0 - math.sqrt(6.0)), math.sqrt(3.0 + math.sqrt(6.0)))
_NODE_WEIGHTS: Final = tuple(1.0 / (2.0 * node * node) for node in _NODES)
"""Gauss and Hermite's four nodes, ± each, and the weight of a pair: exact for polynomials up to degree 7 of one normal error."""

_LEAST_ROWS: Final = 16
"""Of the balanced design, so that the units of a small scheme do not all err in step."""

_SAME: Final = 1e-9
"""A figure that is further from its numerators over its denominators is something else: a change, a figure per head."""


class Counts(NamedTuple):
    """Numerators and denominators (units, criteria) of ratios that have sampling error; nan and 0 elsewhere."""

    successes: Floats
    trials: Floats

    @property
    def columns(self) -> list[int]:
        """Criteria that have any."""
        return [int(column) for column in np.flatnonzero((self.trials > 0).any(axis=0))]


class Noise(NamedTuple):
    """The sampling error of the totals (units,), as shares of the scale: what it adds on average, and its variance."""

    bias: Floats
    variance: Floats
    rates: Floats
    """(units, criteria) rates shrunk towards the block's; nan where there is no ratio of counts."""


def counts_of(plan: Plan, cells: Cells, ranked: Integers) -> Counts:
    """The counts behind the cells of the ranked units. Ratios of money, shares above 1 and what the pack calls `exact` have no sampling error."""
    shape = (len(ranked), len(plan.criteria))
    successes, trials = np.full(shape, np.nan), np.zeros(shape)
    if not plan.scheme.uncertainty.sampling:
        return Counts(successes, trials)
    exact = set(plan.scheme.uncertainty.exact)
    divided = {column for column, _ in plan.denominators}
    for column, indicator in enumerate(plan.indicators):
        if indicator.measure != "ratio" or indicator.id in exact or column in divided:
            continue
        own, is_mean = cells.columns[column], indicator.within in ("mean", "mean_to_date")
        for at, row in enumerate(ranked.tolist()):
            counted = _counted(own.figures(row), own.actuals[row], is_mean=is_mean)
            if counted is not None:
                successes[at, column], trials[at, column] = counted
    return Counts(successes, trials)


def _counted(figures: Sequence[Figure], actual: float | None, *, is_mean: bool) -> tuple[float, float] | None:
    """(successes, trials) of a reported ratio; a mean of ratios counts as the trials that would have its variance, k² / Σ 1/n."""
    if actual is None or not 0.0 <= actual <= 1.0:
        return None
    if len(figures) == 1:
        figure = figures[0]
        successes, trials = figure.amount, figure.of
        if not (trials > 0 and successes.is_integer() and trials.is_integer()):
            return None
        return (successes, trials) if abs(successes / trials - actual) <= _SAME else None
    return _counted_together([figure for figure in figures if figure.of > 0], actual, is_mean)


def _counted_together(figures: Sequence[Figure], actual: float, is_mean: bool) -> tuple[float, float] | None:
    if not figures or not all(figure.amount.is_integer() and figure.of.is_integer() for figure in figures):
        return None
    of = math.fsum(figure.of for figure in figures)
    share = math.fsum(figure.amount for figure in figures) / of
    if is_mean:
        of = len(figures) ** 2 / math.fsum(1.0 / figure.of for figure in figures)
        share = math.fsum(figure.amount / figure.of for figure in figures) / len(figures)
    return (share * of, of) if abs(share - actual) <= _SAME else None


def noise_of(observed: Observed) -> Noise:
    """The error of each ranked unit's total.

    What a unit is compared with (the block's least and greatest, its mean, the day's target) is taken as it is: luck is in the figures.
    """
    plan, scores = observed.plan, observed.scores[observed.ranked]
    counts = counts_of(plan, observed.cells, observed.ranked)
    rates = np.full(scores.shape, np.nan)
    columns = counts.columns
    if not columns:
        return Noise(np.zeros(len(scores)), np.zeros(len(scores)), rates)
    middle, replicated = list(scores.T), list(scores.T)
    signs = _balanced(_rows(len(columns)))
    for place, column in enumerate(columns):
        units = np.flatnonzero(counts.trials[:, column] > 0)
        x, n = counts.successes[units, column], counts.trials[units, column]
        rates[units, column] = shrunk_rates(x, n, moment_fit(x, n))
        own = signs[:, 1 + (place + units) % (signs.shape[1] - 1)]
        about = _figures_about(rates[units, column], n, own)
        figures = np.concatenate([_mean(about)[np.newaxis], about])
        rescored = np.tile(scores[:, column], (len(figures), 1))
        rescored[:, units] = scores_at(observed, column, figures, units)
        middle[column], replicated[column] = rescored[0], rescored[1:]
    about, centre = (
        aggregate(plan, scored, beside=observed.beside_ranked)[-1] for scored in (replicated, middle)
    )
    bias, variance = _moments(about, centre)
    return Noise(bias, variance, rates)


def scores_at(observed: Observed, column: int, figures: Floats, units: Integers) -> Floats:
    """The criterion's scores of (replicates, units) figures of those of the ranked units."""
    plan, criterion = observed.plan, observed.plan.criteria[column]
    direction, points = plan.directions[column], plan.points(column)
    if criterion.treatment is not None:
        figures = _tamed(figures, _stages(observed, column))
    if isinstance(criterion.scoring, Normalisation):
        scores = placed(criterion.scoring, direction, figures, _stages(observed, column).treated)
    elif isinstance(criterion.scoring, Exceedance):
        targets = _targets(observed, column, units)
        scores = np.stack([score(criterion.scoring, direction, row, points, targets) for row in figures])
    else:
        scores = score(criterion.scoring, direction, figures, points, _targets(observed, column, units))
    return scores if criterion.decimals is None else rounded_points(scores, points, criterion.decimals)


def _stages(observed: Observed, column: int) -> Stages:
    return stages_of(observed.plan, column, observed.units, observed.cells, observed.targets)


def _tamed(figures: Floats, block: Stages) -> Floats:
    """The figures as the block's treatment makes them: between those of two units, between what theirs became."""
    known = np.flatnonzero(~np.isnan(block.imputed))
    order = known[np.argsort(block.imputed[known], kind="stable")]
    return np.asarray(np.interp(figures, block.imputed[order], block.treated[order]))


def _targets(observed: Observed, column: int, units: Integers) -> Floats | None:
    return observed.targets[column][observed.ranked[units]] if column in observed.targets else None


def _figures_about(rates: Floats, trials: Floats, signs: Floats) -> Floats:
    """(replicates, units) figures as the rates could give them, with the variance and the skewness of a binomial share.

    A normal step z becomes z + γ(z² - 1)/6 (Cornish and Fisher 1938), so that hardly any lands beyond 0 or 1. A rate that is 1 to a double
    (all of 10**13 and more) stays there.
    """
    room = rates * (1.0 - rates)
    deviation = np.sqrt(room / trials)
    skewness = (1.0 - 2.0 * rates) / np.sqrt(trials * np.where(room > 0.0, room, 1.0))
    steps = np.concatenate([node * signs for node in _NODES])
    skewed = steps + skewness / 6.0 * (steps * steps - 1.0)
    return np.asarray(np.clip(rates + skewed * deviation, 0.0, 1.0))


def _moments(replicates: Floats, at_rates: Floats) -> tuple[Floats, Floats]:
    """(bias, variance) of the totals over the replicates."""
    off = np.nan_to_num(replicates - at_rates)
    bias = _mean(off)
    return bias, _mean((off - bias) * (off - bias))


def _mean(replicates: Floats) -> Floats:
    """The weighted mean over the replicates, whose rows are one part for each node."""
    each = len(replicates) // len(_NODES)
    weights = np.repeat(np.array(_NODE_WEIGHTS) / each, each)
    return down(weights.reshape(-1, 1) * replicates)


def _rows(columns: int) -> int:
    return max(_LEAST_ROWS, 1 << columns.bit_length())


@cache
def _balanced(rows: int) -> Floats:
    """Sylvester's Hadamard matrix (rows, rows) of a power of two: columns of ±1 at right angles, the first all 1."""
    matrix = np.ones((1, 1))
    while len(matrix) < rows:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix
