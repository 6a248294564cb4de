"""What a published pack allows: which units, indicators and periods, and the block that an event belongs to."""

from collections.abc import Sequence
from datetime import date
from typing import Final, get_args

from services.contracts.ids import BlockId, UnitId
from services.contracts.known_cells import KnownCells
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.lineage import LineageEdge
from services.contracts.pack.model import Pack
from services.contracts.pack.reach import first_days
from services.contracts.periods import BadPeriod, Cadence, Period, parse_period
from services.contracts.problems import (
    BadReportPeriod,
    DissolvedUnit,
    EventProblem,
    UnknownBlock,
    UnknownIndicator,
    UnknownUnit,
)

_REMEMBERED: Final = 100_000
"""Pairs of block and period that may be remembered as good."""

_FINER_FIRST: Final[tuple[Cadence, ...]] = get_args(Cadence)


class CampaignRules:
    """The rules of one pack, for every sender."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._span = parse_period(pack.campaign.span)
        self._first_days = first_days(pack)
        self._evaluable: set[tuple[BlockId, str]] = set()
        self.zone = pack.campaign.zone
        self.days = pack.campaign.days
        self.simulated = pack.campaign.simulated
        self.known = KnownCells()

    def require_unit(self, subject: str | None) -> UnitId:
        """The unit that the event is about. Raises `EventProblem`."""
        unit = UnitId(_subject(subject, "unit"))
        if unit not in self.pack.rows_by_unit:
            raise UnknownUnit(f"The campaign has no unit {unit!r}.", pointer="/subject")
        return unit

    def require_indicator(self, name: str) -> Indicator:
        """Raises `UnknownIndicator`."""
        indicator = self.pack.indicator_by_id.get(name)
        if indicator is None:
            raise UnknownIndicator(f"The campaign has no indicator {name!r}.", pointer="/data/indicator")
        return indicator

    def definition_of(self, indicator: Indicator, period: Period, pointer: str) -> Indicator:
        """What the indicator is at the end of the period. Raises `BadReportPeriod` where the pack defines it for other times only."""
        found = self.pack.indicator_on(indicator.id, period.last)
        if found is None:
            raise _undefined(self.pack.definitions[indicator.id], period, pointer)
        return found

    def require_reportable(self, text: str, indicator: str, pointer: str) -> Period:
        """A period inside the campaign's span, or before it where the pack takes a baseline from there. Raises `BadReportPeriod`."""
        first = self._first_days.get(indicator)
        try:
            period = parse_period(text)
        except BadPeriod:
            first = None
        if first is not None and first <= period.first and period.last < self._span.first:
            return period
        return self.require_period(text, pointer)

    def require_period(self, text: str, pointer: str = "/data/period") -> Period:
        """A period inside the campaign's span. Raises `BadReportPeriod`."""
        try:
            period = parse_period(text)
        except BadPeriod as error:
            raise BadReportPeriod(f"{error}.", pointer=pointer) from None
        if not self._span.contains(period):
            detail = f"{text!r} lies outside the campaign's span, {self._span}."
            advice = f"Use a period inside {self._span}; a longer campaign is a new pack of the office."
            raise BadReportPeriod(detail, pointer=pointer, next=advice)
        return period

    def require_evaluable(self, block: BlockId, text: str) -> None:
        """That the block can be evaluated for the period: it is of a cadence that the block is looked at by, or of a coarser one, and the
        block has units at its end. Raises `EventProblem`."""
        if (block, text) in self._evaluable:
            return
        period = self.require_period(text)
        finest = self._finest_cadence(block)
        if _FINER_FIRST.index(period.cadence) < _FINER_FIRST.index(finest):
            fitting = ", ".join(_FINER_FIRST[_FINER_FIRST.index(finest) :])
            raise BadReportPeriod(
                f"{text!r} is a {period.cadence}; {block} is evaluated by: {fitting}.",
                pointer="/data/period",
                next="Ask for a period of one of these cadences; the pack's live_cadence and schedule set the finest.",
            )
        if not self.pack.units_of(block, period.last):
            raise UnknownUnit(
                f"{block} has no units on {period.last}, the end of {text}.",
                pointer="/data/period",
                next="Ask for a period at whose end the published pack has units in the block.",
            )
        if len(self._evaluable) < _REMEMBERED:
            self._evaluable.add((block, text))

    def _finest_cadence(self, block: BlockId) -> Cadence:
        schedule = self.pack.block_by_id[block].schedule
        live = self.pack.campaign.live_cadence
        return live if schedule is None else min(live, schedule.cadence, key=_FINER_FIRST.index)

    def require_block(self, subject: str | None, pointer: str = "/subject") -> BlockId:
        """A block by its full id, which stands at `pointer`. Raises `EventProblem`."""
        block = BlockId(_subject(subject, "block"))
        if block not in self.pack.block_by_id:
            known = ", ".join(sorted(self.pack.block_by_id))
            raise UnknownBlock(f"There is no block {block!r}; the campaign has {known}.", pointer=pointer)
        return block

    def block_on(self, unit: UnitId, day: date, meaning: str = "the end of the period") -> BlockId:
        """The block that holds the unit on that day, which is `meaning`. Raises `UnknownUnit`, which tells when it was in one."""
        block = self.pack.block_of(unit, day)
        if block is not None:
            return block
        heirs = self.pack.descent.heirs(unit)
        if heirs and heirs[0].date <= day:
            raise _dissolved(unit, heirs, day)
        raise UnknownUnit(self._absence(unit, day, meaning), pointer="/subject")

    def _absence(self, unit: UnitId, day: date, meaning: str) -> str:
        stays = "; ".join(
            f"{row.block} from {row.valid_from or 'the start'} to {row.valid_to or 'the end'}"
            for row in self.pack.rows_by_unit[unit]
        )
        return f"The unit {unit!r} is in no block on {day}, {meaning}; it is in {stays}."


def _dissolved(unit: UnitId, heirs: Sequence[LineageEdge], day: date) -> DissolvedUnit:
    names = ", ".join(
        repr(edge.new) if edge.part == 1 else f"{edge.new!r} ({edge.part:.0%} of it)" for edge in heirs
    )
    change = heirs[0].date
    return DissolvedUnit(
        f"On {change} the unit {unit!r} went over into {names}; the report is for {day}, which is not before that.",
        pointer="/subject",
        next=f"Report for {names} from {change} on; for periods that end before it {unit!r} itself still reports.",
    )


def _undefined(definitions: Sequence[Indicator], period: Period, pointer: str) -> BadReportPeriod:
    held = "; ".join(
        f"from {one.valid_from or 'the start'} to {one.valid_to or 'the end'}" for one in definitions
    )
    return BadReportPeriod(
        f"{definitions[0].id!r} is not defined on {period.last}, the end of {period}; it is {held}.",
        pointer=pointer,
        next="Report for a period that ends while the pack defines the indicator.",
    )


def _subject(subject: str | None, kind: str) -> str:
    if subject is None:
        raise EventProblem(
            f"The event has no subject; it is the {kind} that the event is about.", pointer="/subject"
        )
    return subject
