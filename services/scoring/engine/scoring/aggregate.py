"""Scores of criteria become scores of groups: weighted means, up a tree, with what is missing left out; then what stands beside the tree.

Sums run member by member in pack order, never through BLAS or pairwise reductions, whose order differs between machines.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Final

import numpy as np

from services.scoring.engine.numbers.arrays import Booleans, Floats
from services.scoring.engine.numbers.elementary import exp, log
from services.scoring.engine.numbers.rounding import rounded_points
from services.scoring.engine.scoring.plan import GroupNode, Plan

_GATE_SLACK: Final = 1e-9
"""A mean of ten scores of 0.7 may come to a hair less than 0.7."""


def aggregate(
    plan: Plan, columns: Sequence[Floats], factors: Floats | None = None, beside: Floats | None = None
) -> list[Floats]:
    """The score of every node of the plan, criteria first, the root last; nan where nothing of it is present.

    `columns` are the criteria's scores, (units,) or (draws, units) each, with nan where a criterion does not count for a unit: its weight
    goes to the other members of its group. `factors` (draws, nodes) multiplies the nodes' weights. Groups are (draws, units) where a
    member or the factors are, otherwise (units,). `beside` (units,) are shares of the scale that the council added to the whole.
    """
    nodes = list(columns)
    present = [_present(column) for column in nodes]
    for group in plan.groups:
        there = [present[member] for member in group.members]
        mean = _mean(group, [nodes[member] for member in group.members], there, factors)
        if group.decimals is not None:
            mean = rounded_points(mean, plan.scheme.scale * group.share, group.decimals)
        nodes.append(mean)
        present.append(_any_present(there))
    nodes[-1] = _gated(plan, with_extras(plan, nodes[-1], nodes, beside), nodes)
    return nodes


def _present(scores: Floats) -> Booleans | None:
    """Where there is a score; null where there is one everywhere, which saves most of the work."""
    lacks = np.isnan(scores)
    return ~lacks if lacks.any() else None


def _any_present(members: Sequence[Booleans | None]) -> Booleans | None:
    some = [there for there in members if there is not None]
    return reduce(np.logical_or, some) if len(some) == len(members) else None


def _mean(
    group: GroupNode, values: Sequence[Floats], present: Sequence[Booleans | None], factors: Floats | None
) -> Floats:
    """Arithmetic: Σ w·x / Σ w. Geometric: exp(Σ w·ln x / Σ w). Harmonic: Σ w / Σ (w / x). Both are 0 where a member is 0."""
    weights = _weights(group, factors)
    terms = [_BEFORE[group.aggregate](value) for value in values]
    after = _AFTER[group.aggregate]
    if all(there is None for there in present):
        return after(_weighted_sum(weights, terms) / _weighted_sum(weights, [1.0] * len(weights)))
    where = [np.array(True) if there is None else there for there in present]
    total = _weighted_sum(weights, [np.where(there, x, 0.0) for x, there in zip(terms, where, strict=True)])
    weight = _weighted_sum(weights, [there.astype(np.float64) for there in where])
    known = weight > 0
    mean = total / np.where(known, weight, 1.0)
    return np.where(known, after(mean), np.nan)


def _itself(x: Floats) -> Floats:
    return x


def _inverse(x: Floats) -> Floats:
    """1 / x; of 0 it is infinite, and of that 0."""
    with np.errstate(divide="ignore"):
        return 1.0 / x


_BEFORE: Final = {"arithmetic": _itself, "geometric": log, "harmonic": _inverse}
_AFTER: Final = {"arithmetic": _itself, "geometric": exp, "harmonic": _inverse}
"""A mean of transformed scores, transformed back."""


def with_extras(plan: Plan, root: Floats, nodes: Sequence[Floats], beside: Floats | None = None) -> Floats:
    """The root with bonuses and `beside` added and penalties taken: never below 0, and lifted above the scale only where the scheme says so."""
    if not plan.extras and beside is None:
        return root
    total = root if beside is None else root + beside
    for column in plan.extras:
        total = total + np.nan_to_num(nodes[column]) * (plan.points(column) / plan.scheme.scale)
    highest = np.inf if plan.scheme.over_scale else np.maximum(root, 1.0)
    return np.clip(total, 0.0, highest)


def _gated(plan: Plan, root: Floats, nodes: Sequence[Floats]) -> Floats:
    """The whole, held down where a node is below its minimum; a node that does not count for a unit holds nothing down."""
    for node, gate in plan.gates:
        short = nodes[node] < gate.at_least - _GATE_SLACK
        root = np.where(short, np.minimum(root, gate.otherwise_at_most), root)
    return root


def _weights(group: GroupNode, factors: Floats | None) -> Sequence[float | Floats]:
    """Of each member, its weight: a number, or (draws, 1)."""
    if factors is None:
        return group.weights
    return [
        weight * factors[:, member, np.newaxis]
        for member, weight in zip(group.members, group.weights, strict=True)
    ]


def _weighted_sum(weights: Sequence[float | Floats], terms: Sequence[float | Floats]) -> Floats:
    total = weights[0] * terms[0]
    for weight, term in zip(weights[1:], terms[1:], strict=True):
        total = total + weight * term
    return np.asarray(total)
