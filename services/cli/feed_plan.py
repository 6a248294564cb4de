"""`feed.yaml` of a simulated campaign: how strong each unit is, and between which figures each indicator moves."""

from pathlib import Path
from typing import Final

from pydantic import Field

from services.cli.failures import CalledWrongly
from services.contracts.pack.base import Id, Model
from services.contracts.pack.model import Pack
from services.contracts.pack.placed import place
from services.contracts.pack.problem import BadPack, PackProblem
from services.contracts.pack.sources import read_yaml

FEED: Final = "feed.yaml"


class Movement(Model):
    """A unit of strength 1 comes near `best`, one of strength 0 near `worst`."""

    block: Id | None = None
    blocks: tuple[Id, ...] = ()
    """Who reports it: `block`, or several."""
    worst: float
    best: float
    decimals: int = Field(default=0, ge=0)
    of: int | None = Field(default=None, gt=0)
    """Usual denominator of a ratio; it differs by unit."""
    passes_from: float | None = None
    """Strength from which a pass-or-fail indicator is passed."""
    trend: float = 0.0
    """Strength gained in a year. A unit has its own strength at the end of the campaign."""
    season: float = Field(default=0.0, ge=0)
    """Strength that the year's wave adds in its best month and takes half a year later."""
    whole_span: bool = False
    """Reported for every period from the campaign's first day on, not from that of the history."""

    def is_of(self, block: str) -> bool:
        return block == self.block or block in self.blocks


class Lot(Model):
    """How many of a block's units are drawn by lot: which, says the seed, and nothing about them does."""

    leaders: int = Field(default=1, ge=0)
    underperformers: int = Field(default=1, ge=0)
    silent: int = Field(default=0, ge=0)
    """Units that report nothing any more in the last `silent_months`."""
    scatter: float = Field(default=0.12, ge=0, le=0.3)
    """The others' strengths lie evenly within that of 0.5. With the default they have a spread of 0.07: those drawn stand six spreads away."""


class FeedPlan(Model):
    """The whole plan. `history_months` are the finished months that are sent before the live figures."""

    seed: int
    history_months: int = Field(ge=0, le=60)
    strengths: dict[str, float] = Field(default={})
    drawn: dict[str, Lot] = Field(default={})
    """By block: who truly leads, truly falls behind, and falls silent. The others are scattered about the middle."""
    silent_months: int = Field(default=3, ge=1)
    late: float = Field(default=0.0, ge=0, lt=1)
    """Share of the reports that come a month after the others, when their period has been evaluated."""
    corrected: float = Field(default=0.0, ge=0, lt=1)
    """Share of the reports that are corrected a month later."""
    indicators: dict[str, Movement]


def load_feed_plan(folder: Path, pack: Pack) -> FeedPlan:
    """Raises `CalledWrongly` when the folder has no such plan or the plan does not fit the pack; only simulated campaigns may have one."""
    if not pack.campaign.simulated:
        raise CalledWrongly(
            f"The campaign {pack.campaign.id} is not simulated.",
            "Feed only campaigns with 'simulated: true'.",
        )
    problems: list[PackProblem] = []
    try:
        placed = place(read_yaml(folder, FEED), (), FeedPlan, problems)
    except BadPack as bad:
        raise CalledWrongly(str(bad), f"Correct {folder / FEED}.") from bad
    if placed is None:
        raise CalledWrongly(str(BadPack(problems)), f"Correct {folder / FEED}.")
    _check(placed.value, pack)
    return placed.value


def _check(plan: FeedPlan, pack: Pack) -> None:
    blocks = {block.id for block in pack.blocks}
    unknown = [
        *(unit for unit in plan.strengths if unit not in pack.rows_by_unit),
        *(name for name in plan.indicators if name not in pack.indicator_by_id),
        *(block for block in plan.drawn if block not in blocks),
        *(
            block
            for movement in plan.indicators.values()
            for block in (movement.block, *movement.blocks)
            if block is not None and block not in blocks
        ),
    ]
    if unknown:
        raise CalledWrongly(
            f"{FEED} names what the pack has not: {', '.join(unknown)}.", "Use the ids of the pack."
        )
