"""The totals of a block under many sets of weights at once.

Where a tree holds only arithmetic means, weights of its levels multiply into one weight for each criterion, and all draws are one matrix
product. Units with something missing, and trees with other means, gates or rounding inside, go up the tree draw by draw.
"""

from collections.abc import Sequence

import numpy as np

from services.scoring.engine.aggregate import aggregate, with_extras
from services.scoring.engine.arrays import Booleans, Floats
from services.scoring.engine.exact_product import exact_product
from services.scoring.engine.plan import Plan


def drawn_roots(plan: Plan, columns: Sequence[Floats], factors: Floats) -> Floats:
    """(draws, units) totals in 0..1, with each node's weight multiplied by its column of `factors` (draws, nodes).

    `columns` are the criteria's scores, (units,) or (draws, units) each. Both ways give the same to within 1e-11.
    """
    simple = _simple(plan, columns)
    if simple.all():
        return _product(plan, columns, factors)
    if not simple.any():
        return _walked(plan, columns, factors)
    roots = np.empty((len(factors), len(simple)))
    roots[:, simple] = _product(plan, [column[..., simple] for column in columns], factors)
    roots[:, ~simple] = _walked(plan, [column[..., ~simple] for column in columns], factors)
    return roots


def _simple(plan: Plan, columns: Sequence[Floats]) -> Booleans:
    """(units,) of which the total is a plain weighted sum."""
    units = columns[0].shape[-1]
    if plan.gates or any(
        group.aggregate != "arithmetic" or group.decimals is not None for group in plan.groups
    ):
        return np.zeros(units, dtype=bool)
    complete = np.ones(units, dtype=bool)
    for column in columns[: len(plan.criteria) - len(plan.extras)]:
        complete &= ~np.isnan(column) if column.ndim == 1 else np.zeros(units, dtype=bool)
    return complete


def _product(plan: Plan, columns: Sequence[Floats], factors: Floats) -> Floats:
    inside = len(plan.criteria) - len(plan.extras)
    roots = exact_product(_weights(plan, factors), np.stack(columns[:inside]))
    return with_extras(plan, roots, columns)


def _weights(plan: Plan, factors: Floats) -> Floats:
    """(draws, criteria) what each criterion weighs in the whole: the product of its and its groups' shares of their groups."""
    count = len(plan.criteria)
    own = np.ones_like(factors)
    for at in range(len(plan.groups) - 1, -1, -1):
        group = plan.groups[at]
        members = list(group.members)
        weights = factors[:, members] * np.array(group.weights)
        total = np.add.accumulate(weights, axis=1)[:, -1:]
        own[:, members] = weights / total * own[:, [count + at]]
    return own[:, : count - len(plan.extras)]


def _walked(plan: Plan, columns: Sequence[Floats], factors: Floats) -> Floats:
    return np.broadcast_to(aggregate(plan, columns, factors)[-1], (len(factors), columns[0].shape[-1]))
