"""Which rule a block has for a kind of flag, and how a unit stands by it, counted over the newest evaluations."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.contracts.flags import FlagKind
from services.contracts.ids import UnitId
from services.contracts.pack.flag_rules import (
    EvidenceRule,
    FlagRule,
    LevelRule,
    Memory,
    ReviewRule,
)
from services.contracts.periods import Cadence, parse_period
from services.scoring.engine.flags.evidence import level_for, pooled, probability
from services.scoring.engine.log.state import Evaluated, Standing
from services.scoring.engine.scoring.plan import Plan

CountedRule = FlagRule | EvidenceRule | LevelRule | ReviewRule
"""Rules that count evaluations. Silence counts periods instead: see `silence`."""

COUNTED: Final[tuple[FlagKind, ...]] = (
    "leader",
    "underperformer",
    "off_path",
    "sudden_change",
    "frozen",
    "review",
)

_SLACK: Final = 1e-9
"""0.29 × 100 is 28.999999999999996 in binary."""

_NOT_RANKED: Final = Standing()


class Count(NamedTuple):
    """Of the `window` newest evaluations, how many were hits and how many misses. `level` is what a rule by evidence made of them."""

    hits: int
    misses: int
    window: int
    level: float | None = None


class Verdict(NamedTuple):
    """What a rule says of a unit: whether a flag opens, and whether one that stands ends once it has stayed long enough."""

    opens: bool
    ends: bool
    tally: Count


UNCOUNTED: Final = Count(0, 0, 0)


def cadence_of(plan: Plan) -> Cadence:
    """The cadence of the evaluations that flags are judged on."""
    schedule = plan.block.schedule
    return plan.pack.campaign.live_cadence if schedule is None else schedule.cadence


def rule_of(plan: Plan, kind: FlagKind) -> CountedRule | None:
    """The block's rule for flags of that kind; null: it raises none. Silence has no rule of this sort."""
    rules = plan.block.flags
    match kind:
        case "leader" | "underperformer":
            if rules.evidence is not None and kind in rules.evidence.kinds:
                return rules.evidence
            return rules.leader if kind == "leader" else rules.underperformer
        case "off_path":
            return rules.off_path
        case "sudden_change":
            return rules.sudden_change
        case "frozen":
            return rules.frozen
        case "review":
            return rules.review
        case "silent":
            return None


def longest_memory(plan: Plan) -> int:
    """How many evaluated periods the block's rules look back on; 0 without rules."""
    return max((max(rule.n, rule.min_stay) for kind in COUNTED if (rule := rule_of(plan, kind))), default=0)


def verdict_of(rule: CountedRule, kind: FlagKind, unit: UnitId, history: Sequence[Evaluated]) -> Verdict:
    """Over the newest n of `history` (ascending). An evaluation that gave the unit no level counts neither way."""
    window = history[-rule.n :]
    levels = [level for one in window if (level := level_in(rule, kind, unit, one)) is not None]
    if isinstance(rule, EvidenceRule):
        return _by_evidence(rule, levels, len(window))
    hits = sum(is_hit(rule, level) for level in levels)
    misses = sum(_is_miss(rule, level) for level in levels)
    return Verdict(hits >= rule.k > misses, misses >= rule.k, Count(hits, misses, len(window)))


def _by_evidence(rule: EvidenceRule, levels: list[float], window: int) -> Verdict:
    """A hit is a look by which the unit is more likely beyond the margin than not; k hits, and the looks together, have to say so."""
    hits = sum(level > 0 for level in levels)
    together = pooled(levels)
    tally = Count(hits, len(levels) - hits, window, probability(together) if levels else None)
    opens = hits >= rule.k and together >= level_for(rule.enter) - _SLACK
    return Verdict(opens, bool(levels) and together < level_for(rule.leave) - _SLACK, tally)


def level_in(rule: CountedRule, kind: FlagKind, unit: UnitId, evaluated: Evaluated) -> float | None:
    """The unit's level in one evaluation: of a rule by rank share that share, else what was found then."""
    if not isinstance(rule, FlagRule):
        return evaluated.levels.get(kind, {}).get(unit)
    standing = evaluated.standings.get(unit, _NOT_RANKED)
    if standing.rank is None:
        return None
    reached = standing.level_or_above if kind == "leader" else standing.level_or_below
    return reached / evaluated.ranked


def is_hit(rule: FlagRule | LevelRule | ReviewRule, level: float) -> bool:
    """Whether a level meets the entering threshold."""
    match rule:
        case FlagRule(enter=enter):
            return level <= enter + _SLACK
        case LevelRule(enter=enter):
            return level >= enter - _SLACK
        case ReviewRule():
            return level >= 1


def _is_miss(rule: FlagRule | LevelRule | ReviewRule, level: float) -> bool:
    match rule:
        case FlagRule(leave=leave):
            return level > leave + _SLACK
        case LevelRule(leave=leave):
            return level < leave - _SLACK
        case ReviewRule():
            return level < 1


def stayed(rule: Memory, since: str, history: Sequence[Evaluated]) -> bool:
    """Whether a flag that was opened by the evaluation of `since` has stood in enough evaluations before the newest of `history`."""
    opened = parse_period(since)
    return sum(one.period >= opened for one in history[:-1]) >= rule.min_stay


def worded(kind: FlagKind, rule: CountedRule | None) -> str:
    """The rule as a reader of the flag needs it: the pack's version stands beside it."""
    match rule:
        case None:
            return f"{kind}: no rule"
        case ReviewRule():
            return f"{kind}: {rule.k} of {rule.n}"
        case EvidenceRule():
            return f"{kind}: margin {rule.margin:g}, enter {rule.enter:g}, leave {rule.leave:g}, {rule.k} of {rule.n}"
        case _:
            return f"{kind}: enter {rule.enter:g}, leave {rule.leave:g}, {rule.k} of {rule.n}"
