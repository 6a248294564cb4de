"""A whole stack in memory, for tests of audits: a log, what scoring and storage make of it, and a hand that can damage any of it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec

from services.cli.auditing import reads
from services.cli.auditing.findings import Finding, Kind
from services.cli.auditing.published import read_head
from services.cli.auditing.reads import StoredHead, StoredLog
from services.cli.auditing.refold import Refold
from services.cli.auditing.run import STORAGE_GROUP, Audited, audit
from services.cli.auditing.scope import Scope
from services.cli.auditing.sides import StoredSide
from services.cli.backup_folder import Copied
from services.cli.broker import Span
from services.contracts.checkpoints import CONFIRMED_GROUP
from services.contracts.event_data import Place
from services.contracts.events import AnyEvent, encode_record
from services.contracts.following import Record
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import CompiledPack
from services.contracts.records import result_headers
from services.contracts.results import EVALUATION_SCHEMA, RANKING_SCHEMA, decode_evaluation, encode_result
from services.contracts.routing import partition_of
from services.contracts.stored import Read
from services.contracts.topics import EVALUATIONS, EVENTS, PACKS, RANKINGS, Topic
from services.scoring.engine import rank_live
from services.scoring.worker.ports import LogRecord
from services.storage.decoding import DECODERS, Origin
from services.storage.rows import RankingRow, RawEventRow, Row
from tests.support.packs import activation, evaluation_due, report, small_pack

PARTITIONS = 3
BLOCK = BlockId("tiny/a")
PACK = small_pack()
PARTITION = partition_of(BLOCK, PARTITIONS)
LOG_IDS = {topic.name: UUID(int=n) for n, topic in enumerate((EVENTS, EVALUATIONS, RANKINGS, PACKS), 1)}


def two_evaluations() -> list[list[AnyEvent]]:
    """A log of five records, the third and the last of which ask for an evaluation."""
    values = [report(f"a-u{n}", 10.0 * n, n) for n in range(1, 5)]
    more = [report(f"a-u{n}", 15.0 * n, 10 + n, revision=1) for n in range(1, 5)]
    return [
        [activation(PACK, BLOCK)],
        list(values),
        [evaluation_due(BLOCK)],
        list(more),
        [evaluation_due(BLOCK, edition=2, n=1)],
    ]


class Kafka:
    """A `LogSide`: topics in memory, by name and partition. Everything in them is scored and stored unless `commits` says less."""

    def __init__(self, packs: Sequence[CompiledPack] = (PACK,)) -> None:
        self.topics: dict[str, dict[int, list[Copied]]] = defaultdict(lambda: defaultdict(list))
        self.begins: dict[int, int] = {}
        self.late = 0
        """Records at the end of the log that come only after its end was asked for once."""
        self.commits: dict[tuple[str, str], dict[int, int]] = {}
        self.ids = dict(LOG_IDS)
        self.published = list(packs)

    def append(
        self,
        topic: Topic,
        key: str,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> Copied:
        number = partition_of(BlockId(key), PARTITIONS) if partition is None else partition
        held = self.topics[topic.name][number]
        offset = held[-1].offset + 1 if held else 0
        held.append(Copied(offset, 1_770_000_000_000 + offset, key.encode(), value, list(headers)))
        return held[-1]

    def partitions(self) -> int:
        return PARTITIONS

    def packs(self) -> PackCatalog:
        return _catalog([pack.body for pack in self.published])

    def log_id(self, topic: Topic) -> UUID:
        return self.ids[topic.name]

    def spans(self, topic: Topic) -> dict[int, Span]:
        ends = self._ends(topic)
        if topic == EVENTS:
            ends[PARTITION] -= self.late
            self.late = 0
        begins = self.begins if topic == EVENTS else {}
        return {number: Span(begins.get(number, 0), end) for number, end in ends.items()}

    def committed(self, group: str, topic: Topic) -> dict[int, int]:
        return self.commits.get((group, topic.name), self._ends(topic))

    def _ends(self, topic: Topic) -> dict[int, int]:
        held = self.topics[topic.name]
        return {n: held[n][-1].offset + 1 if held[n] else 0 for n in range(PARTITIONS)}

    def records(self, topic: Topic, partition: int, start: int, end: int) -> Iterator[Copied]:
        return (one for one in list(self.topics[topic.name][partition]) if start <= one.offset < end)


class Tables:
    """A `Rows`: tables as storage fills them, by row class."""

    def __init__(self) -> None:
        self.rows_of: dict[type[Any], list[Any]] = defaultdict(list)
        self.logs = [StoredLog(name, id, 1) for name, id in LOG_IDS.items()]
        self.packs = [reads.StoredPack(PACK.hash, PACK.body)]

    def fill(self, topic: Topic, partition: int, record: Copied, log_id: UUID | None = None) -> None:
        key = (record.key or b"").decode()
        of = Record(
            topic.name,
            partition,
            record.offset,
            key,
            record.value,
            tuple(record.headers),
            record.timestamp_ms,
        )
        origin = Origin(log_id or LOG_IDS[topic.name], 1)
        rows: list[Row] = DECODERS[topic.name](of, origin)
        for row in rows:
            held = self.rows_of[type(row)]
            if not any(_identity(row) == _identity(one) for one in held):
                held.append(row)

    def change(self, row_class: type[Any], is_it: Callable[[Any], bool], **columns: Any) -> None:
        """ALTER TABLE ... UPDATE of the first such row."""
        held = self.rows_of[row_class]
        place = next(n for n, row in enumerate(held) if is_it(row))
        held[place] = held[place]._replace(**columns)

    def delete(self, row_class: type[Any], is_it: Callable[[Any], bool]) -> None:
        self.rows_of[row_class] = [row for row in self.rows_of[row_class] if not is_it(row)]

    def rows(self, read: Read[Any], **parameters: str | int | list[str]) -> list[Any]:
        assert parameters.keys() == read.parameters.keys()
        return _ANSWERS[read.view](self, parameters)


def _log(tables: Tables, asked: dict[str, Any]) -> list[Any]:
    after = (asked["offset"], asked["index"])
    rows = [
        row
        for row in tables.rows_of[RawEventRow]
        if (str(row.log_id), row.partition) == (asked["log"], asked["partition"])
        and (row.offset, row.index) > after
        and asked["block"] in ("", row.block)
    ]
    return sorted(rows, key=lambda row: (row.offset, row.index))[: asked["rows"]]


def _heads(tables: Tables, asked: dict[str, Any]) -> list[Any]:
    held = [row for row in tables.rows_of[reads.EVALUATIONS.row] if Scope(asked["scope"]).has(row.block)]
    return [StoredHead(*(getattr(row, name) for name in StoredHead._fields)) for row in held]


def _derived(tables: Tables, asked: dict[str, Any]) -> list[Any]:
    found = set()
    for read, name in ((reads.UNITS, "evaluation_units"), (reads.CRITERIA, "evaluation_criteria")):
        found |= {
            reads.DerivedOf(name, row.block, row.evaluation, row.sha256) for row in tables.rows_of[read.row]
        }
    return sorted(one for one in found if Scope(asked["scope"]).has(one.block))


def _of_evaluation(read: Read[Any], column: str) -> Callable[[Tables, dict[str, Any]], list[Any]]:
    def answer(tables: Tables, asked: dict[str, Any]) -> list[Any]:
        rows = tables.rows_of[read.row]
        return [row for row in rows if row.block == asked["block"] and getattr(row, column) in asked["ids"]]

    return answer


_ANSWERS: dict[str, Callable[[Tables, dict[str, Any]], list[Any]]] = {
    reads.LOGS.view: lambda tables, asked: [log for log in tables.logs if log.topic == asked["topic"]],
    reads.PACKS.view: lambda tables, asked: tables.packs,
    reads.LOG.view: _log,
    reads.HEADS.view: _heads,
    reads.DERIVED.view: _derived,
    reads.EVALUATIONS.view: _of_evaluation(reads.EVALUATIONS, "id"),
    reads.COPIES.view: _of_evaluation(reads.COPIES, "id"),
    reads.UNITS.view: _of_evaluation(reads.UNITS, "evaluation"),
    reads.CRITERIA.view: _of_evaluation(reads.CRITERIA, "evaluation"),
    reads.RANKINGS.view: lambda tables, asked: [
        row for row in tables.rows_of[RankingRow] if Scope(asked["scope"]).has(row.block)
    ],
}


class AuditedStack:
    """The block's log in Kafka, scored and stored."""

    def __init__(self, log: Sequence[Sequence[AnyEvent]] | None = None) -> None:
        self.kafka = Kafka()
        self.tables = Tables()
        self.ids: list[EvaluationId] = []
        for events in two_evaluations() if log is None else log:
            self.kafka.append(EVENTS, BLOCK, encode_record(events))
        self.score()
        self.store()

    @property
    def log(self) -> list[Copied]:
        return self.kafka.topics[EVENTS.name][PARTITION]

    @property
    def copies(self) -> list[Copied]:
        return self.kafka.topics[EVALUATIONS.name][PARTITION]

    def score(self) -> None:
        """Appends what scoring publishes of the log as it is."""
        refold = Refold("kafka", PARTITION, PARTITIONS, self.kafka.packs())
        for one in self.log:
            for body in refold.apply(
                LogRecord(one.offset, one.key or b"", one.value or b"", one.timestamp_ms)
            ):
                self.publish(body)
        state = refold.state(BLOCK)
        ranked = None if state is None else rank_live(state, refold.pack, None)
        if ranked is not None:
            headers = result_headers(RANKING_SCHEMA, ranked[0].cause, 5)
            self.kafka.append(RANKINGS, BLOCK, encode_result(ranked[0]), headers)

    def publish(self, body: bytes) -> None:
        head = read_head(body)
        if head.id not in self.ids:
            self.ids.append(head.id)
        place = Place(head.cause.partition, head.cause.offset, head.cause.index)
        self.kafka.append(EVALUATIONS, BLOCK, body, result_headers(EVALUATION_SCHEMA, place, 5))

    def store(self) -> None:
        """Fills the tables from all topics, as storage does."""
        for topic in (EVENTS, EVALUATIONS, RANKINGS):
            for partition, records in list(self.kafka.topics[topic.name].items()):
                for record in records:
                    self.tables.fill(topic, partition, record)

    def rewrite(self, offset: int, value: bytes | None) -> None:
        """Another record in the place of one of Kafka's log."""
        place = next(n for n, one in enumerate(self.log) if one.offset == offset)
        old = self.log[place]
        self.log[place] = Copied(old.offset, old.timestamp_ms, old.key, value, old.headers)

    def audit(
        self,
        *,
        kafka: bool = True,
        clickhouse: bool = True,
        scope: str = BLOCK,
        evaluation: EvaluationId | None = None,
    ) -> Audited:
        return audit(
            self.kafka if kafka else None,
            StoredSide(self.tables, page_rows=3) if clickhouse else None,
            Scope(scope, evaluation),
            partitions=PARTITIONS,
            storage_group=STORAGE_GROUP,
        )

    def lag(self, *, scored: int | None = None, stored: int | None = None) -> None:
        """Scoring or storage has come to no further than this offset of the log."""
        if scored is not None:
            self.kafka.commits[CONFIRMED_GROUP, EVENTS.name] = {PARTITION: scored}
        if stored is not None:
            self.kafka.commits[STORAGE_GROUP, EVENTS.name] = {PARTITION: stored}


