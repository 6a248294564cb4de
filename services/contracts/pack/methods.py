"""Scoring methods and what may come before them, as a pack writes them. `services.scoring.engine` says how each is computed."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from services.contracts.pack.base import Id, Model


class Goalposts(Model):
    """(x - low) / (high - low), clipped to 0..1; with `log` the three are taken as natural logarithms. Where lower is better, 1 less that.

    Source: UNDP, HDR technical notes.
    """

    method: Literal["goalposts"]
    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"high ({self.high}) must be above low ({self.low})")
        if self.log and self.low <= 0:
            raise ValueError(f"with log, low must be above 0, not {self.low}")
        return self


class MinMax(Model):
    """(x - min) / (max - min) over the block's reported units, turned round where lower is better; 0.5 for all when min = max."""

    method: Literal["min_max"]


class ZScore(Model):
    """0.5 + z / (2 × limit), clipped to 0..1, z the distance from the block's mean in standard deviations; 0.5 for all when they are equal."""

    method: Literal["z_score"]
    limit: float = Field(default=3.0, gt=0)
    """How many standard deviations from the mean 0 and 1 stand."""


class Percentile(Model):
    """The share of the block's other units that do worse; 0.5 for a unit that is alone."""

    method: Literal["percentile"]


Normalisation = MinMax | ZScore | Percentile
"""Methods that place a unit among its block's figures, one as good as another: which of them is taken is a choice."""


class TargetRatio(Model):
    """clip(A / T, 0, cap), where lower is better clip(T / A, 0, cap), and the cap itself for A at or below 0."""

    method: Literal["target_ratio"]
    target: float = Field(gt=0)
    cap: float = Field(default=1.0, gt=0, le=10)


class CappedRatio(Model):
    """min(r, θ) / θ for a share r and its threshold θ: full marks from the threshold on, 0 below 0. Higher is better only.

    Source: Decision 766/QĐ-TTg, whose points are rounded to two decimals before they are added: the criterion's `decimals: 2`.
    """

    method: Literal["capped_ratio"]
    threshold: float = Field(gt=0)


class Exceedance(Model):
    """Half the marks for the target, less in proportion below it; all of them for the unit that exceeds it most, others between.

    `compat` computes it as the contests do that use it; otherwise its weak points are mended: see `engine.relative_methods.exceedance`.
    """

    method: Literal["exceedance"]
    target: float = Field(ge=0)
    compat: bool = False

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.compat and self.target == 0:
            raise ValueError("with compat, target must be above 0")
        return self


class PassFail(Model):
    """All marks from the threshold on (where lower is better: up to it), none otherwise. Passed counts as 1."""

    method: Literal["pass_fail"]
    threshold: float = 1.0


class CountPoints(Model):
    """n × `each` points of the scheme's scale, up to what the criterion is worth. Higher is better only."""

    method: Literal["count_points"]
    each: float = Field(gt=0)


class Bonus(Model):
    """n × `each` points of the scheme's scale on top of the total, up to the criterion's weight. Stands in a scheme's `extras`."""

    method: Literal["bonus"]
    each: float = Field(gt=0)


class Penalty(Model):
    """n × `each` points of the scheme's scale off the total, up to the criterion's weight. Stands in a scheme's `extras`."""

    method: Literal["penalty"]
    each: float = Field(gt=0)


Method = Annotated[
    Goalposts
    | MinMax
    | ZScore
    | Percentile
    | TargetRatio
    | CappedRatio
    | Exceedance
    | PassFail
    | CountPoints
    | Bonus
    | Penalty,
    Field(discriminator="method"),
]

METHODS: Final = (
    "bonus",
    "capped_ratio",
    "count_points",
    "exceedance",
    "goalposts",
    "min_max",
    "pass_fail",
    "penalty",
    "percentile",
    "target_ratio",
    "z_score",
)

Targeted = TargetRatio | CappedRatio | Exceedance | PassFail
"""Methods with a target (or threshold), which a planned path can lead up to."""


def final_target(method: Targeted) -> float:
    """The target that stands in the method."""
    return method.threshold if isinstance(method, CappedRatio | PassFail) else method.target


MissingPolicy = Literal["zero", "exclude", "peer_mean", "peer_median", "last_value", "fail"]
"""What an overdue figure costs: `zero` scores 0; `exclude` leaves the criterion out and re-weights its group; `peer_mean` and `peer_median`
put in that of the unit's reported peers (`Unit.peers`) in the block, and leave the criterion out where no peer has a figure; `last_value`
puts in the unit's own newest older figure while that is not stale (`Criterion.last_value_for`), and scores 0 from then on; `fail` fails the
evaluation of the unit: it is not ranked, and the result says for want of which figures.

A figure put in counts for the score and not for coverage. A figure that is not due yet costs nothing under any: the criterion is left out.
So is one of 0/0, unless the criterion says otherwise.
"""

ZeroOverZero = Literal["exclude", "zero", "full"]
"""What 0/0 earns: `exclude` leaves the criterion out, `zero` scores 0, `full` pays full marks. Nothing is never paid for unless a pack
says `full` in that word; coverage counts such a cell neither way."""


class Denominator(Model):
    """The figure is divided by the unit's figure of another indicator, and multiplied: 10,000 people make a rate of 10,000."""

    indicator: Id
    times: float = Field(default=1.0, gt=0)


class Change(Model):
    """The criterion is on the change of the figure for the better, not on the figure: now - then, where less is better then - now.

    So more of it is always better, and a fall of the poverty rate by 1.5 points is a change of 0.015. It is against the period before or the
    same period a year before (those of the ranked period where the indicator is finer, else of the figure's own), or against `base_period`.
    """

    against: Literal["period_before", "year_before", "base"]
    base_period: str | None = None
    per_year: bool = False
    """Divided by the years between the two: the change a year on average."""
    relative: bool = False
    """As a share of the figure then: growth. Of a figure of 0 there is none, and it is not applicable."""

    @model_validator(mode="after")
    def _one_base(self) -> Self:
        if (self.against == "base") != (self.base_period is not None):
            raise ValueError("against: base and base_period go together")
        return self


class Treatment(Model):
    """Outliers are tamed before a method compares units, where the block's figures are skewed: |skewness| > 2 and excess kurtosis > 3.5.

    Source: COINr (Becker et al. 2022), its default treatment.
    """

    winsorise: int = Field(default=0, ge=0, le=100)
    """At most so many of the furthest figures are brought to the next one."""
    log: bool = False
    """Where that is not enough, the logarithm of the figures as they were is taken instead."""

    @model_validator(mode="after")
    def _treats(self) -> Self:
        if not self.winsorise and not self.log:
            raise ValueError("a treatment must winsorise or take logarithms")
        return self
