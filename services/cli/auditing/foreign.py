"""Evaluations that no `evaluation.due` of the log asks for, wherever they lie."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.cli.auditing.findings import KAFKA, Finding, Kind, row_finding
from services.cli.auditing.published import Copy
from services.cli.auditing.reads import DerivedOf, StoredHead
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.topics import EVENTS

_NO_END: Final = 2**62


@dataclass(frozen=True)
class Unasked:
    """Of one block: what `made` does not have. With `only`, of that evaluation alone."""

    block: BlockId
    made: set[EvaluationId]
    copies: Mapping[EvaluationId, Sequence[Copy]]
    heads: Mapping[EvaluationId, Sequence[StoredHead]]
    only: EvaluationId | None
    reads_kafka: bool

    def findings(self, stopped_at: int | None, derived: Sequence[DerivedOf]) -> Iterator[Finding]:
        """From `stopped_at` on nothing is foreign: the log could not be folded so far. `derived` are bodies that tables have rows of."""
        upto = _NO_END if stopped_at is None else stopped_at
        for id, copies in self.copies.items():
            if self._is_unasked(id):
                yield from (self._copy(copy) for copy in copies if copy.head.cause.offset < upto)
        for id, heads in self.heads.items():
            if self._is_unasked(id):
                yield from (self._row(head) for head in heads if head.cause_offset < upto)
        if stopped_at is None:
            yield from self._orphans(derived)

    def _is_unasked(self, id: EvaluationId) -> bool:
        return id not in self.made and self.only in (None, id)

    def _copy(self, copy: Copy) -> Finding:
        head = copy.head
        return Finding(
            kind=Kind.FOREIGN_EVALUATION,
            block=self.block,
            where=KAFKA,
            what=[_unasked(head.cause.partition, head.cause.offset, head.cause.index)],
            evaluation=head.id,
            period=head.period,
            place=copy.place,
        )

    def _row(self, head: StoredHead) -> Finding:
        what = [_unasked(head.cause_partition, head.cause_offset, head.cause_index)]
        if head.id not in self.copies and self.reads_kafka:
            what.append("Kafka holds no copy of it")
        return row_finding(
            Kind.FOREIGN_EVALUATION,
            self.block,
            "evaluations",
            {"block": head.block, "id": head.id, "sha256": head.sha256},
            what,
            head.id,
            head.period,
        )

    def _orphans(self, derived: Sequence[DerivedOf]) -> Iterator[Finding]:
        """Rows of evaluations that not even the table of evaluations has."""
        for of in derived:
            id = EvaluationId(of.evaluation)
            if self._is_unasked(id) and id not in self.heads and id not in self.copies:
                key = {"evaluation": of.evaluation, "sha256": of.sha256}
                what = ["rows of an evaluation that nothing asks for, and that stands nowhere else"]
                yield row_finding(Kind.FOREIGN_ROW, self.block, of.name, key, what, of.evaluation)


def _unasked(partition: int, offset: int, index: int) -> str:
    cause = f"{EVENTS.name}/{partition}/{offset}/{index}"
    return f"no evaluation.due of the log asks for it; it names {cause} as its cause"
