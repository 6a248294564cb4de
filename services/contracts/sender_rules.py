"""What a published pack allows one sender: the units, indicators and periods that its key may report, and the block that each event goes to."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.contracts.campaign_rules import CampaignRules
from services.contracts.event_data import FactData, ReportData, RetractionData
from services.contracts.events import Fact, Report, Retraction
from services.contracts.ids import BlockId
from services.contracts.known_cells import Cell, CellKey
from services.contracts.measures import GREATEST_FIGURE, check_amount, check_measure
from services.contracts.pack.calendar import begins_at
from services.contracts.pack.indicator import Indicator
from services.contracts.periods import Period
from services.contracts.principals import Principal
from services.contracts.problems import (
    BadMeasure,
    BadReportPeriod,
    NotCarriedHere,
    OriginNotAllowed,
    SourceOutsidePrefix,
    UnitNotYours,
)


class SenderRules:
    """The rules of one pack for one principal."""

    def __init__(self, campaign: CampaignRules, principal: Principal) -> None:
        self.campaign = campaign
        self._principal = principal
        self._number = campaign.known.new_sender()

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
            self.campaign.known.remember_value(key, cell)
        check_measure(cell.indicator, data)
        if self.campaign.simulated:
            data.simulated = True
        return cell.block

    def blocks_of_reports(self, events: Sequence[Report], latest: datetime) -> list[BlockId]:
        """As `block_of_report` for each: with no call for a plain value in a cell that is known to take one."""
        campaign = self.campaign
        blocks = (
            self._blocks_of_values(events) if campaign.known.values_begun <= latest else [None] * len(events)
        )
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
            self.campaign.known.values.get,
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
        cell = self.campaign.known.cells.get(key)
        if cell is None:
            cell = self._find_cell(*key[1:], pointer)
            self.campaign.known.remember(key, cell)
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
