"""Indicators, as a pack writes them: what is measured, how often, by whom, and how its figures make up a ranked period."""

from datetime import date, datetime
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from services.contracts.event_data import Origin
from services.contracts.pack.base import Id, Model, Text, later
from services.contracts.pack.calendar import Days, overdue_at
from services.contracts.pack.children import FromChildren
from services.contracts.periods import Cadence, Period

MOST_DAYS: Final = 3660
"""Ten years: what a pack may ask to wait for, in days, or in periods that are no shorter. Dates end soon after."""


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
