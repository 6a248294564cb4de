"""One unit's score taken apart: into lines that add up to it, and against another unit's into parts that add up to the gap."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import NamedTuple

from services.contracts.explanation.apportion import apportioned
from services.contracts.explanation.beside import Beside, beside
from services.contracts.explanation.differences import differences
from services.contracts.explanation.means import ONE, ZERO
from services.contracts.explanation.model import Kind, NotExplained
from services.contracts.explanation.tree import Node, Uniform, UnitSide, decimal, tree_of
from services.contracts.pack.scheme import Scheme
from services.contracts.results import UnitResult

Key = tuple[Kind, str]
"""A line's kind and id."""


class Tally(NamedTuple):
    """What a line counts for, in ticks of the score's last decimal. Null: it does not count."""

    kind: Kind
    id: str
    node: Node | None
    ticks: int | None
    worth: Decimal | None
    """In points, of a group or criterion."""

    @property
    def key(self) -> Key:
        return self.kind, self.id


class Scorecard:
    """A unit's result with its scheme. Raises `NotExplained` when the figures do not make up the score."""

    def __init__(self, scheme: Scheme, result: UnitResult) -> None:
        self.scheme = scheme
        self.result = result
        self.root = tree_of(scheme)
        self._scores = [criterion.score for criterion in result.criteria]
        if len(self._scores) != len(scheme.criteria()):
            raise NotExplained(f"{result.unit} has other criteria than the pack")
        self.side = UnitSide(self.root, scheme, self._scores)
        self._step = Decimal(1).scaleb(-scheme.decimals)
        self._check()

    @property
    def ticks(self) -> int | None:
        """The published score; of a unit that is not ranked, what its figures come to; null when nothing counts."""
        if self.result.score is not None:
            return int((decimal(self.result.score) / self._step).to_integral_value(ROUND_HALF_EVEN))
        return None if self._total is None else int(self._total.to_integral_value(ROUND_HALF_EVEN))

    def points(self, ticks: int) -> float:
        """The double that prints as that decimal."""
        return ticks / int(10**self.scheme.decimals)

    def tallies(self) -> list[Tally]:
        """Every line in the tree's order, then what stands beside the tree. Each is within a tick of what it exactly is."""
        if self.ticks is None:
            return [Tally(_kind(node), node.name, node, None, None) for node in self.root.walk()]
        own = self._own
        ticks = apportioned(
            [own["group", self.root.name], *(self._in_ticks(b) for b in self._beside)], self.ticks
        )
        lines = list(self._tree(self.root, ticks[0], decimal(self.scheme.scale)))
        for one, count in zip(self._beside, ticks[1:], strict=True):
            lines.append(Tally(one.kind, one.id, None, count, None))
        return lines

    def against(self, other: "Scorecard") -> dict[Key, int]:
        """What each line makes of own score less the other's, in ticks; of groups none. Both units have a score, by the same scheme."""
        assert self.ticks is not None and other.ticks is not None
        found: dict[Key, Decimal] = {
            (one.kind, one.node.name): one.points / self._step
            for one in differences(self.root, other.side, self.side, decimal(self.scheme.scale))
            if one.kind != "group"
        }
        for sign, lines in ((1, self._beside), (-1, other._beside)):
            for line in lines:
                found[line.kind, line.id] = found.get((line.kind, line.id), ZERO) + sign * self._in_ticks(
                    line
                )
        ticks = apportioned(list(found.values()), self.ticks - other.ticks)
        return dict(zip(found, ticks, strict=True))

    @cached_property
    def _beside(self) -> list[Beside]:
        return beside(self.scheme, self.root, self.side, self.result)

    @cached_property
    def _total(self) -> Decimal | None:
        """In ticks, before rounding."""
        mean = self.side.value(self.root)
        if mean is None:
            return None
        inside = decimal(self.scheme.scale) * mean / self._step
        return inside + sum((self._in_ticks(line) for line in self._beside), ZERO)

    @cached_property
    def _own(self) -> dict[Key, Decimal]:
        """Points of groups and criteria in ticks, exactly: what they are worth, less what the way from full marks to their score costs."""
        scale = decimal(self.scheme.scale)
        own = {
            (one.kind, one.node.name): one.points / self._step
            for one in differences(self.root, Uniform(ONE, self.side), self.side, scale)
        }
        for node, worth in self._worths(self.root, scale):
            own[_kind(node), node.name] += worth / self._step
        return own

    def _worths(self, node: Node, worth: Decimal) -> Iterator[tuple[Node, Decimal]]:
        yield node, worth
        for member, own in self._shared(node, worth):
            yield from self._worths(member, own)

    def _shared(self, node: Node, worth: Decimal) -> list[tuple[Node, Decimal]]:
        """Members that count, with their share of the group's worth."""
        counted = [member for member in node.members if self.side.value(member) is not None]
        total = sum((member.share for member in counted), ZERO)
        return [(member, worth * member.share / total) for member in counted]

    def _tree(self, node: Node, ticks: int, worth: Decimal) -> Iterator[Tally]:
        yield Tally(_kind(node), node.name, node, ticks, worth)
        worths = dict(self._shared(node, worth))
        keys: list[Key] = [(_kind(member), member.name) for member in worths]
        if ("rounding", node.name) in self._own:
            keys.append(("rounding", node.name))
        shares = (
            dict(zip(keys, apportioned([self._own[key] for key in keys], ticks), strict=True)) if keys else {}
        )
        for member in node.members:
            if member in worths:
                yield from self._tree(member, shares[_kind(member), member.name], worths[member])
            else:
                yield from (Tally(_kind(inner), inner.name, inner, None, None) for inner in member.walk())
        if shares.get(("rounding", node.name)):
            yield Tally("rounding", node.name, node, shares["rounding", node.name], None)

    def _in_ticks(self, line: Beside) -> Decimal:
        return line.points / self._step

    def _check(self) -> None:
        """Published scores have 12 digits, so the total may miss the rounded score by a little more than half a tick."""
        if self.result.score is None:
            return
        total, ticks = self._total, self.ticks
        slack = (
            Decimal("0.51") if total is None else Decimal("0.5") + max(Decimal("0.01"), abs(total) / 10**9)
        )
        if total is None or ticks is None or abs(total - ticks) > slack:
            raise NotExplained(f"the figures of {self.result.unit} do not make up its score under this pack")


def ranked(results: Sequence[UnitResult]) -> list[UnitResult]:
    return [result for result in results if result.rank is not None]


def _kind(node: Node) -> Kind:
    return "group" if node.column is None else "criterion"
