"""What each node of a tree makes of the difference between two sides, in points of the scale."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from services.contracts.explanation.means import MEANS, ZERO
from services.contracts.explanation.model import Kind
from services.contracts.explanation.tree import Node, Side, Uniform
from services.contracts.pack.scheme import Group


class Difference(NamedTuple):
    """Points that a node (kind `group` or `criterion`) or the rounding of a group makes. Those inside a group add up to the group's."""

    kind: Kind
    node: Node
    points: Decimal


def differences(node: Node, left: Side, right: Side, rate: Decimal) -> Iterator[Difference]:
    """`right` less `left` at every node that counts on either side, times `rate`.

    A member that one side does not have is left out of its mean there, which is as if it stood at that mean: so it is compared with that,
    and what others of the group make of the difference does not depend on its absence.
    """
    (a, b), (a_mean, b_mean) = _both(node, left, right, "value"), _both(node, left, right, "unrounded")
    yield Difference("criterion" if node.column is not None else "group", node, rate * (b - a))
    if not isinstance(node.member, Group):
        return
    counted = [m for m in node.members if left.value(m) is not None or right.value(m) is not None]
    lefts = [left if left.value(m) is not None else Uniform(a_mean, right) for m in counted]
    rights = [right if right.value(m) is not None else Uniform(b_mean, left) for m in counted]
    pairs = [_both(m, one, other, "value") for m, one, other in zip(counted, lefts, rights, strict=True)]
    total = sum((m.share for m in counted), ZERO)
    rates = MEANS[node.member.aggregate].rates(
        [m.share / total for m in counted], [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    )
    for member, one, other, own in zip(counted, lefts, rights, rates, strict=True):
        yield from differences(member, one, other, rate * own)
    if node.member.decimals is not None:
        yield Difference("rounding", node, rate * ((b - b_mean) - (a - a_mean)))


def _both(node: Node, left: Side, right: Side, which: str) -> tuple[Decimal, Decimal]:
    """The node's two scores: both are there, as the caller saw to it."""
    a, b = getattr(left, which)(node), getattr(right, which)(node)
    assert a is not None and b is not None
    return a, b
