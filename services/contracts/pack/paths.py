"""Planned paths, as a pack writes them: what a criterion's target is on each day before its last. `engine.figures.path` reads them."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from services.contracts.pack.base import Model


class Lights(Model):
    """A traffic light by attainment: figure / target of the day, where less is better target / figure. Below `at_risk` it is off the path."""

    on_path: float = Field(default=1.0, gt=0)
    at_risk: float = Field(default=0.9, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.at_risk > self.on_path:
            raise ValueError(f"at_risk ({self.at_risk}) must be at most on_path ({self.on_path})")
        return self


class _Path(Model):
    score: Literal["path", "final"] = "path"
    """What the criterion's points are for: the target of the day, or the final one. The result shows both."""
    lights: Lights = Lights()


class StraightPath(_Path):
    """A straight line from the base, on the day `start`, to the final target, on the day `end`.

    `base` is one figure for all units; or `base_period` is the period whose figure is each unit's own base, on the last day of which the
    line starts unless `start` says otherwise. Left out, `start` is the day before the campaign's first, `end` its last.
    """

    shape: Literal["straight"]
    base: float | None = None
    base_period: str | None = None
    start: date | None = None
    end: date | None = None
    resets: Literal["never", "year"] = "never"
    """`year`: the line begins anew each year, for a quota that is counted from 1 January to 31 December."""

    @model_validator(mode="after")
    def _one_base(self) -> Self:
        if (self.base is None) == (self.base_period is None):
            raise ValueError("a straight path has one base: base or base_period")
        if self.resets == "year" and (self.base is None or self.start or self.end):
            raise ValueError(
                "a path that resets each year takes base alone, without base_period, start or end"
            )
        if self.start and self.end and self.end <= self.start:
            raise ValueError(f"end ({self.end}) must be after start ({self.start})")
        return self


class Milestone(Model):
    """What is to be reached by a day."""

    day: date
    value: float


class MilestonePath(_Path):
    """Figures to be reached by certain days, and the final target on the day `end`: left out, the campaign's last.

    Between two the target is on the straight line, or with `steps` that of the last one that has passed. Before the first it is the first's.
    """

    shape: Literal["milestones"]
    milestones: tuple[Milestone, ...] = Field(min_length=1)
    steps: bool = False
    end: date | None = None

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        days = [milestone.day for milestone in self.milestones] + ([self.end] if self.end else [])
        for earlier, later in pairwise(days):
            if later <= earlier:
                raise ValueError(f"a milestone of {later} stands after that of {earlier}")
        return self


class MonthlyPath(_Path):
    """What is to be reached by the end of each month from `first` (`2025-01`) on, straight lines between; then the line to the final target.

    `base` is where the first month starts from; left out, its own value holds from its first day on. With `resets: year` there are twelve
    values, for January to December of every year.
    """

    shape: Literal["monthly"]
    values: tuple[float, ...] = Field(min_length=1)
    first: str | None = None
    base: float | None = None
    resets: Literal["never", "year"] = "never"

    @model_validator(mode="after")
    def _months(self) -> Self:
        if self.resets == "year" and (len(self.values) != MONTHS or self.first is not None):
            raise ValueError(
                f"a path that resets each year has 12 values and no first, not {len(self.values)}"
            )
        if self.resets == "never" and self.first is None:
            raise ValueError("a monthly path must say which month is its first")
        return self


MONTHS: Final = 12

PlannedPath = Annotated[StraightPath | MilestonePath | MonthlyPath, Field(discriminator="shape")]

SHAPES: Final = ("milestones", "monthly", "straight")
