"""Silence: which of a unit's criteria have had no report for several due periods, one after the other."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.contracts.ids import UnitId
from services.contracts.pack.flag_rules import SilentRule
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.indicator import begins as begins_on
from services.contracts.pack.model import Campaign, Unit
from services.contracts.periods import Period, parse_period
from services.scoring.engine.figures.calendar import earlier, newest_ended
from services.scoring.engine.log.state import SeriesMap, series_in
from services.scoring.engine.scoring.plan import Plan

Silence = dict[UnitId, tuple[int, ...]]
"""Columns of the silent criteria of each unit that is in the block, in the pack's order."""


def silence_of(rule: SilentRule, series: SeriesMap, plan: Plan, as_of: datetime) -> Silence:
    """Of the units that are in the block on the day of `as_of`, or on the campaign's last.

    Nothing is owed for periods before the campaign, before the first scheduled evaluation, or before the indicator was so defined. Bonuses
    and penalties are owed by nobody, and facts come when they happen.
    """
    zone, span = plan.pack.campaign.zone, parse_period(plan.pack.campaign.span)
    begins = span.first if plan.block.schedule is None else parse_period(plan.block.schedule.first).first
    today = min(as_of.astimezone(ZoneInfo(zone)).date(), span.last)
    plan = plan.on(today)
    owed = {
        column: oldest
        for column, indicator in enumerate(plan.indicators)
        if column not in plan.extras
        and column not in plan.undefined
        and indicator.measure != "facts"
        and (
            oldest := _owed(
                rule.periods, indicator, plan.pack.campaign, max(begins, begins_on(indicator)), as_of
            )
        )
        is not None
    }
    return {
        UnitId(unit.id): tuple(
            column
            for column, oldest in owed.items()
            if _is_silent(series, unit, plan.indicators[column], oldest)
        )
        for unit in plan.units_on(today)
    }


def _owed(
    periods: int, indicator: Indicator, campaign: Campaign, begins: date, as_of: datetime
) -> Period | None:
    """The oldest of the newest `periods` whose reports are overdue; null while there were not so many since reports are owed."""
    days, span = campaign.days, parse_period(campaign.span)
    today = min(as_of.astimezone(ZoneInfo(days.zone)).date(), span.last)
    newest = newest_ended(today, indicator.cadence, span, days.cut_off_day, indicator.year_starts)
    while newest.first >= begins and as_of < indicator.overdue_at(newest, days):
        if newest.cadence == "span":
            return None
        newest = earlier(newest, 1)
    oldest = earlier(newest, periods - 1)
    is_alone = newest.cadence == "span" and periods > 1
    return None if oldest.first < begins or is_alone else oldest


def _is_silent(series: SeriesMap, unit: Unit, indicator: Indicator, oldest: Period) -> bool:
    """Whether the unit was in the block from the oldest period on and has reported none of them, and nothing newer."""
    if unit.valid_from is not None and unit.valid_from > oldest.first:
        return False
    own = series_in(series, unit.id, indicator.id, indicator.cadence)
    return own is None or not own.periods or own.periods[-1] < oldest
