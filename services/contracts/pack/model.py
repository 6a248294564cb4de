"""The compiled campaign pack: everything that decides a score, as data. `load` reads the folder, `compiled` gives its bytes and hash."""

from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from services.contracts.events import Origin
from services.contracts.ids import BlockId, UnitId, block_id
from services.contracts.pack.base import Id, Model, Share, Text, later
from services.contracts.pack.calendar import Calendar, Days, days_of, overdue_at
from services.contracts.pack.children import FromChildren
from services.contracts.pack.council import CouncilRole
from services.contracts.pack.flag_rules import FlagRules
from services.contracts.pack.lineage import Lineage, LineageEdge
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
from services.contracts.periods import Cadence, Period

MOST_DAYS: Final = 3660
"""Ten years: what a pack may ask to wait for, in days, or in periods that are no shorter. Dates end soon after."""

Aggregate = Literal["arithmetic", "geometric", "harmonic"]


class Indicator(Model):
    """What is measured, how often, and how its figures make up the period that is ranked.

    `within` says how the figures of finer periods make up a coarser one: `last` is the newest reported; `sum` and `mean` are over those
    reported inside it. Three look back from its end: `to_date` is the running total from the start of the campaign's span, `year_to_date`
    that from 1 January (a yearly quota: it begins anew each year), `mean_to_date` the mean of all figures from the start of the span (of a
    yearly indicator, the mean over the years). An indicator coarser than the ranked period gives its newest period that ended by then.

    `facts`: nobody reports a figure; each occurrence comes as a fact, and the figure of a period is the sum of the facts in it, of the
    first origin that sent any. `within` is then `sum`, `to_date` or `year_to_date`.

    An id may have several definitions, one after the other in time: what is ranked or reported goes by the one that holds the last day of its
    period, and figures of another definition count for nothing under it.
    """

    id: Id
    title: Text
    unit_of_measure: str
    measure: Literal["value", "ratio", "passed", "facts"]
    direction: Literal["higher", "lower"] = "higher"
    cadence: Cadence
    due_lag_days: int = Field(default=0, ge=0, le=MOST_DAYS)
    """Days after the end of a period until its report is due."""
    due_lag_working_days: int | None = later(None, ge=0)
    """The same in working days of the campaign's calendar, instead."""
    year_starts: int = later(1, ge=1, le=12)
    """The month in which the indicator's years begin: with 9 (a school year), `2025` is September 2025 to August 2026, and so `2025-Q1` is
    September to November. Such a period counts in a ranking once it has ended."""
    stale_after: int | None = Field(default=0, ge=0, le=MOST_DAYS)
    """Official evaluations: how many periods older than the one asked for a figure may be and still stand in; 0: never; null: for ever.

    A figure that stands in is shown with its own period. A sum or a mean is never stood in for.
    """
    live_stale_after: int | None = Field(default=None, ge=0, le=MOST_DAYS)
    """The same for the live ranking, which otherwise shows the newest known figure however old it is."""
    within: Literal["last", "sum", "mean", "to_date", "year_to_date", "mean_to_date"] = "last"
    origins: tuple[Origin, ...] = ("automatic", "department", "self")
    """Who may report it; where several did, the first of these counts."""
    no_facts: Literal["not_reported", "zero"] = later("not_reported")
    """Of an indicator of facts, what a unit that sent none has: silence, until it sends a fact of amount 0; or 0, where the sender of
    the facts is known to send all (a register)."""
    valid_from: date | None = later(None)
    valid_to: date | None = later(None)
    """The definition holds for periods that end in [valid_from, valid_to)."""
    part_of: Id | None = later(None)
    """An indicator of which this is a part ("of which domestic"): more than the whole is a notice on the evaluation, for a person to look at."""
    from_children: FromChildren | None = later(None)
    """Nobody sends it: it is made of the units below the unit that it is of."""
    carried: Literal["sum", "weighted"] | None = later(None)
    """What a value becomes when units merge or split: `sum`, additive, like new enterprises: each successor has its shares of the old ones;
    `weighted`, the mean by the edges' `weight`; null, a level that is not carried over. A ratio needs nothing said: its numerators and
    denominators add up. A pass is inherited, and has to be confirmed.
    """

    @model_validator(mode="after")
    def _only_values_are_told_how_to_carry(self) -> Self:
        if self.carried is not None and self.measure != "value":
            raise ValueError(f"carried is for values, not for {self.measure}")
        return self

    @model_validator(mode="after")
    def _one_lag(self) -> Self:
        if self.due_lag_days and self.due_lag_working_days is not None:
            raise ValueError("a report is due after due_lag_days or after due_lag_working_days")
        return self

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise ValueError(f"valid_to ({self.valid_to}) must be after valid_from ({self.valid_from})")
        return self

    def overdue_at(self, period: Period, days: Days) -> datetime:
        """The instant from which a report for the period is overdue."""
        return overdue_at(period, days, self.year_starts, self.due_lag_days, self.due_lag_working_days)

    @property
    def is_percentage(self) -> bool:
        """Whether its figures are shares that people write in per cent: 0.95 is 95 %. A ratio may be of anything else, as value per hectare."""
        return self.measure == "ratio" and self.unit_of_measure.strip() == "%"

    def holds(self, day: date) -> bool:
        """Whether this is the definition on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


def begins(indicator: Indicator) -> date:
    """The definition's first day."""
    return indicator.valid_from or date.min


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


