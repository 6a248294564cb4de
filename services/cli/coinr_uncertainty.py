"""`thidua verify coinr-uncertainty`: COINr's own uncertainty run on the ASEM index, its 500 sets of weights put through this engine.

The tree and the directions are those of the campaign; its treated figures, as that run had them (they differ from the campaign's own in the
tenth digit), the weights and the normalisation of each draw stand in `campaigns/asem/uncertainty`. Scores are compared on COINr's scale: 0 to 100 by
min-max, 10 + 2z by z-scores.
"""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from services.cli.comparison import Difference
from services.cli.failures import CalledWrongly
from services.cli.pack_folder import named_folder, read_right_pack
from services.cli.parts import Stage
from services.contracts.pack.methods import MinMax, Normalisation, ZScore
from services.contracts.pack.problem import BadPack
from services.contracts.pack.sources import read_csv
from services.scoring.engine import plan_of
from services.scoring.engine.numbers.rounding import to_ticks
from services.scoring.engine.scoring.methods import score
from services.scoring.engine.scoring.plan import Plan
from services.scoring.engine.scoring.ranks import rank
from services.scoring.engine.scoring.roots import Roots

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NAME: Final = "coinr-uncertainty"

_FOLDER: Final = "uncertainty"
_TOLERANCE: Final = 1e-9
_LIMIT: Final = 20.0
"""No figure of 51 is so many standard deviations away, so that nothing is clipped."""

_METHODS: Final[dict[str, Normalisation]] = {
    "n_minmax": MinMax(method="min_max"),
    "n_zscore": ZScore(method="z_score", limit=_LIMIT),
}


class Run(NamedTuple):
    """What COINr published of its run: (units, criteria) treated figures, (units, draws) scores and ranks.

    `factors` (draws, nodes) multiply the plan's weights.
    """

    units: list[str]
    normalisations: list[str]
    figures: Floats
    factors: Floats
    scores: Floats
    ranks: Integers
    statistics: Floats
    """(units, 4): mean, median, 5 % and 95 % quantile of the ranks."""


def compare_coinr() -> list[Stage]:
    """Scores, ranks and their statistics. Raises `CalledWrongly` when the files are not there."""
    folder = named_folder("asem")
    checked = read_right_pack(folder)
    plan = plan_of(
        checked.compiled.hash, {checked.compiled.hash: checked.pack}.get, next(iter(checked.pack.block_by_id))
    )
    run = _read(folder / _FOLDER, plan)
    scores, ranks = _computed(plan, run)
    return [
        _compared("scores", run.units, run.scores, scores.T, _TOLERANCE),
        _compared("ranks", run.units, run.ranks, ranks.T, 0.0),
        _compared("rank statistics", run.units, run.statistics, _statistics(ranks.T), _TOLERANCE),
    ]


def _computed(plan: Plan, run: Run) -> tuple[Floats, Integers]:
    """(draws, units) scores on COINr's scale, and ranks: the engine's methods, its draws of totals, its rounding and its ties."""
    shape = len(run.factors), len(run.units)
    scores, ranks = np.empty(shape), np.empty(shape, dtype=np.int64)
    for name, method in _METHODS.items():
        rows = [draw for draw, taken in enumerate(run.normalisations) if taken == name]
        roots = Roots(plan, _scores(plan, run, method)).drawn(run.factors[rows])
        ranks[rows] = rank(to_ticks(plan.scheme.scale * roots, plan.scheme.decimals), plan.scheme.ties)
        scores[rows] = 100.0 * roots if name == "n_minmax" else 10.0 + 4.0 * _LIMIT * (roots - 0.5)
    return scores, ranks


def _scores(plan: Plan, run: Run, method: Normalisation) -> Floats:
    """(units, criteria) in 0..1."""
    columns = zip(plan.directions, run.figures.T, plan.criteria, strict=True)
    return np.column_stack(
        [score(method, direction, figures, criterion.weight) for direction, figures, criterion in columns]
    )


def _statistics(ranks: Integers) -> Floats:
    quantiles = np.quantile(ranks, [0.5, 0.05, 0.95], axis=1)
    return np.stack([ranks.mean(axis=1), *quantiles], axis=1)


def _compared(
    stage: str, units: list[str], published: Floats | Integers, found: Floats | Integers, most: float
) -> Stage:
    errors = np.abs(published - found)
    wrong = np.argwhere(~(errors <= most))
    differences = [
        Difference(
            f"{stage} {column + 1}",
            units[row],
            f"{published[row, column]:.12g}",
            f"{found[row, column]:.12g}",
        )
        for row, column in wrong
    ]
    return Stage(stage, errors.size, errors.size - len(differences), float(errors.max()), differences)


def _read(folder: Path, plan: Plan) -> Run:
    try:
        tables = {
            name: read_csv(folder, f"{name}.csv").data
            for name in ("treated", "weights", "norm", "scores", "ranks", "rankstats")
        }
    except BadPack as bad:
        raise CalledWrongly(
            f"{bad}.", "The tables come with the source tree, in campaigns/asem/uncertainty."
        ) from bad
    draws = len(tables["norm"])
    names = [f"r_{draw + 1}" for draw in range(draws)]
    return Run(
        [row["uCode"] for row in tables["scores"]],
        [row["norm"] for row in tables["norm"]],
        np.array(
            [[float(row[criterion.criterion]) for criterion in plan.criteria] for row in tables["treated"]]
        ),
        _factors(plan, tables["weights"], draws),
        np.array([[float(row[name]) for name in names] for row in tables["scores"]]),
        np.array([[int(row[name]) for name in names] for row in tables["ranks"]]),
        np.array(
            [[float(row[name]) for name in ("Mean", "Median", "Q5", "Q95")] for row in tables["rankstats"]]
        ),
    )


def _factors(plan: Plan, rows: list[dict[str, str]], draws: int) -> Floats:
    """(draws, nodes): every weight of the pack is 1, so COINr's weights are the factors; the root has none."""
    names = [criterion.criterion for criterion in plan.criteria] + [group.id for group in plan.groups]
    weights = {row["iCode"]: [float(row[f"r{draw + 1}"]) for draw in range(draws)] for row in rows}
    return np.array([weights.get(name, [1.0] * draws) for name in names]).T
