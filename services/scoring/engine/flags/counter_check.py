"""Could this flag be wrong? What the figures themselves say for doubt: small denominators, reports that are missing, holds, transitions."""

from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from services.contracts.flags import CounterCheck, MissingReport, SmallestBase
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flags.movers import median_score
from services.scoring.engine.numbers.arrays import Integers
from services.scoring.engine.numbers.rounding import significant, to_ticks
from services.scoring.engine.scoring.aggregate import aggregate
from services.scoring.engine.scoring.ranks import rank

IsHit = Callable[[Integers, int], bool]
"""Whether the unit at a place of the ranked, whose scores in ticks are these, would meet the rule's entering threshold."""


def counter_check(
    assessment: Assessment,
    row: int,
    columns: Sequence[int],
    is_hit: IsHit | None,
    *,
    upwards: bool,
    held: bool,
    transition: bool,
) -> CounterCheck:
    """The check of a flag about the unit at `row` and the criteria at `columns`. Without `is_hit` no report decides about it."""
    overdue = [at for at, cell in enumerate(assessment.cells[row]) if cell.state == "not_reported"]
    return CounterCheck(
        smallest=_smallest(assessment, row, columns),
        overdue=len(overdue),
        missing=_missing(assessment, row, overdue, is_hit, upwards=upwards),
        held=held,
        transition=transition,
    )


def _smallest(assessment: Assessment, row: int, columns: Sequence[int]) -> SmallestBase | None:
    bases = {column: base for column in columns if (base := _base(assessment, row, column)) is not None}
    if not bases:
        return None
    column = min(bases, key=lambda at: (bases[at], at))
    others = [_base(assessment, other, column) for other in range(len(assessment.units))]
    middle = median([base for base in others if base is not None])
    name = assessment.plan.criteria[column].criterion
    return SmallestBase(name, significant(bases[column]), significant(middle))


def _base(assessment: Assessment, row: int, column: int) -> float | None:
    """The denominators behind a ratio, added up; null for other measures, and where nothing is reported."""
    if assessment.plan.indicators[column].measure != "ratio":
        return None
    return sum(figure.of for figure in assessment.cells[row][column].figures) or None


def _missing(
    assessment: Assessment, row: int, overdue: Sequence[int], is_hit: IsHit | None, *, upwards: bool
) -> MissingReport | None:
    """Each overdue criterion in turn takes the block's median score; the one that takes the flag back furthest is told."""
    places = np.flatnonzero(assessment.ranked == row)
    known = [column for column in overdue if not np.isnan(assessment.scores[:, column]).all()]
    if not len(places) or not known:
        return None
    place, plan = int(places[0]), assessment.plan
    variants = np.tile(assessment.scores[row], (len(known), 1))
    for at, column in enumerate(known):
        variants[at, column] = median_score(assessment.scores[:, column])
    roots = aggregate(plan, list(variants.T))[-1]
    own = to_ticks(plan.scheme.scale * roots, plan.scheme.decimals)
    ticks = np.tile(assessment.ticks, (len(known), 1))
    ticks[:, place] = own
    at = int(np.argmin(own) if upwards else np.argmax(own))
    decides = is_hit is not None and not is_hit(ticks[at], place)
    rank_then = int(rank(ticks[at], plan.scheme.ties)[place])
    return MissingReport(plan.criteria[known[at]].criterion, rank_then, decides)
