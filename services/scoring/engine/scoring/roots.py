"""The totals of a block under many sets of weights at once.

Where a tree holds only arithmetic means, weights of its levels multiply into one weight for each criterion, and all draws are one matrix
product. Units with something missing, and trees with other means, gates or rounding inside, go up the tree draw by draw.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from services.scoring.engine.numbers.arrays import Booleans, Floats, Integers
from services.scoring.engine.numbers.exact_product import Multiplier
from services.scoring.engine.numbers.sums import down
from services.scoring.engine.scoring.aggregate import aggregate, with_extras
from services.scoring.engine.scoring.plan import Plan


class Replaced(NamedTuple):
    """A cell whose score differs from draw to draw: (draws,) values."""

    row: int
    column: int
    values: Floats


class Roots:
    """The totals of units with (units, criteria) scores, to be drawn a few draws at a time. Both ways give the same to within 1e-11.

    `beside` (units,) is what the council added to the whole.
    """

    def __init__(
        self, plan: Plan, scores: Floats, replaced: Sequence[Replaced] = (), beside: Floats | None = None
    ) -> None:
        simple = _simple(plan, scores, replaced)
        self._units = len(scores)
        self._parts: list[tuple[Booleans, _Products | _Walks]] = []
        for way, rows in ((_Products, simple), (_Walks, ~simple)):
            if rows.any():
                place = np.add.accumulate(rows, dtype=np.int64) - 1
                moved = [one._replace(row=int(place[one.row])) for one in replaced if rows[one.row]]
                self._parts.append(
                    (rows, way(plan, scores[rows], moved, None if beside is None else beside[rows]))
                )

    def drawn(
        self, factors: Floats, draws: slice | Integers = slice(None), *, is_near: bool = False
    ) -> Floats:
        """(draws, units) totals in 0..1, with each node's weight times its column of `factors` (draws, nodes).

        `draws` are these draws' places among all that cells are replaced in. `is_near` asks for less than the same bits on every machine: totals
        within `gap` of those.
        """
        if len(self._parts) == 1:
            return self._parts[0][1].drawn(factors, draws, is_near=is_near)
        roots = np.empty((len(factors), self._units))
        for rows, part in self._parts:
            roots[:, rows] = part.drawn(factors, draws, is_near=is_near)
        return roots

    @property
    def gap(self) -> float:
        return max((part.gap for _, part in self._parts), default=0.0)


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


def _inside(plan: Plan) -> int:
    """How many criteria stand in the tree: the first ones."""
    return len(plan.criteria) - len(plan.extras)


class _Products:
    """Totals that are plain weighted sums."""

    def __init__(
        self, plan: Plan, scores: Floats, replaced: Sequence[Replaced], beside: Floats | None
    ) -> None:
        self._plan, self._scores, self._replaced, self._beside = plan, scores, replaced, beside
        self._multiplier = Multiplier(scores[:, : _inside(plan)].T)
        self._weights_inside = np.ones((len(plan.criteria) + len(plan.groups), 1))
        for group in plan.groups:
            self._weights_inside[list(group.members), 0] = group.weights
        nodes = [(len(plan.criteria) + at, group) for at, group in enumerate(plan.groups)]
        self._downwards = [(node, _side_by_side(group.members)) for node, group in reversed(nodes)]

    def drawn(self, factors: Floats, draws: slice | Integers, *, is_near: bool) -> Floats:
        weights = self._weights(factors)
        roots = self._multiplier.near(weights) if is_near else self._multiplier.after(weights)
        for row, column, values in self._replaced:
            roots[:, row] += weights[:, column] * (values[draws] - self._scores[row, column])
        return with_extras(self._plan, roots, list(self._scores.T), self._beside)

    @property
    def gap(self) -> float:
        """What comes on top of the product moves both ways alike, but for its own rounding: a thousand times less than what is near a half."""
        return self._multiplier.gap

    def _weights(self, factors: Floats) -> Floats:
        """(draws, criteria) what each criterion weighs in the whole: the product of its and its groups' shares of their groups."""
        own = factors.T * self._weights_inside
        own[-1] = 1.0
        for node, members in self._downwards:
            weights = own[members]
            weights /= down(weights)
            weights *= own[node]
            if isinstance(members, list):
                own[members] = weights  # a slice of rows is no copy
        return own[: _inside(self._plan)].T


def _side_by_side(members: Sequence[int]) -> slice | list[int]:
    """The rows of an array as a slice, where they are one: numpy then copies nothing."""
    first, last = members[0], members[-1]
    return slice(first, last + 1) if last - first + 1 == len(members) else list(members)


class _Walks:
    """Totals that take the way up the tree."""

    def __init__(
        self, plan: Plan, scores: Floats, replaced: Sequence[Replaced], beside: Floats | None
    ) -> None:
        self._plan, self._scores, self._replaced, self._beside = plan, scores, replaced, beside

    gap: Final = 0.0
    """There is one way only."""

    def drawn(self, factors: Floats, draws: slice | Integers, *, is_near: bool) -> Floats:
        columns = list(self._scores.T)
        for row, column, values in self._replaced:
            if columns[column].ndim == 1:
                columns[column] = np.tile(columns[column], (len(factors), 1))
            columns[column][:, row] = values[draws]
        totals = aggregate(self._plan, columns, factors, self._beside)[-1]
        return totals if totals.ndim > 1 else np.tile(totals, (len(factors), 1))
