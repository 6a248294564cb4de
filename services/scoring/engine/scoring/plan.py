"""A block's scoring tree as index arrays: compiled once for a pack and block, then only read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from services.contracts.ids import BlockId, PackHash, block_id
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import Targeted
from services.contracts.pack.model import Block, Pack, Unit
from services.contracts.pack.paths import PlannedPath
from services.contracts.pack.rules import rules_hash
from services.contracts.pack.scheme import Aggregate, Criterion, Gate, Group, Scheme
from services.scoring.engine.numbers.arrays import Direction

PackSource = Callable[[PackHash], Pack | None]


class PackMissing(Exception):  # noqa: N818 - it names what is missing
    """A pack that the log activates is not known here yet. The state is unchanged: wait for the pack, then apply the event again."""

    def __init__(self, pack: PackHash) -> None:
        super().__init__(f"the pack {pack} is not known yet")
        self.pack = pack


class Under(NamedTuple):
    """What a criterion's figure is divided by, and then multiplied with."""

    indicator: Indicator
    times: float


@dataclass(frozen=True, slots=True)
class GroupNode:
    """A group of the tree. `members` index the nodes (criteria first, in pack order, then groups); `weights` add up to 1."""

    id: str
    members: tuple[int, ...]
    weights: tuple[float, ...]
    aggregate: Aggregate
    decimals: int | None
    share: float
    """Of the whole: the product of the weights from the root down."""
    criteria: tuple[int, ...]
    """All that are in it, at any depth, ascending."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pack says about scoring one block."""

    hash: PackHash
    pack: Pack
    block_id: BlockId
    block: Block
    scheme: Scheme
    criteria: tuple[Criterion, ...]
    indicators: tuple[Indicator, ...]
    """The indicator of each criterion: its newest definition, or the one of the day that the plan is for (`on`)."""
    groups: tuple[GroupNode, ...]
    """Members before the groups that hold them; the root is the last. Group g is node `len(criteria) + g`."""
    top: tuple[int, ...]
    """Nodes of the root's members."""
    weights: tuple[float, ...]
    """Of each criterion, its share of the whole: the product of the weights from the root down; 0 for the scheme's extras."""
    extras: tuple[int, ...]
    """Criteria that are bonuses and penalties: the last ones."""
    denominators: tuple[tuple[int, Under], ...]
    """Criteria whose figures are divided, with what they are divided by."""
    undefined: frozenset[int]
    """Criteria of which an indicator has no definition on the day that the plan is for."""
    gates: tuple[tuple[int, Gate], ...]
    """Nodes with a minimum."""
    directions: tuple[Direction, ...]
    """Of each criterion's figure."""
    paths: tuple[tuple[int, PlannedPath], ...]
    """Criteria with a planned path."""
    made_of_children: tuple[Indicator, ...]
    """Indicators of parents that the block's evaluations report."""
    rows: tuple[Unit, ...]
    """The block's units, whenever they are in it, in pack order."""
    rules: str
    """Hash of what decides the block's scores: the same under packs that differ in words, or in other blocks."""

    def points(self, node: int) -> float:
        """What the node is worth on the scheme's scale when nothing is missing; of a bonus or penalty, the most that it gives or takes."""
        count = len(self.criteria)
        if node in self.extras:
            return self.criteria[node].weight
        share = self.weights[node] if node < count else self.groups[node - count].share
        return self.scheme.scale * share

    def criteria_in(self, node: int) -> tuple[int, ...]:
        """The criteria of a node; of a criterion itself."""
        count = len(self.criteria)
        return (node,) if node < count else self.groups[node - count].criteria

    def targeted(self, column: int) -> Targeted:
        """The method of a criterion with a path."""
        method = self.criteria[column].scoring
        if not isinstance(method, Targeted):
            raise TypeError(f"{method.method} has no target: thidua pack check refuses a path with it")
        return method

    def on(self, day: date) -> "Plan":
        """The plan with the definitions of that day: itself, where no indicator of the block ever changes its own."""
        pack = self.pack
        if all(
            len(pack.definitions[name]) == 1 and _is_for_ever(pack.indicator_by_id[name])
            for name in self._named()
        ):
            return self
        return _dated(self, day)

    def _named(self) -> Iterator[str]:
        yield from (criterion.indicator for criterion in self.criteria)
        yield from (under.indicator.id for _, under in self.denominators)

    def units_on(self, day: date) -> tuple[Unit, ...]:
        """The units that are in the block on that day, in pack order."""
        return tuple(unit for unit in self.rows if unit.holds(day))

    def in_transition(self, unit: str, day: date) -> bool:
        """Whether the unit came of a merger, a split or a move between blocks so lately that its flags pause on that day."""
        return self.pack.descent.in_transition(unit, day)


