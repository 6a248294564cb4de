"""Evaluations of another engine version: their bytes cannot be compared, but the log that they name can, and mostly their scores too."""

from dataclasses import dataclass, field

import msgspec

from services.cli.auditing.findings import Finding, Kind
from services.cli.counted import counted
from services.cli.differences import named_differences
from services.contracts.ids import EvaluationId
from services.contracts.results import Evaluation, decode_evaluation
from services.scoring.engine import ENGINE_VERSION


@dataclass
class OtherEngine:
    """What one block has of one other engine version, on one side."""

    block: str
    where: str
    engine: str
    evaluations: list[EvaluationId] = field(default_factory=list)
    same_log: int = 0
    same_scores: int = 0
    differing: list[str] = field(default_factory=list)
    place: str | None = None

    def add(self, published: bytes, recomputed: bytes, place: str) -> None:
        """Compares what does not depend on the version: the log's head, then ranks and scores."""
        found, own = decode_evaluation(published), decode_evaluation(recomputed)
        self.evaluations.append(found.id)
        self.place = self.place or place
        self.same_log += found.chain == own.chain
        differing = named_differences(_scores(own), _scores(found))
        self.same_scores += not differing
        if differing and not self.differing:
            self.differing = [f"in {found.id} ({found.period}): {line}" for line in differing]

    def finding(self) -> Finding:
        count = len(self.evaluations)
        what = [
            f"{counted(count, 'evaluation')} of engine {self.engine}; this is engine {ENGINE_VERSION}, whose bytes differ by themselves: "
            f"install a thidua of engine {self.engine} to compare them byte for byte",
            f"chain heads, which no version changes, agree with the log in {self.same_log} of {count}",
            f"ranks and scores agree in {self.same_scores} of {count}",
            *self.differing,
        ]
        return Finding(
            kind=Kind.OTHER_ENGINE,
            block=self.block,
            where=self.where,
            what=what,
            evaluation=self.evaluations[0],
            place=self.place,
        )


def _scores(evaluation: Evaluation) -> bytes:
    return msgspec.json.encode({unit.unit: [unit.rank, unit.score] for unit in evaluation.units})
