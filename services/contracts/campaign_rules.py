"""What a published pack allows: which units, indicators, periods and figures, and the block that an event belongs to."""

from datetime import date
from typing import Final

from services.contracts.events import EvaluationDue, Report, ReportData, Retraction
from services.contracts.ids import BlockId
from services.contracts.pack.model import Indicator, Pack
from services.contracts.periods import BadPeriod, Period, parse_period
from services.contracts.principals import Principal
from services.contracts.problems import (
    BadMeasure,
    BadReportPeriod,
    EventProblem,
    OriginNotAllowed,
    UnitNotYours,
    UnknownBlock,
    UnknownIndicator,
    UnknownUnit,
)

_REMEMBERED: Final = 200_000
"""Entries a memo may hold, about 30 MB; then it begins anew."""

_FIGURES: Final = ("value", "numerator", "denominator", "passed")
_WANTED: Final = {
    "value": (True, False, False, False),
    "ratio": (False, True, True, False),
    "passed": (False, False, False, True),
}


class CampaignRules:
    """The rules of one pack. Answers are remembered, as events repeat the same units, indicators and periods."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._span = parse_period(pack.campaign.span)
        self._periods: dict[tuple[str, str], Period] = {}
        self._blocks: dict[tuple[str, date], BlockId] = {}

    def block_of_report(self, event: Report, principal: Principal) -> BlockId:
        """The block that holds the unit at the end of the report's period. Raises `EventProblem`."""
        data = event.data
        unit = self._unit(event.subject, principal)
        indicator = self._indicator(data.indicator, principal)
        period = self._period_of(indicator, data.period)
        check_measure(indicator, data)
        return self._block(unit, period)

    def block_of_retraction(self, event: Retraction, principal: Principal) -> BlockId:
        """The block of the report that is taken back. Raises `EventProblem`."""
        unit = self._unit(event.subject, principal)
        indicator = self._indicator(event.data.indicator, principal)
        return self._block(unit, self._period_of(indicator, event.data.period))

    def block_of_evaluation(self, event: EvaluationDue) -> BlockId:
        """The block that is to be evaluated: the event's subject. Raises `EventProblem`."""
        block = BlockId(_subject(event.subject, "block"))
        if block not in self._pack.block_by_id:
            known = ", ".join(sorted(self._pack.block_by_id))
            raise UnknownBlock(f"There is no block {block!r}; the campaign has {known}.", pointer="/subject")
        self._period(event.data.period)
        return block

    def _unit(self, subject: str | None, principal: Principal) -> str:
        unit = _subject(subject, "unit")
        if unit not in self._pack.rows_by_unit:
            raise UnknownUnit(f"The campaign has no unit {unit!r}.", pointer="/subject")
        if not principal.may_report_for(unit):
            raise UnitNotYours(
                f"The key {principal.id!r} does not hold the unit {unit!r}.", pointer="/subject"
            )
        return unit

    def _indicator(self, name: str, principal: Principal) -> Indicator:
        indicator = self._pack.indicator_by_id.get(name)
        if indicator is None:
            raise UnknownIndicator(f"The campaign has no indicator {name!r}.", pointer="/data/indicator")
        if principal.origin not in indicator.origins:
            detail = f"{name!r} is reported by {', '.join(indicator.origins)}; this key's origin is {principal.origin}."
            raise OriginNotAllowed(detail, pointer="/data/indicator")
        return indicator

    def _period_of(self, indicator: Indicator, text: str) -> Period:
        held = self._periods.get((indicator.id, text))
        if held is not None:
            return held
        period = self._period(text)
        if period.cadence != indicator.cadence:
            detail = (
                f"{text!r} is a {period.cadence}; {indicator.id!r} is reported by the {indicator.cadence}."
            )
            raise BadReportPeriod(detail, pointer="/data/period")
        _make_room(self._periods)
        self._periods[(indicator.id, text)] = period
        return period

    def _period(self, text: str) -> Period:
        try:
            period = parse_period(text)
        except BadPeriod as error:
            raise BadReportPeriod(f"{error}.", pointer="/data/period") from None
        if not self._span.contains(period):
            detail = f"{text!r} lies outside the campaign's span, {self._span}."
            raise BadReportPeriod(detail, pointer="/data/period")
        return period

    def _block(self, unit: str, period: Period) -> BlockId:
        key = (unit, period.last)
        held = self._blocks.get(key)
        if held is not None:
            return held
        block = self._pack.block_of(unit, period.last)
        if block is None:
            raise UnknownUnit(self._absence(unit, period.last), pointer="/subject")
        _make_room(self._blocks)
        self._blocks[key] = block
        return block

    def _absence(self, unit: str, day: date) -> str:
        rows = self._pack.rows_by_unit[unit]  # type: ignore[index]  # UnitId only to readers
        stays = "; ".join(
            f"{row.block} from {row.valid_from or 'the start'} to {row.valid_to or 'the end'}" for row in rows
        )
        return f"The unit {unit!r} is in no block on {day}, the end of the period; it is in {stays}."


def check_measure(indicator: Indicator, data: ReportData) -> None:
    """That the report has exactly the figure that the indicator measures. JSON cannot bring one that is not finite. Raises `BadMeasure`."""
    numerator, denominator = data.numerator, data.denominator
    given = (
        data.value is not None,
        numerator is not None,
        denominator is not None,
        data.passed is not None,
    )
    if given != _WANTED[indicator.measure]:
        raise _wrong_figure(indicator, given)
    if numerator is not None and denominator is not None:
        _check_ratio(numerator, denominator)


def _wrong_figure(indicator: Indicator, given: tuple[bool, ...]) -> BadMeasure:
    wanted = _WANTED[indicator.measure]
    needs = " and ".join(name for name, is_wanted in zip(_FIGURES, wanted, strict=True) if is_wanted)
    has = (
        " and ".join(name for name, is_given in zip(_FIGURES, given, strict=True) if is_given) or "no figure"
    )
    extra = [name for name, one, other in zip(_FIGURES, given, wanted, strict=True) if one and not other]
    detail = f"{indicator.id!r} takes {needs}; the report has {has}."
    return BadMeasure(detail, pointer=f"/data/{extra[0]}" if extra else "/data")


def _check_ratio(numerator: float, denominator: float) -> None:
    """0/0 stands for "not applicable"."""
    if denominator < 0:
        raise BadMeasure(f"The denominator is below zero: {denominator}.", pointer="/data/denominator")
    if denominator == 0 and numerator != 0:
        detail = f"{numerator} of a denominator of 0; 0 of 0 says that the indicator does not apply."
        raise BadMeasure(detail, pointer="/data/denominator")


def _subject(subject: str | None, kind: str) -> str:
    if subject is None:
        raise EventProblem(
            f"The event has no subject; it is the {kind} that the event is about.", pointer="/subject"
        )
    return subject


def _make_room(memo: dict[tuple[str, str], Period] | dict[tuple[str, date], BlockId]) -> None:
    if len(memo) >= _REMEMBERED:
        memo.clear()