def pack_of(hash: PackHash, packs: PackSource) -> Pack:
    """The pack of that hash. Raises `PackMissing`."""
    pack = packs(hash)
    if pack is None:
        raise PackMissing(hash)
    return pack


def plan_of(hash: PackHash, packs: PackSource, block: BlockId) -> Plan:
    """The plan of a block under a pack. Raises `PackMissing`, and `KeyError` for a block that the pack does not have."""
    return _compiled(_Versioned(hash, pack_of(hash, packs)), block)


class _Versioned:
    """A pack that is compared by its hash alone, so that finding its plan costs nothing."""

    __slots__ = ("hash", "pack")

    def __init__(self, hash: PackHash, pack: Pack) -> None:
        self.hash = hash
        self.pack = pack

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Versioned) and self.hash == other.hash


@lru_cache(maxsize=2048)
def _compiled(versioned: _Versioned, block: BlockId) -> Plan:
    pack = versioned.pack
    scheme = pack.scheme_of(block)
    tree = _Tree(scheme)
    criteria = scheme.criteria()
    return Plan(
        hash=versioned.hash,
        pack=pack,
        block_id=block,
        block=pack.block_by_id[block],
        scheme=scheme,
        criteria=criteria,
        indicators=tuple(pack.indicator_by_id[criterion.indicator] for criterion in criteria),
        groups=tuple(tree.groups),
        top=tree.groups[-1].members,
        weights=(*tree.shares, *(0.0 for _ in scheme.extras)),
        extras=tuple(range(len(tree.shares), len(criteria))),
        denominators=tuple(
            (column, Under(pack.indicator_by_id[criterion.per.indicator], criterion.per.times))
            for column, criterion in enumerate(criteria)
            if criterion.per is not None
        ),
        gates=tuple(tree.gates),
        undefined=frozenset(),
        directions=tuple(
            _direction(criterion, pack.indicator_by_id[criterion.indicator]) for criterion in criteria
        ),
        paths=tuple(
            (column, criterion.path)
            for column, criterion in enumerate(criteria)
            if criterion.path is not None
        ),
        made_of_children=tuple(
            indicator
            for indicator in pack.indicators
            if indicator.from_children is not None
            and block_id(pack.campaign.id, indicator.from_children.block) == block
        ),
        rows=pack.rows_by_block.get(block, ()),
        rules=rules_hash(pack, block),
    )


def _direction(criterion: Criterion, indicator: Indicator) -> Direction:
    """More of a change is better, for it is one for the better."""
    return indicator.direction if criterion.change is None else "higher"


def _is_for_ever(indicator: Indicator) -> bool:
    return indicator.valid_from is None and indicator.valid_to is None


def _dated(plan: Plan, day: date) -> Plan:
    """Criteria without a definition on that day keep the newest one, for its title's sake, and are `undefined`."""
    pack, criteria = plan.pack, plan.criteria
    found = [pack.indicator_on(criterion.indicator, day) for criterion in criteria]
    unders = {column: pack.indicator_on(under.indicator.id, day) for column, under in plan.denominators}
    indicators = tuple(one or newest for one, newest in zip(found, plan.indicators, strict=True))
    undefined = {column for column, one in enumerate(found) if one is None}
    undefined |= {column for column, one in unders.items() if one is None}
    held = ["-" if one is None else f"{one.valid_from}:{one.valid_to}" for one in (*found, *unders.values())]
    return replace(
        plan,
        indicators=indicators,
        undefined=frozenset(undefined),
        directions=tuple(map(_direction, criteria, indicators)),
        denominators=tuple(
            (column, Under(unders[column] or under.indicator, under.times))
            for column, under in plan.denominators
        ),
        rules=f"{plan.rules}/{','.join(held)}",
    )


class _Tree:
    """Walks a scheme's tree once, numbering its nodes."""

    def __init__(self, scheme: Scheme) -> None:
        self.groups: list[GroupNode] = []
        self.shares: list[float] = []
        self.gates: list[tuple[int, Gate]] = []
        self._criteria = len(scheme.criteria())
        self._add(scheme.root, 1.0)

    def _add(self, node: Group | Criterion, share: float) -> int:
        at = self._leaf(share) if isinstance(node, Criterion) else self._group(node, share)
        if node.gate is not None:
            self.gates.append((at, node.gate))
        return at

    def _leaf(self, share: float) -> int:
        self.shares.append(share)
        return len(self.shares) - 1

    def _group(self, group: Group, share: float) -> int:
        first = len(self.shares)
        total = sum(member.weight for member in group.members)
        weights = tuple(member.weight / total for member in group.members)
        members = tuple(
            self._add(member, share * weight) for member, weight in zip(group.members, weights, strict=True)
        )
        criteria = tuple(range(first, len(self.shares)))
        self.groups.append(
            GroupNode(group.group, members, weights, group.aggregate, group.decimals, share, criteria)
        )
        return self._criteria + len(self.groups) - 1
