"""The compiled campaign pack: everything that decides a score, as data. `load` reads the folder, `compiled` gives its bytes and hash."""

from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import Field

from services.contracts.ids import BlockId, UnitId, block_id
from services.contracts.pack.area import Area
from services.contracts.pack.base import Id, Model, Share, Text, later
from services.contracts.pack.calendar import Calendar, Days, days_of
from services.contracts.pack.council import CouncilRole
from services.contracts.pack.flag_rules import FlagRules
from services.contracts.pack.indicator import MOST_DAYS, Indicator, begins
from services.contracts.pack.lineage import Lineage, LineageEdge
from services.contracts.pack.scheme import Scheme
from services.contracts.periods import Cadence


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
    areas: tuple[Area, ...] = later(())
    """Where units lie on the map. Decides no score."""

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
