"""Scores of criteria become scores of groups: weighted arithmetic and geometric means, up a tree, with what is missing left out.

Sums run member by member in pack order, never through BLAS or pairwise reductions, whose order differs between machines.
"""

from collections.abc import Sequence

import numpy as np

from services.scoring.engine.arrays import Booleans, Floats
from services.scoring.engine.elementary import exp, log
from services.scoring.engine.plan import GroupNode, Plan


def aggregate(plan: Plan, scores: Floats, factors: Floats | None = None) -> list[Floats]:
    """The score of every node of the plan, criteria first, the root last; nan where nothing of it is present.

    `scores` (units, criteria) has nan for criteria that do not count for a unit: their weight goes to the other members of their group.
    `factors` (draws, nodes) multiplies the nodes' weights; groups are then (draws, units), otherwise (units,).
    """
    nodes = [scores[:, criterion] for criterion in range(len(plan.criteria))]
    present = [~np.isnan(column) for column in nodes]
    for group in plan.groups:
        there = [present[member] for member in group.members]
        nodes.append(_mean(group, [nodes[member] for member in group.members], there, factors))
        present.append(np.logical_or.reduce(there))
    return nodes


def _mean(
    group: GroupNode, values: Sequence[Floats], present: Sequence[Booleans], factors: Floats | None
) -> Floats:
    """Arithmetic: Σ w·x / Σ w. Geometric: exp(Σ w·ln x / Σ w), which is 0 where a member is 0."""
    weights = _weights(group, factors)
    terms = [log(value) for value in values] if group.geometric else values
    total = _weighted_sum(weights, [np.where(there, x, 0.0) for x, there in zip(terms, present, strict=True)])
    weight = _weighted_sum(weights, _counts(present))
    known = weight > 0
    mean = total / np.where(known, weight, 1.0)
    return np.where(known, exp(mean) if group.geometric else mean, np.nan)


def _weights(group: GroupNode, factors: Floats | None) -> list[Floats]:
    """Of each member, its weight: a number, or (draws, 1)."""
    if factors is None:
        return [np.array(weight) for weight in group.weights]
    return [
        weight * factors[:, member, np.newaxis]
        for member, weight in zip(group.members, group.weights, strict=True)
    ]


def _counts(present: Sequence[Booleans]) -> list[Floats]:
    """1 where a member counts, 0 where not; a single 1 for all units when nothing is missing, which saves most of the work."""
    if all(there.all() for there in present):
        return [np.ones(1)] * len(present)
    return [there.astype(np.float64) for there in present]


def _weighted_sum(weights: Sequence[Floats], terms: Sequence[Floats]) -> Floats:
    total: Floats = weights[0] * terms[0]
    for weight, term in zip(weights[1:], terms[1:], strict=True):
        total += weight * term
    return total
