"""What a published pack allows: which units, indicators and periods, and the block that an event belongs to."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Final, NamedTuple, get_args

from services.contracts.event_data import FactData, ReportData, RetractionData
from services.contracts.events import Fact, Report, Retraction
from services.contracts.ids import BlockId, UnitId
from services.contracts.measures import GREATEST_FIGURE, check_amount, check_measure
from services.contracts.pack.calendar import begins_at
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.lineage import LineageEdge
from services.contracts.pack.model import Pack
from services.contracts.pack.reach import first_days
from services.contracts.periods import BadPeriod, Cadence, Period, parse_period
from services.contracts.principals import Principal
from services.contracts.problems import (
    BadMeasure,
    BadReportPeriod,
    DissolvedUnit,
    EventProblem,
    NotCarriedHere,
    OriginNotAllowed,
    SourceOutsidePrefix,
    UnitNotYours,
    UnknownBlock,
    UnknownIndicator,
    UnknownUnit,
)

_REMEMBERED: Final = 100_000
"""Cells that may be remembered for all senders of a campaign, about 40 MB; then it begins anew."""

_FINER_FIRST: Final[tuple[Cadence, ...]] = get_args(Cadence)

CellKey = tuple[int, str | None, str, str]
"""(number of the sender, unit, indicator, period), as the event names them."""


class Cell(NamedTuple):
    """What a sender may report: an indicator of a unit for a period, with the block that it goes to.

    `begins` is the first instant of the period, in UTC: to compare two instants of one zone is quick.
    """

    block: BlockId
    indicator: Indicator
    begins: datetime


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
        self._senders = count()
        self.cells: dict[CellKey, Cell] = {}
        """Cells found good, by sender: events name the same ones again and again."""
        self.values: dict[CellKey, BlockId] = {}
        """The blocks of those cells that take a plain value and whose periods have begun, `values_begun` at the latest."""
        self.values_begun = datetime.min.replace(tzinfo=UTC)

    def new_sender(self) -> int:
        """A number that no other sender of this pack has."""
        return next(self._senders)

    def remember(self, key: CellKey, cell: Cell) -> None:
        if len(self.cells) >= _REMEMBERED:
            self.cells.clear()
            self.values.clear()
        self.cells[key] = cell

    def remember_value(self, key: CellKey, cell: Cell) -> None:
        """Of a remembered cell that takes a plain value, and whose period has begun."""
        self.values[key] = cell.block
        self.values_begun = max(self.values_begun, cell.begins)

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


class SenderRules:
    """The rules of one pack for one principal."""

    def __init__(self, campaign: CampaignRules, principal: Principal) -> None:
        self.campaign = campaign
        self._principal = principal
        self._number = campaign.new_sender()

    def block_of_report(self, event: Report, latest: datetime) -> BlockId:
        """The block that holds the unit at the end of the report's period, which begins at `latest` or before; aware, UTC.

        A figure of a simulated campaign leaves this marked as such, whatever its sender said. Raises `EventProblem`.
        """
        data = event.data
        check_not_carried(data)
        key = (self._number, event.subject, data.indicator, data.period)
        cell = self._cell(key)
        if cell.begins > latest:
            raise _not_begun(data.period, cell.begins)
        if cell.indicator.measure == "value":
            self.campaign.remember_value(key, cell)
        check_measure(cell.indicator, data)
        if self.campaign.simulated:
            data.simulated = True
        return cell.block

    def blocks_of_reports(self, events: Sequence[Report], latest: datetime) -> list[BlockId]:
        """As `block_of_report` for each: with no call for a plain value in a cell that is known to take one."""
        campaign = self.campaign
        blocks = self._blocks_of_values(events) if campaign.values_begun <= latest else [None] * len(events)
        if campaign.simulated:
            for event in events:
                event.data.simulated = True
        if None not in set(blocks):
            return blocks  # type: ignore[return-value]  # none is None
        return [
            block or self.block_of_report(event, latest) for event, block in zip(events, blocks, strict=True)
        ]

    def _blocks_of_values(self, events: Sequence[Report]) -> list[BlockId | None]:
        """Of each plain value in a cell that is known to take one its block; None of every other event."""
        number, block_of, least, most = (
            self._number,
            self.campaign.values.get,
            -GREATEST_FIGURE,
            GREATEST_FIGURE,
        )
        return [
            block_of((number, event.subject, data.indicator, data.period))
            if (value := (data := event.data).value) is not None
            and least <= value <= most
            and data.numerator is None
            and data.denominator is None
            and data.passed is None
            and data.carried is None
            else None
            for event in events
        ]

    def block_of_fact(self, event: Fact, latest: datetime) -> BlockId:
        """The block that holds the unit on the day of the fact, which begins at `latest` or before. Otherwise as `block_of_report`."""
        data = event.data
        check_not_carried(data)
        day = data.occurred.isoformat()
        named = self.campaign.require_indicator(data.indicator).id
        if all(one.measure != "facts" for one in self.campaign.pack.definitions[named]):
            raise _no_fact(data.indicator)
        cell = self._cell((self._number, event.subject, data.indicator, day), "/data/occurred")
        if cell.begins > latest:
            raise _not_begun(day, cell.begins, "/data/occurred")
        check_amount(data.amount)
        if self.campaign.simulated:
            data.simulated = True
        return cell.block

    def block_of_retraction(self, event: Retraction) -> BlockId:
        """The block of the report or fact that is taken back. Raises `EventProblem`."""
        check_not_carried(event.data)
        check_source(event.data.source, self._principal.source_prefix, "/data/source")
        data = event.data
        return self._cell((self._number, event.subject, data.indicator, data.period)).block

    def _cell(self, key: CellKey, pointer: str = "/data/period") -> Cell:
        cell = self.campaign.cells.get(key)
        if cell is None:
            cell = self._find_cell(*key[1:], pointer)
            self.campaign.remember(key, cell)
        return cell

    def _find_cell(self, subject: str | None, indicator_name: str, text: str, pointer: str) -> Cell:
        campaign = self.campaign
        unit = campaign.require_unit(subject)
        if not self._principal.may_report_for(unit):
            detail = f"The key {self._principal.id!r} does not hold the unit {unit!r}."
            raise UnitNotYours(detail, pointer="/subject")
        newest = campaign.require_indicator(indicator_name)
        period = campaign.require_reportable(text, indicator_name, pointer)
        indicator = campaign.definition_of(newest, period, pointer)
        _check_origin(indicator, self._principal)
        _check_cadence(indicator, period)
        begins = begins_at(period, campaign.days, indicator.year_starts).astimezone(UTC)
        return Cell(campaign.block_on(unit, period.last), indicator, begins)


def check_not_carried(data: ReportData | FactData | RetractionData) -> None:
    """That the sender does not claim to be lineage, which writes to the log by itself. Raises `NotCarriedHere`."""
    if data.carried is not None:
        raise NotCarriedHere("data.carried is set.", pointer="/data/carried")


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


def check_source(source: str, prefix: str, pointer: str) -> None:
    """That the source is the prefix, or goes on after it with a slash: neither `/units/12` nor `/units/1-b` is inside `/units/1`.

    Raises `SourceOutsidePrefix`.
    """
    if source != prefix and not source.startswith(prefix if prefix.endswith("/") else f"{prefix}/"):
        raise SourceOutsidePrefix(f"The source {source!r} is not inside {prefix!r}.", pointer=pointer)


def _check_origin(indicator: Indicator, principal: Principal) -> None:
    if principal.origin not in indicator.origins:
        allowed = ", ".join(indicator.origins)
        detail = f"{indicator.id!r} is reported by {allowed}; this key's origin is {principal.origin}."
        raise OriginNotAllowed(detail, pointer="/data/indicator")


def _check_cadence(indicator: Indicator, period: Period) -> None:
    if indicator.measure == "facts":
        if period.cadence != "day":
            raise _not_a_day(indicator, period)
    elif period.cadence != indicator.cadence:
        detail = (
            f"{period.text!r} is a {period.cadence}; {indicator.id!r} is reported by the {indicator.cadence}."
        )
        raise BadReportPeriod(detail, pointer="/data/period")


def _undefined(definitions: Sequence[Indicator], period: Period, pointer: str) -> BadReportPeriod:
    held = "; ".join(
        f"from {one.valid_from or 'the start'} to {one.valid_to or 'the end'}" for one in definitions
    )
    return BadReportPeriod(
        f"{definitions[0].id!r} is not defined on {period.last}, the end of {period}; it is {held}.",
        pointer=pointer,
        next="Report for a period that ends while the pack defines the indicator.",
    )


def _not_a_day(indicator: Indicator, period: Period) -> BadReportPeriod:
    return BadReportPeriod(
        f"{period.text!r} is a {period.cadence}; {indicator.id!r} is counted by facts, each of a day.",
        pointer="/data/period",
        next="Send each occurrence as a vn.thidua.fact.v1; to take one back, let period be its day, such as 2025-06-17.",
    )


def _no_fact(indicator: str) -> BadMeasure:
    return BadMeasure(
        f"{indicator!r} is not counted by facts.",
        pointer="/data/indicator",
        next="Send its figure of a period as a vn.thidua.report.v1.",
    )


def _not_begun(period: str, begins: datetime, pointer: str = "/data/period") -> BadReportPeriod:
    return BadReportPeriod(
        f"{period!r} lies in the future: it begins at {begins.isoformat()}.",
        pointer=pointer,
        next="Report for a period that has begun; one that has not ended yet may be reported.",
    )


def _subject(subject: str | None, kind: str) -> str:
    if subject is None:
        raise EventProblem(
            f"The event has no subject; it is the {kind} that the event is about.", pointer="/subject"
        )
    return subject
