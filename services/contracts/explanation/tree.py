"""A scheme's tree with the scores of one unit at every node, as the engine computes them: what is missing left out, points rounded.

The engine does this for a whole block at once, in doubles (`services.scoring.engine.scoring.aggregate`); a property test holds the two together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import Final, Protocol

from services.contracts.explanation.means import MEANS, ONE, ZERO
from services.contracts.pack.scheme import Criterion, Group, Scheme, name_of

_HALF_WIDTH: Final = Decimal("2e-12")
"""A value this close to a half, relative to its size, is a half: published scores have 12 digits."""


@dataclass(frozen=True, eq=False)
class Node:
    """A group or criterion. `share` of the whole when nothing is missing; `column` is a criterion's place in a unit's row."""

    member: Group | Criterion
    depth: int
    share: Decimal
    column: int | None
    members: tuple["Node", ...]

    @cached_property
    def name(self) -> str:
        return name_of(self.member)

    def walk(self) -> Iterator["Node"]:
        yield self
        for member in self.members:
            yield from member.walk()

    def gated(self) -> Iterator["Node"]:
        """Nodes with a minimum, in the order in which they hold the total down."""
        for member in self.members:
            yield from member.gated()
        if self.member.gate is not None:
            yield self


def tree_of(scheme: Scheme) -> Node:
    """The root. Criteria are numbered in the order of `UnitResult.criteria`."""
    return _node(scheme.root, 0, ONE, iter(range(len(scheme.criteria()))))


def _node(member: Group | Criterion, depth: int, share: Decimal, columns: Iterator[int]) -> Node:
    if isinstance(member, Criterion):
        return Node(member, depth, share, next(columns), ())
    total = sum((decimal(inner.weight) for inner in member.members), ZERO)
    members = tuple(
        _node(inner, depth + 1, share * decimal(inner.weight) / total, columns) for inner in member.members
    )
    return Node(member, depth, share, None, members)


def decimal(value: float) -> Decimal:
    """The decimal that the double prints as."""
    return Decimal(repr(value))


class Side(Protocol):
    """One side of a difference: the score of each node, before and after rounding; null where the node does not count."""

    def unrounded(self, node: Node) -> Decimal | None: ...

    def value(self, node: Node) -> Decimal | None: ...


class UnitSide:
    """A unit's scores. `scores` in column order, null where a criterion does not count for it."""

    def __init__(self, root: Node, scheme: Scheme, scores: Sequence[float | None]) -> None:
        self._scheme = scheme
        self._scores = scores
        self._known: dict[str, tuple[Decimal | None, Decimal | None]] = {}
        self._compute(root)

    def unrounded(self, node: Node) -> Decimal | None:
        return self._known[node.name][0]

    def value(self, node: Node) -> Decimal | None:
        return self._known[node.name][1]

    def _compute(self, node: Node) -> None:
        for member in node.members:
            self._compute(member)
        mean = self._leaf(node) if isinstance(node.member, Criterion) else self._mean(node, node.member)
        self._known[node.name] = mean, self._rounded(node, mean)

    def _leaf(self, node: Node) -> Decimal | None:
        score = None if node.column is None else self._scores[node.column]
        return None if score is None else decimal(score)

    def _mean(self, node: Node, group: Group) -> Decimal | None:
        counted = [(member, x) for member in node.members if (x := self.value(member)) is not None]
        if not counted:
            return None
        total = sum((member.share for member, _ in counted), ZERO)
        weights = [member.share / total for member, _ in counted]
        return MEANS[group.aggregate].of(weights, [x for _, x in counted])

    def _rounded(self, node: Node, mean: Decimal | None) -> Decimal | None:
        """A group's score whose points have no more decimals than it says; a criterion's is published rounded."""
        if mean is None or isinstance(node.member, Criterion) or node.member.decimals is None:
            return mean
        points = decimal(self._scheme.scale) * node.share
        return half_to_even(mean * points, node.member.decimals) / points


class Uniform:
    """The same score at every node that `like` has: what stands in for a group that a unit does not have, or for full marks."""

    def __init__(self, score: Decimal, like: Side) -> None:
        self._score = score
        self._like = like

    def unrounded(self, node: Node) -> Decimal | None:
        return None if self._like.value(node) is None else self._score

    def value(self, node: Node) -> Decimal | None:
        return self.unrounded(node)


def half_to_even(points: Decimal, decimals: int) -> Decimal:
    """The points rounded; what is a half but for noise goes to the even neighbour."""
    step = ONE.scaleb(-decimals)
    twice = (points / step * 2).to_integral_value(ROUND_HALF_EVEN)
    middle = twice * step / 2
    is_half = abs(points - middle) <= _HALF_WIDTH * max(abs(points), step)
    return (middle if is_half else points).quantize(step, ROUND_HALF_EVEN)
