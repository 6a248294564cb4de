"""Compares all that ClickHouse has of one evaluation with its bodies: the row with its bytes, its copies' places, its units, its criteria."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from services.cli.auditing.findings import CLICKHOUSE, Finding, Kind, row_finding
from services.cli.auditing.published import Copy, Head
from services.cli.auditing.row_comparison import differing_columns, differing_rows
from services.cli.auditing.sides import StoredSide
from services.cli.auditing.stored_rows import RowsOf
from services.cli.counted import counted
from services.cli.differences import named_differences
from services.contracts.following import Record
from services.contracts.results import decode_evaluation
from services.contracts.topics import EVALUATIONS
from services.scoring.engine import ENGINE_VERSION
from services.storage.decoding.evaluations import evaluation_rows
from services.storage.decoding.origin import Origin
from services.storage.rows import EvaluationCopyRow, EvaluationCriterionRow, EvaluationRow, EvaluationUnitRow

TABLE: Final = "evaluations"
COPIES: Final = "evaluation_copies"
UNITS: Final = "evaluation_units"
CRITERIA: Final = "evaluation_criteria"

_PLACE: Final = frozenset({"log_id", "generation", "partition", "offset"})
"""Of a body of which no copy in Kafka is known."""

_NO_LOG: Final = UUID(int=0)


class Reference(NamedTuple):
    """A body that ClickHouse must hold, and the first copy of it in Kafka."""

    body: bytes
    copy: Copy | None


@dataclass
class Checked:
    """Rows compared, what was found, and bodies of other engines that stand in ClickHouse alone."""

    rows: int = 0
    is_waiting: bool = False
    findings: list[Finding] = field(default_factory=list)
    of_other_engines: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class StoredEvaluationAudit:
    """`log_id` and `generation` are of `campaign.evaluations` as it is now; a generation of 0 is not known."""

    store: StoredSide
    log_id: UUID = _NO_LOG
    generation: int = 0

    def check(
        self,
        head: Head,
        truth: bytes,
        references: dict[str, Reference],
        copies: Sequence[Copy],
        held: RowsOf,
        stored_to: int,
        *,
        knows_kafka: bool,
    ) -> Checked:
        """`references` by digest, `held` what ClickHouse has. What Kafka holds at or above `stored_to` may still come."""
        check = _Check(self, head, truth, dict(references), copies, stored_to, knows_kafka)
        check.run(held)
        return check.checked


class _Check:
    def __init__(
        self,
        audit: StoredEvaluationAudit,
        head: Head,
        truth: bytes,
        references: dict[str, Reference],
        copies: Sequence[Copy],
        stored_to: int,
        knows_kafka: bool,
    ) -> None:
        self._audit = audit
        self._head = head
        self._truth = truth
        self._references = references
        self._all_copies = copies
        self._of_earlier_logs: set[str] = set()
        self._stored_to = stored_to
        self._knows_kafka = knows_kafka
        self.checked = Checked()

    def run(self, held: RowsOf) -> None:
        self.checked.rows = len(held)
        self._bodies(held.bodies)
        if self._knows_kafka:
            self._copies(held.copies)
        self._derived({row.sha256 for row in held.bodies}, held.units, held.criteria)

    def _bodies(self, held: Sequence[EvaluationRow]) -> None:
        by_sha = {row.sha256: row for row in held}
        for row in held:
            if row.sha256 not in self._references:
                self._unknown_body(row)
        for sha256, reference in self._references.items():
            row_or_none = by_sha.get(sha256)
            if row_or_none is not None:
                self._body(row_or_none, sha256, reference)
            elif self._may_still_come(reference):
                self.checked.is_waiting = reference.copy is not None
            else:
                self._lacking(sha256)

    def _body(self, row: EvaluationRow, sha256: str, reference: Reference) -> None:
        expected = self._rows_of(reference)[0]
        assert isinstance(expected, EvaluationRow)
        is_placed = reference.copy is not None and self._audit.generation > 0
        skip = {"body"} | (set() if is_placed else _PLACE)
        key = self._key(sha256)
        self._found(differing_columns(TABLE, expected, row, key, self._head.block, skip=skip, **self._about))
        if row.body != reference.body:
            what = [
                f"body: {line}" for line in named_differences(reference.body, row.body)
            ]  # the rest of a long document would hide what differs
            self.checked.findings.append(
                Finding(
                    kind=Kind.CHANGED_ROW,
                    block=self._head.block,
                    where=CLICKHOUSE,
                    what=what,
                    table=TABLE,
                    key=key,
                    column="body",
                    stored=_sha256(row.body),
                    recomputed=sha256,
                    **self._about,
                )
            )

    def _unknown_body(self, row: EvaluationRow) -> None:
        """A row whose body no copy in Kafka has, and the log does not give."""
        if self._audit.generation and row.generation < self._audit.generation:
            self._of_earlier_logs.add(row.sha256)  # the one of this log is the one that is read
            return
        is_whole = is_storable(row.body) and _sha256(row.body) == row.sha256
        if not self._knows_kafka and row.engine != ENGINE_VERSION and is_whole:
            self._references[row.sha256] = Reference(row.body, None)
            self._references.pop(_sha256(self._truth), None)
            self.checked.of_other_engines.append(row.body)
            return
        what = named_differences(self._truth, row.body) or ["its digest is not that of its bytes"]
        self.checked.findings.append(
            row_finding(
                Kind.FOREIGN_ROW,
                self._head.block,
                TABLE,
                self._key(row.sha256),
                ["a body that neither the log gives nor Kafka holds", *what],
                **self._about,
            )
        )

    def _lacking(self, sha256: str) -> None:
        self.checked.findings.append(
            Finding(
                kind=Kind.MISSING_EVALUATION,
                block=self._head.block,
                where=CLICKHOUSE,
                what=["there is no row with this body"],
                table=TABLE,
                key=self._key(sha256),
                **self._about,
            )
        )

    def _copies(self, held: Sequence[EvaluationCopyRow]) -> None:
        """Only those of the log as it is now; others may be of an earlier one."""
        own = [row for row in held if row.log_id == self._audit.log_id]
        self._found(
            differing_rows(
                COPIES,
                list(self._expected_copies(own)),
                own,
                ("partition", "offset"),
                self._head.block,
                self._head.id,
                self._head.period,
            )
        )

    def _expected_copies(self, held: Sequence[EvaluationCopyRow]) -> Iterator[EvaluationCopyRow]:
        there = {(row.partition, row.offset) for row in held}
        for copy in self._all_copies:
            is_due = (copy.partition, copy.offset) in there or copy.offset < self._stored_to
            if is_due and copy.sha256 in self._references:
                row = self._rows_of(Reference(self._references[copy.sha256].body, copy))[1]
                assert isinstance(row, EvaluationCopyRow)
                yield row

    def _derived(
        self,
        there: set[str],
        units: Sequence[EvaluationUnitRow],
        criteria: Sequence[EvaluationCriterionRow],
    ) -> None:
        units_of, criteria_of = _by_sha(units), _by_sha(criteria)
        for sha256, reference in self._references.items():
            if sha256 not in there and self._may_still_come(reference):
                continue  # storage writes units and criteria before the evaluation, so some may be there already
            rows = self._rows_of(reference)
            of_units, of_criteria = units_of.pop(sha256, []), criteria_of.pop(sha256, [])
            self._compare(UNITS, sha256, _only(EvaluationUnitRow, rows), of_units, "unit")
            self._compare(
                CRITERIA, sha256, _only(EvaluationCriterionRow, rows), of_criteria, "unit", "position"
            )
        for table, left in ((UNITS, units_of), (CRITERIA, criteria_of)):
            for sha256 in left.keys() - self._of_earlier_logs - self._references.keys():
                self._left_over(table, sha256, len(left[sha256]))

    def _compare(
        self, table: str, sha256: str, expected: Sequence[Any], held: Sequence[Any], *key: str
    ) -> None:
        if expected and not held:
            what = [f"none of {counted(len(expected), 'row')} of this body is there"]
            of_body = {"evaluation": self._head.id, "sha256": sha256}
            self.checked.findings.append(
                row_finding(Kind.MISSING_ROW, self._head.block, table, of_body, what, **self._about)
            )
            return
        columns = ("sha256", *key)
        self._found(
            differing_rows(table, expected, held, columns, self._head.block, self._head.id, self._head.period)
        )

    def _left_over(self, table: str, sha256: str, count: int) -> None:
        what = [f"{counted(count, 'row')} of a body that neither the log gives nor Kafka holds"]
        key = {"evaluation": self._head.id, "sha256": sha256}
        self.checked.findings.append(
            row_finding(Kind.FOREIGN_ROW, self._head.block, table, key, what, **self._about)
        )

    def _rows_of(self, reference: Reference) -> list[Any]:
        record = (
            Record(EVALUATIONS.name, 0, 0, self._head.block, reference.body, (), 0)
            if reference.copy is None
            else reference.copy.record(reference.body)
        )
        return list(evaluation_rows(record, Origin(self._audit.log_id, self._audit.generation)))

    def _may_still_come(self, reference: Reference) -> bool:
        """In ClickHouse alone nobody can say what is to come."""
        if not self._knows_kafka:
            return False
        return reference.copy is None or reference.copy.offset >= self._stored_to

    def _found(self, findings: Iterator[Finding]) -> None:
        self.checked.findings.extend(findings)

    def _key(self, sha256: str) -> dict[str, Any]:
        return {"block": self._head.block, "id": self._head.id, "sha256": sha256}

    @property
    def _about(self) -> dict[str, Any]:
        return {"evaluation": self._head.id, "period": self._head.period}


def is_storable(body: bytes) -> bool:
    """Whether storage can read it: what it cannot read stands among its dead letters, and has no rows."""
    try:
        decode_evaluation(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True


def _by_sha(rows: Sequence[Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.sha256].append(row)
    return grouped


def _only(kind: type[Any], rows: Sequence[Any]) -> list[Any]:
    return [row for row in rows if isinstance(row, kind)]


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
