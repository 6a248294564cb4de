"""An audit from its beginning to its end: what is asked of the services first, then partition by partition."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from services.cli.auditing.asked import ask_kafka, ask_spans, ask_store
from services.cli.auditing.evaluation_audit import MOST_TOLD, SIDES, Counts
from services.cli.auditing.findings import NOT_COMPARED, Finding, Kind
from services.cli.auditing.partition_audit import PartitionAudit
from services.cli.auditing.scope import Scope
from services.cli.auditing.sides import LogSide, StoredSide

STORAGE_GROUP: Final = "storage"
"""Storage's consumer group, unless THIDUA_STORAGE_GROUP names another."""

T = TypeVar("T")


@dataclass
class Audited:
    """What was compared and what was found. `counts` has every finding, `findings` the first `MOST_TOLD` of each kind."""

    scope: str
    sides: list[str]
    blocks: list[str] = field(default_factory=list)
    evaluations: int = 0
    agreeing: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    copies: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    rows: int = 0
    records: int = 0
    """Of the log, that stand on both sides and were compared."""
    events: int = 0
    waiting: dict[str, int] = field(default_factory=lambda: {"records": 0, "evaluations": 0})
    """What scoring or storage had not come to when the audit began."""
    counts: Counter[Kind] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def add(self, found: Finding) -> None:
        self.counts[found.kind] += 1
        if self.counts[found.kind] <= MOST_TOLD:
            self.findings.append(found)

    @property
    def faults(self) -> list[Finding]:
        return [found for found in self.findings if found.kind not in NOT_COMPARED]

    @property
    def not_compared(self) -> list[Finding]:
        return [found for found in self.findings if found.kind in NOT_COMPARED]


def audit(
    kafka: LogSide | None,
    store: StoredSide | None,
    scope: Scope,
    *,
    partitions: int,
    storage_group: str = STORAGE_GROUP,
    advance: Callable[[int], None] = lambda _offsets: None,
) -> Audited:
    """`partitions` counts where there is no Kafka to ask. Raises `CannotReach`."""
    count = partitions if kafka is None else kafka.partitions()
    logged = None if kafka is None else ask_kafka(kafka, storage_group)
    found = Audited(scope.text, [side for side, asked in zip(SIDES, (kafka, store), strict=True) if asked])
    stored = None if store is None else ask_store(store, kafka, scope, found.add)
    spans = None if kafka is None else ask_spans(kafka)
    for partition in scope.partitions(count):
        one = PartitionAudit(partition, count, scope, logged, stored, spans, advance)
        for finding in one.run():
            found.add(finding)
        _count(found, one)
    order = list(Kind)
    found.findings.sort(key=lambda finding: (finding.block, order.index(finding.kind)))
    return found


def _count(found: Audited, one: PartitionAudit) -> None:
    counted: Sequence[Counts] = [block.counts for block in one.blocks.values()]
    found.blocks = sorted({*found.blocks, *one.blocks})
    found.evaluations += sum(counts.evaluations for counts in counted)
    found.rows += sum(counts.rows for counts in counted)
    found.waiting["evaluations"] += sum(counts.waiting for counts in counted)
    for counts in counted:
        found.counts += counts.untold
    for side in SIDES:
        found.agreeing[side] += sum(counts.agreeing[side] for counts in counted)
        found.copies[side] += sum(counts.copies[side] for counts in counted)
    if one.comparison is not None:
        found.records += one.comparison.records
        found.events += one.comparison.events
        found.waiting["records"] += one.comparison.waiting
