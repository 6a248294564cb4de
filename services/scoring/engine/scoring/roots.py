"""The totals of a block under many sets of weights at once.

Where a tree holds only arithmetic means, weights of its levels multiply into one weight for each criterion, and all draws are one matrix
product. Units with something missing, and trees with other means, gates or rounding inside, go up the tree draw by draw.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.scoring.engine.numbers.arrays import Booleans, Floats
from services.scoring.engine.numbers.exact_product import exact_product
from services.scoring.engine.numbers.sums import down
from services.scoring.engine.scoring.aggregate import aggregate, with_extras
from services.scoring.engine.scoring.plan import Plan


class Replaced(NamedTuple):
    """A cell whose score differs from draw to draw: (draws,) values."""

    row: int
    column: int
    values: Floats


def drawn_roots(
    plan: Plan,
    scores: Floats,
    factors: Floats,
    replaced: Sequence[Replaced] = (),
    beside: Floats | None = None,
    weights: Floats | None = None,
) -> Floats:
    """(draws, units) totals in 0..1 of (units, criteria) scores, with each node's weight times its column of `factors` (draws, nodes).

    `beside` (units,) is what the council added to the whole; `weights` are `drawn_weights`, from whoever has them already.

    Both ways give the same to within 1e-11.
    """
    simple = _simple(plan, scores, replaced)
    if not simple.any():
        return _walked(plan, scores, factors, replaced, beside)
    weights = drawn_weights(plan, factors) if weights is None else weights
    if simple.all():
        return _product(plan, scores, weights, replaced, beside)
    roots = np.empty((len(factors), len(scores)))
    for way, rows, under in ((_product, simple, weights), (_walked, ~simple, factors)):
        place = np.add.accumulate(rows, dtype=np.int64) - 1
        moved = [one._replace(row=int(place[one.row])) for one in replaced if rows[one.row]]
        added = None if beside is None else beside[rows]
        roots[:, rows] = way(plan, scores[rows], under, moved, added)
    return roots


def _simple(plan: Plan, scores: Floats, replaced: Sequence[Replaced]) -> Booleans:
    """(units,) of which the total is a plain weighted sum."""
    if plan.gates or any(
        group.aggregate != "arithmetic" or group.decimals is not None for group in plan.groups
    ):
        return np.zeros(len(scores), dtype=bool)
    simple: Booleans = np.asarray(~np.isnan(scores[:, : _inside(plan)]).any(axis=1), dtype=bool)
    for one in replaced:
        simple[one.row] &= one.column < _inside(plan)
    return simple


def _product(
    plan: Plan, scores: Floats, weights: Floats, replaced: Sequence[Replaced], beside: Floats | None
) -> Floats:
    roots = exact_product(np.ascontiguousarray(weights), scores[:, : _inside(plan)].T)
    for row, column, values in replaced:
        roots[:, row] += weights[:, column] * (values - scores[row, column])
    return with_extras(plan, roots, list(scores.T), beside)


def _inside(plan: Plan) -> int:
    """How many criteria stand in the tree: the first ones."""
    return len(plan.criteria) - len(plan.extras)


def drawn_weights(plan: Plan, factors: Floats) -> Floats:
    """(draws, criteria) what each criterion weighs in the whole: the product of its and its groups' shares of their groups."""
    count = len(plan.criteria)
    by_node = factors.T
    own = np.empty(by_node.shape)
    own[-1] = 1.0
    for at in range(len(plan.groups) - 1, -1, -1):
        group = plan.groups[at]
        members = list(group.members)
        weights = by_node[members] * np.array(group.weights)[:, np.newaxis]
        weights /= down(weights)
        weights *= own[count + at]
        own[members] = weights
    return own[: _inside(plan)].T


def _walked(
    plan: Plan, scores: Floats, factors: Floats, replaced: Sequence[Replaced], beside: Floats | None
) -> Floats:
    columns = list(scores.T)
    for row, column, values in replaced:
        if columns[column].ndim == 1:
            columns[column] = np.tile(columns[column], (len(factors), 1))
        columns[column][:, row] = values
    totals = aggregate(plan, columns, factors, beside)[-1]
    return np.broadcast_to(totals, (len(factors), len(scores)))
