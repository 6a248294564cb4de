"""Checks that indicators fit the campaign's calendar: working days need holidays, and a cut-off day or a school year something to move."""

from collections.abc import Iterator, Sequence

from services.contracts.pack.indicator import Indicator
from services.contracts.pack.model import Campaign
from services.contracts.pack.placed import Placed
from services.contracts.pack.problem import PackProblem

_OF_YEARS = ("quarter", "half", "nine_months", "year")


def calendar_problems(
    campaign: Placed[Campaign] | None, indicators: Sequence[Placed[Indicator]]
) -> Iterator[PackProblem]:
    """Every fault; `campaign` is null where it is wrong itself."""
    for placed in indicators:
        if campaign is not None:
            yield from _days(campaign.value, placed)
        yield from _years(placed)


def _days(campaign: Campaign, placed: Placed[Indicator]) -> Iterator[PackProblem]:
    indicator, calendar = placed.value, campaign.calendar
    if indicator.due_lag_working_days is not None and (calendar is None or not calendar.holidays):
        yield placed.problem(
            ("due_lag_working_days",),
            f"{indicator.id!r} is due in working days, and the campaign says no holidays",
            "calendar: {holidays: [2026-01-01, ...]} into campaign.yaml, or due_lag_days",
        )
    if calendar is None or calendar.cut_off_day is None:
        return
    if indicator.cadence in ("day", "week"):
        yield placed.problem(
            ("cadence",),
            f"{indicator.id!r} is counted by the {indicator.cadence}, which no cut-off day moves",
            "figures by the month or longer, or no cut_off_day",
        )


def _years(placed: Placed[Indicator]) -> Iterator[PackProblem]:
    indicator, inside = placed.value, ("year_starts",)
    if indicator.year_starts == 1 or indicator.cadence in _OF_YEARS:
        return
    if indicator.within != "year_to_date":
        yield placed.problem(
            inside,
            f"a {indicator.cadence} that is no year_to_date is the same in any year",
            "within: year_to_date, or no year_starts",
        )
