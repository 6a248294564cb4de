"""Flag rules, as a pack writes them: when a block raises which kind of flag, and how long a flag lasts.

Every rule has a *level* that an evaluation gives a unit, a threshold to enter and one to leave, and a memory: `k` of the newest `n`
evaluations. Each period counts once, with its newest edition; an evaluation that gives the unit no level counts neither way. Only
evaluations of the block's schedule's cadence count (of the live cadence, where there is no schedule).
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from services.contracts.pack.base import Model, Share, later


class Memory(Model):
    """A flag opens when `k` of the newest `n` evaluations were hits and fewer than `k` misses, and ends when `k` were misses.

    It stands in `min_stay` evaluations at least, the one that opened it among them, unless the unit leaves the block or the pack drops the
    rule.
    """

    k: int = Field(default=1, ge=1)
    n: int = Field(default=1, ge=1)
    min_stay: int = later(0, ge=0, le=60)

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if self.k > self.n:
            raise ValueError(f"k ({self.k}) must be at most n ({self.n})")
        return self


class FlagRule(Memory):
    """By rank share: a unit is within a share of its block when it and all that stand level with it or beyond fit into that share of the
    ranked units, counted from the top (leader) or from the bottom (underperformer). A tie is taken whole: of 8 level units none leads.

    An evaluation is a hit within `enter` and a miss outside `leave`, which is wider.
    """

    enter: Share
    leave: Share
    k: int = Field(ge=1)
    n: int = Field(ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.leave < self.enter:
            raise ValueError(f"leave ({self.leave}) must be at least enter ({self.enter})")
        return self


class LevelRule(Memory):
    """Rules of which more is worse: a hit is a level of at least `enter`, a miss one below `leave`, which is lower."""

    enter: float = Field(gt=0)
    leave: float = Field(gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.leave > self.enter:
            raise ValueError(f"leave ({self.leave:g}) must be at most enter ({self.enter:g})")
        return self


class OffPathRule(LevelRule):
    """Of the weight of the unit's criteria that have a planned path and a figure, the share whose light is red."""

    enter: Share = 0.3
    leave: Share = 0.15
    k: int = Field(default=2, ge=1)
    n: int = Field(default=3, ge=1)


class SilentRule(Model):
    """How many of the unit's criteria have had no report for `periods` due periods of their indicator, one after the other.

    Looked at in every evaluation and in the first tick of each day. The periods are its memory: it opens at `enter` criteria and ends as
    soon as there are fewer than `leave`.
    """

    periods: int = Field(default=2, ge=1, le=60)
    enter: int = Field(default=1, ge=1)
    leave: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.leave > self.enter:
            raise ValueError(f"leave ({self.leave}) must be at most enter ({self.enter})")
        return self


class SuddenChangeRule(LevelRule):
    """The change since the evaluated period before, less the block's median change, in spreads of the block's changes: of the score, or
    of the criterion (in points) that changed most by that measure.

    The spread is robust (1.4826 × the median distance from the median) and leaves the unit itself out. A change of fewer than `least`
    points is none. Source of the spread: Rousseeuw and Croux (1993).
    """

    enter: float = Field(default=6.0, gt=0)
    leave: float = Field(default=3.0, gt=0)
    least: float = Field(gt=0)
    """Points of the block's scale."""


class FrozenRule(LevelRule):
    """Of the unit's figures that were reported again since the evaluated period before, the share that is exactly the old one.

    With fewer than `figures` reported again there is no level. Passed or not is no evidence: a title that is held is reported the same
    for years.
    """

    enter: Share = 0.95
    leave: Share = 0.5
    figures: int = Field(default=3, ge=1)
    k: int = Field(default=2, ge=1)
    n: int = Field(default=3, ge=1)


class Heaped(Model):
    """Figures stand just over their target more often than just under it: a sign when so many of those within `band` of the target
    (as a share of it) are over it that a fair coin gives that with a probability below `chance`."""

    band: Share = 0.05
    chance: float = Field(default=0.005, gt=0, lt=0.5)
    periods: int = Field(default=12, ge=1, le=60)
    """The newest figures of each criterion that are looked at."""


class Burst(Model):
    """A sum's amount comes at the period's end: a sign when the last `last` of its periods hold a share that is `over` above the block's
    median share."""

    last: Share = 0.25
    over: Share = 0.4


class Revised(Model):
    """A large late revision: a sign when a figure was changed after it was due, by more than `by` of what it had been."""

    by: float = Field(default=0.2, gt=0)


class ReviewRule(Memory):
    """A list for a person to look at, never a penalty: how many of the signs below a unit shows. At least one opens, none ends."""

    heaped: Heaped | None = None
    burst: Burst | None = None
    revised: Revised | None = None

    @model_validator(mode="after")
    def _looks(self) -> Self:
        if self.heaped is None and self.burst is None and self.revised is None:
            raise ValueError("a review looks at nothing")
        return self


class EvidenceRule(Memory):
    """By evidence instead of rank share: whether the unit lies more than `margin` spreads beyond its block.

    An evaluation is a hit when that is more likely than not. The flag opens when `k` of the newest `n` were hits and all of them together
    give it a probability of at least `enter`; it ends when they give it less than `leave`. An evaluation in which most of the unit's
    figures are those of the one before counts neither way. Centre and spread are those of the block's other units: see
    `services.scoring.engine.flags.evidence`. The defaults are chosen from docs/verdicts.md.
    """

    kinds: tuple[Literal["leader", "underperformer"], ...] = ("leader", "underperformer")
    margin: float = Field(default=0.75, ge=0, le=3)
    enter: float = Field(default=0.9993, gt=0.5, lt=1)
    leave: float = Field(default=0.5, gt=0, lt=1)
    k: int = Field(default=2, ge=1)
    n: int = Field(default=3, ge=1)
    min_stay: int = Field(default=3, ge=0, le=60)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.leave > self.enter:
            raise ValueError(f"leave ({self.leave:g}) must be at most enter ({self.enter:g})")
        return self


class FlagRules(Model):
    """The block's flag rules; a kind left out raises no flags."""

    leader: FlagRule | None = None
    underperformer: FlagRule | None = None
    evidence: EvidenceRule | None = later(None)
    """Leaders and underperformers by evidence, in place of their rules by rank share."""
    off_path: OffPathRule | None = later(None)
    silent: SilentRule | None = later(None)
    sudden_change: SuddenChangeRule | None = later(None)
    frozen: FrozenRule | None = later(None)
    review: ReviewRule | None = later(None)
