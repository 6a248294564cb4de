"""What an audit asks of the services before it reads anything: how far they are, which logs there are, and what results are held."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.cli.auditing import reads
from services.cli.auditing.findings import CLICKHOUSE, Finding, Kind, row_finding
from services.cli.auditing.reads import StoredHead
from services.cli.auditing.scope import Scope
from services.cli.auditing.sides import LogSide, StoredSide
from services.cli.auditing.stored_evaluation import StoredEvaluationAudit
from services.cli.broker import Span
from services.cli.failures import FoundWrong
from services.contracts.checkpoints import CONFIRMED_GROUP
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import hash_of
from services.contracts.topics import EVALUATIONS, EVENTS, RANKINGS, Topic
from services.storage.rows import RankingRow

Add = Callable[[Finding], None]


@dataclass(frozen=True)
class Stored:
    """ClickHouse, and what is read of it once for all partitions. Ids are of the logs as Kafka has them now."""

    side: StoredSide
    catalog: PackCatalog
    events_log: UUID
    evaluations: StoredEvaluationAudit
    heads: dict[BlockId, list[StoredHead]]
    derived: dict[BlockId, list[reads.DerivedOf]]
    rankings: dict[BlockId, RankingRow]


@dataclass(frozen=True)
class Spans:
    """Where the partitions of Kafka's topics began and ended, asked for once for all partitions, and the log's last."""

    evaluations: dict[int, Span]
    rankings: dict[int, Span]
    events: dict[int, Span]


@dataclass(frozen=True)
class Logged:
    """Kafka, and how far the services had come before anything was read of it, by partition."""

    side: LogSide
    catalog: PackCatalog
    scored_to: dict[int, int]
    stored_to: dict[int, int]
    evaluations_stored_to: dict[int, int]


def ask_spans(kafka: LogSide) -> Spans:
    """Ask after everything else: results that were held before are of nothing beyond the log's end, then."""
    evaluations, rankings = kafka.spans(EVALUATIONS), kafka.spans(RANKINGS)
    return Spans(evaluations, rankings, kafka.spans(EVENTS))


def ask_kafka(kafka: LogSide, storage_group: str) -> Logged:
    """Offsets first: what is committed now stands in everything that is read afterwards."""
    return Logged(
        side=kafka,
        scored_to=kafka.committed(CONFIRMED_GROUP, EVENTS),
        stored_to=kafka.committed(storage_group, EVENTS),
        evaluations_stored_to=kafka.committed(storage_group, EVALUATIONS),
        catalog=kafka.packs(),
    )


def ask_store(store: StoredSide, kafka: LogSide | None, scope: Scope, add: Add) -> Stored:
    """Results first and the log's ids after them, so that nothing of a log is held that is not asked for."""
    heads = store.rows(reads.HEADS, scope=scope.text)
    derived = store.rows(reads.DERIVED, scope=scope.text)
    rankings = [] if scope.evaluation else store.rows(reads.RANKINGS, scope=scope.text)
    events = _log(store, kafka, EVENTS, scope, add)
    evaluations = _log(store, kafka, EVALUATIONS, scope, add)
    return Stored(
        side=store,
        catalog=_stored_packs(store, add),
        events_log=events.log_id,
        evaluations=StoredEvaluationAudit(store, evaluations.log_id, evaluations.generation),
        heads=_by_block(heads),
        derived=_by_block(derived),
        rankings={BlockId(row.block): row for row in rankings},
    )


def _log(store: StoredSide, kafka: LogSide | None, topic: Topic, scope: Scope, add: Add) -> reads.StoredLog:
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
        add(
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


def _stored_packs(store: StoredSide, add: Add) -> PackCatalog:
    """Those whose bytes are what their hash says."""
    catalog = PackCatalog()
    for row in store.rows(reads.PACKS):
        if hash_of(row.body) == row.hash:
            catalog.put(row.body)
            continue
        what = ["the bytes are not those that the hash names"]
        add(row_finding(Kind.CHANGED_ROW, "", "packs", {"hash": row.hash}, what))
    return catalog


def _by_block(rows: Iterable[Any]) -> dict[BlockId, list[Any]]:
    grouped: dict[BlockId, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[BlockId(row.block)].append(row)
    return grouped
