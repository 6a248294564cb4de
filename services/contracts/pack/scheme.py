"""Schemes, as a pack writes them: the tree of groups and criteria that a block is scored by."""

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.pack.base import Id, Model, Share, Text, later
from services.contracts.pack.methods import (
    Change,
    Denominator,
    Method,
    MissingPolicy,
    Normalisation,
    Treatment,
    ZeroOverZero,
)
from services.contracts.pack.paths import PlannedPath

Aggregate = Literal["arithmetic", "geometric", "harmonic"]


class Gate(Model):
    """A minimum that cannot be made up for elsewhere: below `at_least` (of 0..1) here, the whole is at most `otherwise_at_most` of the scale."""

    at_least: Share
    otherwise_at_most: float = Field(default=0.0, ge=0, lt=1)


class Criterion(Model):
    """A leaf of a block's tree: one indicator, scored by one method, with its weight inside its group.

    In order: `per`, `change`, `missing`, `treatment`, `scoring`, `zero_over_zero`, `decimals`.
    """

    criterion: Id
    title: Text | None = None
    indicator: Id
    weight: float = Field(gt=0)
    scoring: Method
    missing: MissingPolicy = "zero"
    last_value_for: int | None = later(None, ge=1)
    """With `missing: last_value`: for how many of the indicator's periods the last value is put in; null: for ever."""
    change: Change | None = later(None)
    zero_over_zero: ZeroOverZero = later("exclude")
    decimals: int | None = later(None, ge=0, le=9)
    """Its points (score × its share of the scheme's scale) are rounded to this many decimals, half to even, before they are added up."""
    per: Denominator | None = later(None)
    treatment: Treatment | None = later(None)
    gate: Gate | None = later(None)
    path: PlannedPath | None = later(None)
    """Its target by date. The method's own target (or threshold) is the final one."""


class Group(Model):
    """A node of a block's tree: its members' weighted arithmetic, geometric or harmonic mean."""

    group: Id
    title: Text
    short: Text | None = None
    """Two letters for the head of a board's column."""
    weight: float = Field(default=1.0, gt=0)
    aggregate: Aggregate = "arithmetic"
    members: tuple["Criterion | Group", ...] = Field(min_length=1)
    decimals: int | None = later(None, ge=0, le=9)
    """Its points are rounded to this many decimals, half to even, before they go into the group above."""
    gate: Gate | None = later(None)
    adjustable: float | None = later(None, gt=0)
    """The most points of the scale that the council's adjustments for this group may add to the total, or take; null: none."""


class Uncertainty(Model):
    """Draws behind the rank intervals: each weight is multiplied by a uniform factor of 1 ± `weights`.

    Drawn as well are the luck in ratios of counts (`sampling`) and what was put in for missing figures (`imputation`).
    """

    weights: float = Field(default=0.25, ge=0, lt=1)
    draws: int = Field(default=500, ge=100, le=5000)
    seed: int = Field(default=1, ge=0)
    sampling: bool = later(True)
    """Whether ratios of counts are taken as samples of what their units do: 9 of 10 says less than 900 of 1,000."""
    exact: tuple[Id, ...] = later(())
    """Indicators whose ratios are whole numbers and yet no counts (money, hectares): they have no luck in them."""
    imputation: bool = later(True)
    """Whether each draw puts in another of the peers' figures for a missing one."""
    normalisations: tuple[Annotated[Normalisation, Field(discriminator="method")], ...] = later(())
    """Where the pack's choice between `min_max`, `z_score` and `percentile` could as well be another: each draw takes one of these, all
    equally often, for every criterion with such a method. Empty: always the criterion's own."""
    top: Share = later(0.2)
    """P(top): the probability to be among the block's first k, which are this share of its ranked units, and no fewer than one."""
    bottom: Share = later(0.2)


class Scheme(Model):
    """How a block is scored: one tree, one scale, one rounding."""

    id: Id
    title: Text
    scale: float = Field(default=100.0, gt=0, le=10_000)
    decimals: int = Field(default=2, ge=0, le=9)
    """Scores are rounded to this many decimals (half to even) before they are ranked."""
    ties: Literal["min", "dense"] = "min"
    min_coverage: float = Field(default=0.0, ge=0, le=1)
    """Below this share of reported weight a unit is "not ranked", not last."""
    uncertainty: Uncertainty = Uncertainty()
    root: Group
    extras: tuple[Criterion, ...] = later(())
    """Bonuses and penalties. Their weight is the most points of the scale that they may add or take; they count for no coverage."""
    over_scale: bool = later(False)
    """Whether bonuses may lift a total above the scale: 107 of 100 in one province, capped at 100 in another."""

    def criteria(self) -> tuple[Criterion, ...]:
        """All leaves in the tree's order, then the extras: the order of `UnitResult.criteria`."""
        return (*_leaves(self.root), *self.extras)

    def top_groups(self) -> tuple["Criterion | Group", ...]:
        """The root's members: the order of `UnitResult.groups`."""
        return self.root.members


def name_of(member: Group | Criterion) -> str:
    """The member's own id, of which a scheme has no two."""
    return member.criterion if isinstance(member, Criterion) else member.group


def _leaves(node: "Group | Criterion") -> "list[Criterion]":
    if isinstance(node, Criterion):
        return [node]
    return [leaf for member in node.members for leaf in _leaves(member)]
