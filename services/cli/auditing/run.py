"""An audit from its beginning to its end: what is asked of the services first, then partition by partition."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from services.cli.auditing import reads
from services.cli.auditing.evaluation_audit import MOST_TOLD, SIDES, Counts
from services.cli.auditing.findings import CLICKHOUSE, NOT_COMPARED, Finding, Kind
from services.cli.auditing.partition_audit import Logged, PartitionAudit, Stored
from services.cli.auditing.scope import Scope
from services.cli.auditing.sides import LogSide, StoredSide
from services.cli.auditing.stored_evaluation import StoredEvaluationAudit
from services.cli.failures import FoundWrong
from services.contracts.checkpoints import CONFIRMED_GROUP
from services.contracts.ids import BlockId
from services.contracts.topics import EVALUATIONS, EVENTS, Topic

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
    logged = None if kafka is None else _logged(kafka, storage_group)
    found = Audited(scope.text, [side for side, asked in zip(SIDES, (kafka, store), strict=True) if asked])
    stored = None if store is None else _stored(store, kafka, scope, found)
    for partition in scope.partitions(count):
        one = PartitionAudit(partition, count, scope, logged, stored, advance)
        for finding in one.run():
            found.add(finding)
        _count(found, one)
    order = list(Kind)
    found.findings.sort(key=lambda finding: (finding.block, order.index(finding.kind)))
    return found


def _logged(kafka: LogSide, storage_group: str) -> Logged:
    """Offsets first: what is committed now stands in everything that is read afterwards."""
    return Logged(
        side=kafka,
        scored_to=kafka.committed(CONFIRMED_GROUP, EVENTS),
        stored_to=kafka.committed(storage_group, EVENTS),
        evaluations_stored_to=kafka.committed(storage_group, EVALUATIONS),
        catalog=kafka.packs(),
    )


def _stored(store: StoredSide, kafka: LogSide | None, scope: Scope, found: Audited) -> Stored:
    heads = store.rows(reads.HEADS, scope=scope.text)
    derived = store.rows(reads.DERIVED, scope=scope.text)
    rankings = [] if scope.evaluation else store.rows(reads.RANKINGS, scope=scope.text)
    events = _log(store, kafka, EVENTS, scope, found)
    evaluations = _log(store, kafka, EVALUATIONS, scope, found)
    return Stored(
        side=store,
        catalog=store.packs(),
        events_log=events.log_id,
        evaluations=StoredEvaluationAudit(store, evaluations.log_id, evaluations.generation),
        heads=_by_block(heads),
        derived=_by_block(derived),
        rankings={BlockId(row.block): row for row in rankings},
    )


def _log(
    store: StoredSide, kafka: LogSide | None, topic: Topic, scope: Scope, found: Audited
) -> reads.StoredLog:
    """The log to compare with. Raises `FoundWrong` when ClickHouse holds nothing of any log of the topic and Kafka cannot be asked."""
    logs = store.rows(reads.LOGS, topic=topic.name)
    if kafka is None:
        if not logs:
            raise FoundWrong(
                f"ClickHouse holds nothing of {topic.name}.", "Look whether storage runs: thidua status."
            )
        return logs[0]
    own = kafka.log_id(topic)
    generations = {log.log_id: log.generation for log in logs}
    if logs and logs[0].log_id != own:
        held = "an earlier one" if own in generations else "not it"
        found.add(
            Finding(
                kind=Kind.OTHER_LOG,
                block=scope.text,
                where=CLICKHOUSE,
                what=[
                    f"Kafka's {topic.name} is the log {own}; what counts in ClickHouse is the log {logs[0].log_id}, and {held} stands there"
                ],
                place=topic.name,
                stored=str(logs[0].log_id),
                recomputed=str(own),
            )
        )
    return reads.StoredLog(topic.name, own, generations.get(own, 0))


def _by_block(rows: Iterable[Any]) -> dict[BlockId, list[Any]]:
    grouped: dict[BlockId, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[BlockId(row.block)].append(row)
    return grouped


def _count(found: Audited, one: PartitionAudit) -> None:
    counted: Sequence[Counts] = [block.counts for block in one.blocks.values()]
    found.blocks.extend(sorted(one.blocks))
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