class TieBreak(Model):
    """What people decided about equal scores of one period: of units that are level, those listed come in this order, and before the others.

    By people, never by a hidden rule (Decree 152/2025, art. 4.6). Flags still take the tie whole.
    """

    period: str
    units: tuple[Id, ...] = Field(min_length=2)
    reason: str = Field(min_length=1)


class FeedChecks(Model):
    """What in a block's figures should make a person look at the feed rather than at the units. See `results.Notice`."""

    frozen: Share | None = None
    """From this share on of figures that were reported again and are exactly those of the period before, the feed counts as frozen."""
    jump: float | None = Field(default=None, gt=0)
    """A top-level group that moves by more than this many points of the scheme's scale in one period is a jump."""
    origins: float | None = later(None, ge=0)
    """Figures of other origins that differ from the one that counts by more than this share of it are listed on the evaluation."""


class Schedule(Model):
    """When official evaluations happen: for each period of `cadence`, `after_days` days after its end; `first` is the earliest period."""

    cadence: Cadence
    after_days: int = Field(default=5, ge=0, le=MOST_DAYS)
    first: str


class Block(Model):
    """A peer block (khối thi đua): the units that are ranked against one another."""

    id: Id
    title: Text
    scheme: Id
    flags: FlagRules = FlagRules()
    schedule: Schedule | None = None
    """Null: evaluations are asked for, never scheduled."""
    shortlist: float | None = later(None, gt=0, le=0.2)
    """The official top share of the block, apart from any flag. At most 20 % (Decree 152/2025, art. 7). See `results.Shortlist`."""
    feed_checks: FeedChecks | None = later(None)
    tie_breaks: tuple[TieBreak, ...] = later(())


