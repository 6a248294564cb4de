"""What stands beside the tree of one unit: bonuses and penalties, the ends of the scale, minimums that were not reached."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from services.contracts.explanation.means import ZERO
from services.contracts.explanation.model import Kind
from services.contracts.explanation.tree import Node, Side, decimal
from services.contracts.pack.scheme import Scheme
from services.contracts.results import UnitResult

_GATE_SLACK: Final = Decimal("1e-9")
"""As in the engine: a mean of ten scores of 0.7 may come to a hair less than 0.7."""


class Beside(NamedTuple):
    """Points that are added to what the tree gives; taken where they are negative. `id` is the extra's, or the gated node's."""

    kind: Kind
    id: str
    points: Decimal


def beside(scheme: Scheme, root: Node, side: Side, result: UnitResult) -> list[Beside]:
    """In the order in which the engine applies them: extras, adjustments of groups, the scale's ends, gates. Of the last three only what
    changes something."""
    mean = side.value(root)
    if mean is None:
        return []
    scale = decimal(scheme.scale)
    total, lines = scale * mean, [*_extras(scheme, result), *_adjustments(scheme, result)]
    if lines:
        with_extras = total + sum((line.points for line in lines), ZERO)
        lines += _ends(with_extras, None if scheme.over_scale else max(total, scale))
        total = total + sum((line.points for line in lines), ZERO)
    return lines + list(_gates(root, side, scale, total))


def _extras(scheme: Scheme, result: UnitResult) -> Iterator[Beside]:
    first = len(scheme.criteria()) - len(scheme.extras)
    for column, extra in enumerate(scheme.extras, first):
        kind: Kind = "penalty" if extra.scoring.method == "penalty" else "bonus"
        yield Beside(
            kind, extra.criterion, decimal(result.criteria[column].score or 0.0) * decimal(extra.weight)
        )


def _adjustments(scheme: Scheme, result: UnitResult) -> Iterator[Beside]:
    """Those of extras are in the extras' own scores."""
    extras = {extra.criterion for extra in scheme.extras}
    for adjustment in result.adjustments or ():
        if adjustment.criterion not in extras and adjustment.points:
            yield Beside("adjustment", adjustment.criterion, decimal(adjustment.points))


def _ends(total: Decimal, highest: Decimal | None) -> list[Beside]:
    if total < 0:
        return [Beside("floor", "floor", -total)]
    return [Beside("cap", "cap", highest - total)] if highest is not None and total > highest else []


def _gates(root: Node, side: Side, scale: Decimal, total: Decimal) -> Iterator[Beside]:
    for node in root.gated():
        gate, score = node.member.gate, side.value(node)
        assert gate is not None
        highest = scale * decimal(gate.otherwise_at_most)
        if score is not None and score < decimal(gate.at_least) - _GATE_SLACK and highest < total:
            yield Beside("gate", node.name, highest - total)
            total = highest
