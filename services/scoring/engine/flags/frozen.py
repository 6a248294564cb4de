"""Frozen: a unit whose figures repeat those of the evaluated period before. The feed-wide notice is in `feed_checks`."""

from services.contracts.ids import UnitId
from services.contracts.pack.flag_rules import FrozenRule
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flags.findings import ByUnit, Finding
from services.scoring.engine.numbers.rounding import significant
from services.scoring.engine.results.comparing import pairs_of, repeated


def frozen(rule: FrozenRule, before: Assessment, now: Assessment) -> ByUnit:
    """Of the figures reported again, the share that is exactly the old one; no level with fewer than the rule's `figures`."""
    found = {}
    for pair in pairs_of(before, now):
        again = repeated(before, now, pair)
        if len(again) >= rule.figures:
            same = tuple(column for column, is_same in again.items() if is_same)
            found[UnitId(now.units[pair[1]].id)] = Finding(significant(len(same) / len(again)), same)
    return found
