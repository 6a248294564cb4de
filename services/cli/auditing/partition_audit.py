"""Audits one partition in one pass: both logs are read side by side, compared, and folded again, and what follows is compared with its copies."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from services.cli.auditing.asked import Logged, Spans, Stored
from services.cli.auditing.evaluation_audit import BlockAudit, Progress
from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Finding, Kind
from services.cli.auditing.log_comparison import Found, LogComparison
from services.cli.auditing.pairs import Pair, pairs
from services.cli.auditing.published import Copy, Published, read_head
from services.cli.auditing.ranking_audit import RankingAudit, newest_rankings
from services.cli.auditing.refold import Refold
from services.cli.auditing.scope import Scope
from services.cli.auditing.sides import StoredRecord
from services.cli.backup_folder import Copied
from services.contracts.ids import BlockId, EvaluationId, PackHash
from services.contracts.pack.model import Pack
from services.contracts.topics import EVALUATIONS, EVENTS, RANKINGS
from services.scoring.worker.ports import LogRecord

_NO_END: Final = 2**62


@dataclass
class PartitionAudit:
    """`run` gives every finding; then the counts stand in `blocks` and `comparison`."""

    partition: int
    partitions: int
    scope: Scope
    kafka: Logged | None
    stored: Stored | None
    spans: Spans | None
    """There with `kafka`."""
    advance: Callable[[int], None]
    """Told of offsets passed."""
    blocks: dict[BlockId, BlockAudit] = field(default_factory=dict)
    comparison: LogComparison | None = None

    def run(self) -> Iterator[Finding]:
        published = self._published()
        self._rankings = self._published_rankings()
        self._begin, self._end = self._span()
        self._copies = {} if published is None else published.copies
        self._refolds = self._made_refolds()
        if self.kafka is not None and self.stored is not None:
            upto = self.kafka.stored_to.get(self.partition, 0)
            self.comparison = LogComparison(self.stored.events_log, self.partition, upto)
        for block in self._known_blocks():
            self._block(block)
        for pair in self._pairs():
            self._pass(pair)
        if self.comparison is not None:
            self._found_in_log(self.comparison.end())
        yield from () if published is None else published.findings
        yield from self._ends()
        for refold in self._refolds.values():
            yield from refold.findings
        for block, audit in self.blocks.items():
            yield from self._finish(block, audit)

    def _published(self) -> Published | None:
        if self.kafka is None or self.spans is None:
            return None
        span = self.spans.evaluations[self.partition]
        records = self.kafka.side.records(EVALUATIONS, self.partition, span.begin, span.end)
        return Published(self.partition, records, self.scope.has)

    def _published_rankings(self) -> dict[BlockId, list[RankingAudit]]:
        found: dict[BlockId, list[RankingAudit]] = defaultdict(list)
        if self.scope.evaluation is not None:
            return found
        if self.kafka is not None and self.spans is not None:
            span = self.spans.rankings[self.partition]
            records = self.kafka.side.records(RANKINGS, self.partition, span.begin, span.end)
            for block, record in newest_rankings(records, self.scope.has).items():
                audit = RankingAudit.of_kafka(record, self.partition, self._pack)
                if audit is not None:
                    found[block].append(audit)
        for block, row in ({} if self.stored is None else self.stored.rankings).items():
            if self.scope.is_of(block, self.partition, self.partitions):
                found[block].append(RankingAudit.of_store(row, self._pack))
        return found

    def _span(self) -> tuple[int, int]:
        if self.spans is None:
            return 0, _NO_END
        span = self.spans.events[self.partition]
        return span.begin, span.end

    def _made_refolds(self) -> dict[str, Refold]:
        """By side; the first is the one that results are computed from."""
        catalogs = {}
        if self.kafka is not None:
            catalogs[KAFKA] = self.kafka.catalog
        if self.stored is not None:
            catalogs[CLICKHOUSE] = self.stored.catalog
        return {
            side: Refold(side, self.partition, self.partitions, catalog) for side, catalog in catalogs.items()
        }

    def _pack(self, hash: PackHash) -> Pack | None:
        return next(iter(self._refolds.values())).pack(hash)

    def _known_blocks(self) -> set[BlockId]:
        """Those that have results, whether the log knows them or not."""
        known = {*self._copies, *self._rankings}
        if self.stored is not None:
            known |= {
                block
                for block in (*self.stored.heads, *self.stored.derived)
                if self.scope.is_of(block, self.partition, self.partitions)
            }
        return known

    def _block(self, block: BlockId) -> BlockAudit:
        if block not in self.blocks:
            is_here = self.scope.is_of(block, self.partition, self.partitions)
            heads = self.stored.heads.get(block, []) if self.stored is not None and is_here else []
            self.blocks[block] = BlockAudit(
                block,
                self._copies.get(block, {}),
                heads,
                self._progress(),
                self._fetch,
                None if self.stored is None else self.stored.evaluations,
                self.scope.evaluation,
                reads_kafka=self.kafka is not None,
            )
        return self.blocks[block]

    def _progress(self) -> Progress:
        if self.kafka is None:
            return Progress(0, 0)
        return Progress(
            self.kafka.scored_to.get(self.partition, 0),
            self.kafka.evaluations_stored_to.get(self.partition, 0),
        )

    def _fetch(self, copy: Copy) -> bytes:
        assert self.kafka is not None
        found = self.kafka.side.records(EVALUATIONS, copy.partition, copy.offset, copy.offset + 1)
        return next(found).value or b""

    def _pairs(self) -> Iterator[Pair]:
        """Up to the end that the log had, or to where the one evaluation that is wanted was asked for."""
        last = self._last_wanted()
        passed = self._begin
        for pair in pairs(self._kafka_log(), self._stored_log()):
            if pair.offset >= self._end or pair.offset > last:
                break
            self.advance(pair.offset + 1 - passed)
            passed = pair.offset + 1
            yield pair
        if self._end != _NO_END:
            self.advance(max(self._end - passed, 0))

    def _last_wanted(self) -> int:
        wanted = self.scope.evaluation
        causes = [
            copy.head.cause.offset
            for of in self._copies.values()
            for copy in of.get(wanted, [])  # type: ignore[arg-type]
        ]
        heads = () if self.stored is None else (h for of in self.stored.heads.values() for h in of)
        causes += [head.cause_offset for head in heads if head.id == wanted]
        return max(causes, default=_NO_END)

    def _kafka_log(self) -> Iterator[Copied]:
        if self.kafka is None:
            return iter(())
        records = self.kafka.side.records(EVENTS, self.partition, self._begin, self._end)
        return (record for record in records if self.scope.has(_key(record)))

    def _stored_log(self, start: int = 0) -> Iterator[StoredRecord]:
        if self.stored is None:
            return iter(())
        records = self.stored.side.log(self.stored.events_log, self.partition, self.scope.block, start)
        return (record for record in records if self.scope.has(BlockId(record.rows[0].block)))

    def _first_stored(self, start: int) -> StoredRecord | None:
        """The first record of ClickHouse's log from an offset on."""
        return next(self._stored_log(start), None)

    def _pass(self, pair: Pair) -> None:
        block = _key(pair.kafka) if pair.kafka is not None else BlockId(_stored(pair).rows[0].block)
        audit = self._block(block)
        if self.comparison is not None:
            self._found_in_log(self.comparison.compare(pair, block))
        made: dict[EvaluationId, dict[str, bytes]] = defaultdict(dict)
        for side, record in _records(pair).items():
            for body in self._refolds[side].apply(record):
                made[read_head(body).id][side] = body
        may_come = KAFKA in self._refolds and block not in self._refolds[KAFKA].stopped
        for id, bodies in made.items():
            if self.scope.evaluation in (None, id):
                audit.made(bodies, more_may_come=may_come)
        if block in self._rankings:
            state = next(iter(self._refolds.values())).state(block)
            for ranking in self._rankings[block]:
                ranking.at(state)

    def _found_in_log(self, found: Iterator[Found]) -> None:
        for offset, finding in found:
            if finding.kind == Kind.MISSING_EVENT and finding.where == CLICKHOUSE:
                self._look_for_another_block(offset, finding)
            self._block(BlockId(finding.block)).in_log((offset, finding))

    def _look_for_another_block(self, offset: int, finding: Finding) -> None:
        """A row that lies under another block is not seen where only one block is read."""
        if self.stored is None or self.scope.block is None:
            return
        record = next(self.stored.side.log(self.stored.events_log, self.partition, None, offset), None)
        if record is not None and record.offset == offset and record.rows[0].block != finding.block:
            finding.what.append(f"raw_log has a row there of block {record.rows[0].block}")

    def _ends(self) -> Iterator[Finding]:
        """Where Kafka's log begins and ends, against ClickHouse's."""
        if self.kafka is None:
            return
        if self._begin > 0:
            what = f"Kafka's log begins at offset {self._begin}: what stood before was deleted"
            yield self._missing(f"{EVENTS.name}/{self.partition}/0", what)
        if self.stored is None or self.scope.evaluation is not None:
            return
        if self._first_stored(self._end) is None:
            return
        end = self.kafka.side.spans(EVENTS)[self.partition].end  # it may have grown since
        beyond = self._first_stored(end)
        if beyond is not None:
            place = f"{EVENTS.name}/{self.partition}/{beyond.offset}"
            what = f"Kafka's log ends at offset {end}, and ClickHouse holds records from {beyond.offset} on"
            yield self._missing(place, what, BlockId(beyond.rows[0].block))

    def _missing(self, place: str, what: str, block: BlockId | None = None) -> Finding:
        return Finding(
            kind=Kind.MISSING_EVENT,
            block=block or self.scope.text,
            where=KAFKA,
            what=[what],
            place=place,
        )

    def _finish(self, block: BlockId, audit: BlockAudit) -> Iterator[Finding]:
        is_stopped = [refold.stopped[block] for refold in self._refolds.values() if block in refold.stopped]
        rankings = [] if is_stopped else self._rankings.get(block, [])
        is_here = self.scope.is_of(block, self.partition, self.partitions)
        derived = self.stored.derived.get(block, []) if self.stored is not None and is_here else []
        found = list(audit.finish(min(is_stopped, default=None), derived))
        yield from found
        if any(one.kind == Kind.REWRITTEN_LOG and one.where == next(iter(self._refolds)) for one in found):
            return  # the live ranking was made from the log that is no longer there
        for ranking in rankings:
            yield from ranking.findings()


def _records(pair: Pair) -> dict[str, LogRecord]:
    found = {}
    if pair.kafka is not None:
        one = pair.kafka
        found[KAFKA] = LogRecord(one.offset, one.key or b"", one.value or b"", one.timestamp_ms)
    if pair.stored is not None:
        found[CLICKHOUSE] = pair.stored.record()
    return found


def _stored(pair: Pair) -> StoredRecord:
    assert pair.stored is not None
    return pair.stored


def _key(record: Copied) -> BlockId:
    return BlockId((record.key or b"").decode(errors="replace"))
