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

    block: Id
    worst: float
    best: float
    decimals: int = Field(default=0, ge=0)
    of: int | None = Field(default=None, gt=0)
    """Usual denominator of a ratio; it differs by unit."""
    passes_from: float | None = None
    """Strength from which a pass-or-fail indicator is passed."""


class FeedPlan(Model):
    """The whole plan. `history_months` are the finished months that are sent before the live figures."""

    seed: int
    history_months: int = Field(ge=0, le=60)
    strengths: dict[str, float]
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
        *(movement.block for movement in plan.indicators.values() if movement.block not in blocks),
    ]
    if unknown:
        raise CalledWrongly(
            f"{FEED} names what the pack has not: {', '.join(unknown)}.", "Use the ids of the pack."
        )
