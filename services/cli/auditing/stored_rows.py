"""All rows that ClickHouse has of an evaluation, read for several evaluations of a block at once: each question costs as much as its answer."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.cli.auditing import reads
from services.cli.auditing.reads import StoredHead
from services.cli.auditing.sides import StoredSide
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.stored import Read
from services.storage.rows import EvaluationCopyRow, EvaluationCriterionRow, EvaluationRow, EvaluationUnitRow

UNITS_AT_ONCE: Final = 500
"""Of 30 criteria each they are 15,000 rows and some 20 MB."""


@dataclass
class RowsOf:
    """Of one evaluation."""

    bodies: list[EvaluationRow] = field(default_factory=list)
    copies: list[EvaluationCopyRow] = field(default_factory=list)
    units: list[EvaluationUnitRow] = field(default_factory=list)
    criteria: list[EvaluationCriterionRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.bodies) + len(self.copies) + len(self.units) + len(self.criteria)


class StoredRows:
    """Of one block. `heads` are in the order in which the log asks for the evaluations, so what is wanted next is known."""

    def __init__(self, store: StoredSide, block: BlockId, heads: Sequence[StoredHead]) -> None:
        self._store = store
        self._block = block
        self._units = {EvaluationId(head.id): head.units for head in heads}
        self._held: dict[EvaluationId, RowsOf] = {}

    def take(self, id: EvaluationId) -> RowsOf:
        """Asked for once. Raises `CannotReach`."""
        if id not in self._held:
            self._held = self._read(self._next(id))
        return self._held.pop(id)

    def _next(self, id: EvaluationId) -> list[EvaluationId]:
        """The evaluation, and those after it as far as their units go into one answer."""
        wanted, units = [id], self._units.pop(id, UNITS_AT_ONCE)
        for later in list(self._units):
            units += self._units[later]
            if units > UNITS_AT_ONCE:
                break
            wanted.append(later)
            del self._units[later]
        return wanted

    def _read(self, ids: list[EvaluationId]) -> dict[EvaluationId, RowsOf]:
        """Bodies first: where a body is there, storage had written its units and criteria before it."""
        held: dict[EvaluationId, RowsOf] = defaultdict(RowsOf, {id: RowsOf() for id in ids})
        for body in self._asked(reads.EVALUATIONS, ids):
            held[body.id].bodies.append(body)
        for copy in self._asked(reads.COPIES, ids):
            held[copy.id].copies.append(copy)
        for unit in self._asked(reads.UNITS, ids):
            held[unit.evaluation].units.append(unit)
        for criterion in self._asked(reads.CRITERIA, ids):
            held[criterion.evaluation].criteria.append(criterion)
        return held

    def _asked(self, read: Read[Any], ids: Iterable[EvaluationId]) -> list[Any]:
        return self._store.rows(read, block=self._block, ids=[str(id) for id in ids])