class Unit(Model):
    """A unit in a block for [valid_from, valid_to). A unit that changes block has one row for each."""

    id: Id
    name: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    block: Id
    valid_from: date | None = None
    valid_to: date | None = None
    parent: Id | None = later(None)
    """The unit that it is part of, mostly one of another block."""
    peers: str | None = later(None)
    """A label that units alike share, inside a block: what `peer_mean` and `peer_median` are taken over."""
    code: str | None = later(None)
    """The official code while the unit is in being: an attribute, never an identity, as codes are used again."""

    def holds(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


class Campaign(Model):
    """What the campaign is. `live_cadence` gives the period that the live ranking is of: the one that holds the log's clock."""

    id: Id
    title: Text
    span: str
    """A period that holds all others: `2021/2025`."""
    live_cadence: Cadence
    zone: str = "Asia/Ho_Chi_Minh"
    simulated: bool = False
    """Invented figures: marked "MÔ PHỎNG / simulated" wherever they show."""
    source: Text | None = None
    """Attribution of published figures."""
    transition_days: int = later(0, ge=0)
    """For so many days after a unit came of a merger or split, its flags pause."""
    calendar: Calendar | None = later(None)

    @cached_property
    def days(self) -> Days:
        """On which days periods begin and end here, and which are worked."""
        return days_of(self.zone, self.calendar)


class Pack(Model):
    """A whole campaign."""

    pack_format: Literal[1] = 1
    campaign: Campaign
    blocks: tuple[Block, ...] = Field(min_length=1)
    schemes: tuple[Scheme, ...] = Field(min_length=1)
    indicators: tuple[Indicator, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = Field(min_length=1)
    council: tuple[CouncilRole, ...] = later(())
    lineage: tuple[LineageEdge, ...] = later(())

    @cached_property
    def indicator_by_id(self) -> dict[str, Indicator]:
        """The newest definition of each."""
        return {id: definitions[-1] for id, definitions in self.definitions.items()}

    @cached_property
    def definitions(self) -> dict[str, tuple[Indicator, ...]]:
        """All definitions of each indicator, in the order of time."""
        found: dict[str, list[Indicator]] = {}
        for indicator in self.indicators:
            found.setdefault(indicator.id, []).append(indicator)
        return {id: tuple(sorted(of_id, key=begins)) for id, of_id in found.items()}

    def indicator_on(self, id: str, day: date) -> Indicator | None:
        """The definition on that day; null where there is none. Raises `KeyError` for an id that the pack does not have."""
        return next((one for one in self.definitions[id] if one.holds(day)), None)

    @cached_property
    def block_by_id(self) -> dict[BlockId, Block]:
        """Blocks by their full id, `<campaign>/<block>`."""
        return {block_id(self.campaign.id, block.id): block for block in self.blocks}

    @cached_property
    def scheme_by_id(self) -> dict[str, Scheme]:
        return {scheme.id: scheme for scheme in self.schemes}

    @cached_property
    def rows_by_unit(self) -> dict[UnitId, tuple[Unit, ...]]:
        rows: dict[UnitId, list[Unit]] = {}
        for unit in self.units:
            rows.setdefault(UnitId(unit.id), []).append(unit)
        return {unit: tuple(of_unit) for unit, of_unit in rows.items()}

    @cached_property
    def descent(self) -> Lineage:
        """The lineage, to look things up in."""
        return Lineage(self.lineage, self.campaign.transition_days)

    @cached_property
    def rows_by_block(self) -> dict[BlockId, tuple[Unit, ...]]:
        """The rows of each block's units, whenever they are in it, in pack order."""
        rows: dict[BlockId, list[Unit]] = {}
        for unit in self.units:
            rows.setdefault(block_id(self.campaign.id, unit.block), []).append(unit)
        return {block: tuple(of_block) for block, of_block in rows.items()}

    @cached_property
    def scheme_rules(self) -> dict[str, bytes]:
        """What `rules` works out once for each scheme, whatever number of blocks it scores."""
        return {}

    def scheme_of(self, block: BlockId) -> Scheme:
        """Raises `KeyError` for a block that the pack does not have."""
        return self.scheme_by_id[self.block_by_id[block].scheme]

    def units_of(self, block: BlockId, day: date) -> tuple[Unit, ...]:
        """The units that are in the block on that day, in pack order."""
        return tuple(unit for unit in self.rows_by_block.get(block, ()) if unit.holds(day))

    def block_of(self, unit: str, day: date) -> BlockId | None:
        """The block that holds the unit on that day, or None."""
        for row in self.rows_by_unit.get(UnitId(unit), ()):
            if row.holds(day):
                return block_id(self.campaign.id, row.block)
        return None