def _catalog(bodies: Sequence[bytes]) -> PackCatalog:
    catalog = PackCatalog()
    for body in bodies:
        catalog.put(body)
    return catalog


_KEYS: dict[str, tuple[str, ...]] = {
    "RawEventRow": ("log_id", "partition", "offset", "index"),
    "EvaluationRow": ("block", "id", "sha256"),
    "EvaluationCopyRow": ("log_id", "partition", "offset"),
    "EvaluationUnitRow": ("block", "evaluation", "sha256", "unit"),
    "EvaluationCriterionRow": ("block", "evaluation", "sha256", "unit", "position"),
    "RankingRow": ("block",),
}


def _identity(row: Any) -> tuple[Any, ...]:
    """What `ReplacingMergeTree` knows the row by."""
    return tuple(getattr(row, column) for column in _KEYS.get(type(row).__name__, row._fields))


def only(found: Audited) -> Finding:
    """The one finding."""
    assert len(found.findings) == 1, found.findings
    return found.findings[0]


def kinds(found: Audited) -> list[Kind]:
    return [one.kind for one in found.findings]


def body_with(stack: AuditedStack, copy: int, **changes: object) -> bytes:
    """A published evaluation with other members."""
    return encode_result(
        msgspec.structs.replace(decode_evaluation(stack.copies[copy].value or b""), **changes)
    )
