"""The pure core: `apply` folds events into a block's state, `rank_live` and `evaluate` turn it into rankings.

No I/O, no clock, no randomness without a seed; the same log gives the same bytes.
"""

from services.scoring.engine.evaluation import Assessment, evaluate
from services.scoring.engine.live import LiveIntervals, rank_live
from services.scoring.engine.log.activation import active_pack, plan_for
from services.scoring.engine.log.carrying import LINEAGE_SOURCE, Carry, carried_over
from services.scoring.engine.log.fold import NOTHING, Outcome, apply, begin_record
from services.scoring.engine.log.refusal import NotApplicable
from services.scoring.engine.log.run import apply_run
from services.scoring.engine.log.state import BlockState
from services.scoring.engine.scoring.plan import PackMissing, PackSource, Plan, plan_of
from services.scoring.engine.scoring.scores import Stages, stages_of
from services.scoring.engine.version import ENGINE_VERSION

__all__ = [
    "ENGINE_VERSION",
    "LINEAGE_SOURCE",
    "NOTHING",
    "Assessment",
    "BlockState",
    "Carry",
    "LiveIntervals",
    "NotApplicable",
    "Outcome",
    "PackMissing",
    "PackSource",
    "Plan",
    "Stages",
    "active_pack",
    "apply",
    "apply_run",
    "begin_record",
    "carried_over",
    "evaluate",
    "plan_for",
    "plan_of",
    "rank_live",
    "stages_of",
]
