"""What flags are judged on: one evaluation with all that it found, and the evaluations before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from services.contracts.flags import FlagHold, FlagKind
from services.contracts.ids import UnitId
from services.contracts.results import Evaluation, UnitResult
from services.scoring.engine.evaluation import Assessment
from services.scoring.engine.flags.findings import Finding, Findings
from services.scoring.engine.log.holds import muting
from services.scoring.engine.log.state import Evaluated


@dataclass(frozen=True)
class Judgement:
    """An evaluation just made (or a look at the live period, when a tick brought it), and the history of its cadence that holds it, ascending."""

    evaluation: Evaluation
    assessment: Assessment
    history: Sequence[Evaluated]
    findings: Findings = field(default_factory=dict)
    """Of the kinds that are not about rank shares."""
    holds: Mapping[UnitId, FlagHold] = field(default_factory=dict)
    """Units that are held: their leader flags are muted, see `holds`."""

    @property
    def is_of_newest_period(self) -> bool:
        return not self.history or self.history[-1].evaluation == self.evaluation.id

    @property
    def is_by_the_newest_rules(self) -> bool:
        """Whether the pack of the evaluation is that of the newest period: another one may flag by other rules, or by none."""
        return not self.history or self.history[-1].pack == self.evaluation.pack

    def is_still_there(self, unit: UnitId) -> bool:
        """Whether the unit is in the block in the newest evaluated period."""
        return not self.history or unit in self.history[-1].standings

    @cached_property
    def row_of(self) -> dict[UnitId, int]:
        """Rows of the assessment by unit."""
        return {UnitId(unit.id): row for row, unit in enumerate(self.assessment.units)}

    @cached_property
    def result_of(self) -> dict[UnitId, UnitResult]:
        return {result.unit: result for result in self.evaluation.units}

    def finding(self, kind: FlagKind, unit: UnitId) -> Finding | None:
        return self.findings.get(kind, {}).get(unit)

    def in_transition(self, unit: UnitId) -> bool:
        """Whether the unit came of a merger, split or move so lately that its flags pause."""
        return self.assessment.plan.in_transition(unit, self.assessment.period.last)

    def muting(self, kind: FlagKind, unit: UnitId) -> FlagHold | msgspec.UnsetType:
        """What mutes a flag of that kind of the unit; unset where nothing does."""
        return muting(self.holds, kind, unit)
