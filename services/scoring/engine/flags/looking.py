"""Looks at an evaluation for all that the block's flag rules are about beside ranks."""

from datetime import datetime

from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flags.evidence import evidence
from services.scoring.engine.flags.findings import Findings
from services.scoring.engine.flags.flag_rules import cadence_of
from services.scoring.engine.flags.frozen import frozen
from services.scoring.engine.flags.off_path import off_path
from services.scoring.engine.flags.review import reviews
from services.scoring.engine.flags.sudden_change import sudden_changes
from services.scoring.engine.log.state import SeriesMap
from services.scoring.engine.scoring.plan import Plan


def compares_periods(plan: Plan) -> bool:
    """Whether some rule of the block needs the evaluated period before."""
    rules = plan.block.flags
    return any(rule is not None for rule in (rules.evidence, rules.sudden_change, rules.frozen))


def findings_of(series: SeriesMap, before: Assessment | None, now: Assessment, as_of: datetime) -> Findings:
    """What there is to find, by kind; nothing for an evaluation of a cadence that flags are not judged on."""
    rules = now.plan.block.flags
    found: Findings = {}
    if now.period.cadence != cadence_of(now.plan):
        return found
    if rules.evidence is not None:
        found.update(evidence(rules.evidence, before, now))
    if rules.off_path is not None:
        found["off_path"] = off_path(now)
    if rules.sudden_change is not None and before is not None:
        found["sudden_change"] = sudden_changes(rules.sudden_change, before, now)
    if rules.frozen is not None and before is not None:
        found["frozen"] = frozen(rules.frozen, before, now)
    if rules.review is not None:
        found["review"] = reviews(rules.review, series, now, as_of)
    return found
