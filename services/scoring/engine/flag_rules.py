"""When a unit is within a flag rule's thresholds, counted over the newest evaluations."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.contracts.ids import UnitId
from services.contracts.pack.flag_rules import FlagRule
from services.contracts.periods import Cadence
from services.contracts.results import FlagKind
from services.scoring.engine.plan import Plan
from services.scoring.engine.state import Evaluated, Standing

KINDS: Final[tuple[FlagKind, ...]] = ("leader", "underperformer")

_SHARE_SLACK: Final = 1e-9
"""0.29 × 100 is 28.999999999999996 in binary."""

_NOT_RANKED: Final = Standing()


class Count(NamedTuple):
    """Of the `window` newest evaluations, how many were within `enter` (`hits`) and how many outside `leave` (`misses`)."""

    hits: int
    misses: int
    window: int


def cadence_of(plan: Plan) -> Cadence:
    """The cadence of the evaluations that flags are judged on."""
    schedule = plan.block.schedule
    return plan.pack.campaign.live_cadence if schedule is None else schedule.cadence


def rule_of(plan: Plan, kind: FlagKind) -> FlagRule | None:
    """The block's rule for flags of that kind; null: it raises none."""
    rules = plan.block.flags
    return rules.leader if kind == "leader" else rules.underperformer


def longest_window(plan: Plan) -> int:
    """The greatest n of the block's rules; 0 without rules."""
    return max((rule.n for kind in KINDS if (rule := rule_of(plan, kind))), default=0)


def count(rule: FlagRule, kind: FlagKind, unit: UnitId, history: Sequence[Evaluated]) -> Count:
    """Counts a unit over the newest n of `history` (ascending). An evaluation that did not rank it counts neither way."""
    window = history[-rule.n :]
    shares = [share for one in window if (share := _share(one, kind, unit)) is not None]
    hits = sum(share <= rule.enter + _SHARE_SLACK for share in shares)
    misses = sum(share > rule.leave + _SHARE_SLACK for share in shares)
    return Count(hits, misses, len(window))


def _share(evaluated: Evaluated, kind: FlagKind, unit: UnitId) -> float | None:
    """The share of the ranked units that the unit, all level with it and all beyond it make up; null when it was not ranked."""
    standing = evaluated.standings.get(unit, _NOT_RANKED)
    if standing.rank is None:
        return None
    reached = standing.level_or_above if kind == "leader" else standing.level_or_below
    return reached / evaluated.ranked
