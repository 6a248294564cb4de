"""Compares every copy of the evaluations of one block with what the log gives, in Kafka and in ClickHouse."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.cli.auditing.chain import Post, Rewritten, rewritten, rewritten_finding, verdict
from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Finding, Kind
from services.cli.auditing.foreign import Unasked
from services.cli.auditing.log_comparison import Found
from services.cli.auditing.other_engine import OtherEngine
from services.cli.auditing.published import Copy, Head, read_head
from services.cli.auditing.reads import DerivedOf, StoredHead
from services.cli.auditing.stored_evaluation import Reference, StoredEvaluationAudit, is_storable
from services.cli.auditing.stored_rows import StoredRows
from services.cli.differences import named_differences
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.topics import EVENTS
from services.scoring.engine import ENGINE_VERSION

SIDES: Final = (KAFKA, CLICKHOUSE)

MOST_TOLD: Final = 1_000
"""Findings of one kind that are told one by one; of the others there is the count."""

Fetch = Callable[[Copy], bytes]
"""The bytes of a copy in Kafka."""


class Progress(NamedTuple):
    """How far the services were before anything was read: what lies beyond may still come."""

    scored_to: int
    """Of `campaign.events`: below it, every evaluation that was asked for stands in Kafka."""
    stored_to: int
    """Of `campaign.evaluations`: below it, everything stands in ClickHouse."""


@dataclass
class Counts:
    """What was compared in a block."""

    evaluations: int = 0
    agreeing: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    """By side, evaluations of which its log gives a published body, byte for byte."""
    copies: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    rows: int = 0
    waiting: int = 0
    """Evaluations that scoring or storage has not come to yet."""
    untold: Counter[Kind] = field(default_factory=Counter)
    """Findings beyond the first `MOST_TOLD` of a kind."""


class BlockAudit:
    """One block. `made` is told of each evaluation that a log makes, in the order of the log; `finish` of the end of the log."""

    def __init__(
        self,
        block: BlockId,
        copies: dict[EvaluationId, list[Copy]],
        heads: Sequence[StoredHead],
        progress: Progress,
        fetch: Fetch,
        stored: StoredEvaluationAudit | None,
        only: EvaluationId | None = None,
        *,
        reads_kafka: bool,
    ) -> None:
        self.block = block
        self.counts = Counts()
        self.posts: list[Post] = []
        self._copies = copies
        self._heads: dict[EvaluationId, list[StoredHead]] = {}
        for stored_head in heads:
            self._heads.setdefault(EvaluationId(stored_head.id), []).append(stored_head)
        self._progress = progress
        self._fetch = fetch
        self._stored = stored
        self._rows = None if stored is None else StoredRows(stored.store, block, heads)
        self._only = only
        self._reads_kafka = reads_kafka
        self._made: set[EvaluationId] = set()
        self._in_clickhouse: dict[EvaluationId, dict[str, bytes]] = {}
        self._findings: list[Finding] = []
        self._kept: Counter[Kind] = Counter()
        self._in_log: list[Found] = []
        self._differences: list[Finding] = []
        self._engines: dict[tuple[str, str], OtherEngine] = {}
        self.counts.copies[KAFKA] = sum(map(len, copies.values()))
        self.counts.copies[CLICKHOUSE] = len(heads)

    def made(self, bodies: dict[str, bytes], *, more_may_come: bool = False) -> None:
        """`bodies` are what each side's log gives for one evaluation; of one side at least. Where the logs differ Kafka's may give it
        further on: with `more_may_come` it is waited for."""
        id = read_head(next(iter(bodies.values()))).id
        if more_may_come and KAFKA not in bodies and id not in self._made:
            self._in_clickhouse[id] = bodies
            return
        bodies = self._in_clickhouse.pop(id, {}) | bodies
        truth = bodies.get(KAFKA) or bodies[CLICKHOUSE]
        head = read_head(truth)
        if head.id in self._made:
            self._count_agreeing(head, bodies, self._copies.get(head.id, []))
            return
        self._made.add(head.id)
        self.counts.evaluations += 1
        copies = self._copies.get(head.id, [])
        self._count_agreeing(head, bodies, copies)
        self._add_post(head, bodies, copies)
        references = self._check_copies(head, truth, copies)
        if self._reads_kafka and not copies:
            self._missing(head, KAFKA, self._progress.scored_to)
        if self._stored is not None:
            self._check_stored(head, truth, references, copies)

    def in_log(self, found: Found) -> None:
        """Something that the comparison of the logs found in the block."""
        if self._is_to_tell(found[1]):
            self._in_log.append(found)

    def finish(self, stopped_at: int | None, derived: Sequence[DerivedOf] = ()) -> Iterator[Finding]:
        """All findings. `stopped_at` is where the block could not be folded any further: nothing is foreign from there on. `derived` are
        evaluations of which tables have rows."""
        for bodies in list(self._in_clickhouse.values()):
            self.made(bodies)
        breaks = [found for side in SIDES if (found := rewritten(self.posts, side)) is not None]
        for found in breaks:
            yield self._rewritten(found, breaks)
        yield from self._log_findings()
        names = {name for found in breaks for name in found.names}
        yield from (one for one in self._differences if one.evaluation not in names)
        yield from self._findings
        unasked = Unasked(self.block, self._made, self._copies, self._heads, self._only, self._reads_kafka)
        yield from unasked.findings(stopped_at, derived)
        for engine in self._engines.values():
            yield engine.finding()

    def _is_to_tell(self, finding: Finding) -> bool:
        """A table that was changed as a whole must not fill the memory."""
        self._kept[finding.kind] += 1
        if self._kept[finding.kind] <= MOST_TOLD:
            return True
        self.counts.untold[finding.kind] += 1
        return False

    def _rewritten(self, found: Rewritten, breaks: Sequence[Rewritten]) -> Finding:
        sides = {side for post in self.posts for side in post.recomputed}
        right = next(iter(sides - {one.side for one in breaks}), None)
        finding = rewritten_finding(self.block, found, right)
        example = next((one for one in self._differences if one.evaluation in found.names), None)
        if example is not None and found.side == KAFKA:
            finding.what.append(f"in {example.evaluation}: {'; '.join(example.what)}")
        return finding

    def _log_findings(self) -> Iterator[Finding]:
        for offset, finding in self._in_log:
            told = verdict(self.posts, offset)
            if told is not None and finding.kind in (Kind.CHANGED_EVENT, Kind.MISSING_EVENT):
                finding.what.append(told)
            yield finding

    def _count_agreeing(self, head: Head, bodies: dict[str, bytes], copies: Sequence[Copy]) -> None:
        published = {copy.sha256 for copy in copies}
        published |= {stored.sha256 for stored in self._heads.get(head.id, ())}
        for side, body in bodies.items():
            self.counts.agreeing[side] += _sha256(body) in published

    def _add_post(self, head: Head, bodies: dict[str, bytes], copies: Sequence[Copy]) -> None:
        chains = {copy.head.chain for copy in copies}
        chains |= {stored.chain for stored in self._heads.get(head.id, ())}
        recomputed = {side: read_head(body).chain for side, body in bodies.items()}
        self.posts.append(Post(head.id, head.period, head.cause, frozenset(chains), recomputed))

    def _check_copies(self, head: Head, truth: bytes, copies: Sequence[Copy]) -> dict[str, Reference]:
        """Compares the copies in Kafka; what ClickHouse may hold because of them, by digest: the first copy of each body."""
        own = _sha256(truth)
        references: dict[str, Reference] = {}
        for copy in copies:
            body = truth if copy.sha256 == own else self._fetch(copy)
            if is_storable(body):
                references.setdefault(copy.sha256, Reference(body, copy))
            if copy.sha256 != own:
                self._differs(head, truth, body, copy.head, KAFKA, copy.place)
        if not copies:
            references[own] = Reference(truth, None)
        return references

    def _differs(
        self, head: Head, truth: bytes, body: bytes, found: Head, where: str, place: str | None
    ) -> None:
        if found.engine != ENGINE_VERSION and is_storable(body):
            key = (where, found.engine)
            engine = self._engines.setdefault(key, OtherEngine(self.block, where, found.engine))
            engine.add(body, truth, place or "")
            return
        finding = Finding(
            kind=Kind.CHANGED_EVALUATION,
            block=self.block,
            where=where,
            what=named_differences(truth, body),
            evaluation=head.id,
            period=head.period,
            place=place,
        )
        if self._is_to_tell(finding):
            self._differences.append(finding)

    def _check_stored(
        self, head: Head, truth: bytes, references: dict[str, Reference], copies: Sequence[Copy]
    ) -> None:
        """In ClickHouse: where Kafka holds no copy, a body of another engine stands for itself."""
        assert self._stored is not None and self._rows is not None
        held = self._rows.take(head.id)
        checked = self._stored.check(
            head, truth, references, copies, held, self._progress.stored_to, knows_kafka=self._reads_kafka
        )
        self.counts.rows += checked.rows
        self.counts.waiting += checked.is_waiting
        self._findings.extend(filter(self._is_to_tell, checked.findings))
        for body in checked.of_other_engines:
            self._differs(head, truth, body, read_head(body), CLICKHOUSE, None)

    def _missing(self, head: Head, where: str, upto: int) -> None:
        if head.cause.offset >= upto:
            self.counts.waiting += 1
            return
        place = f"{EVENTS.name}/{head.cause.partition}/{head.cause.offset}/{head.cause.index}"
        what = ["the log asks for it there, and there is no copy"]
        self._findings.append(
            Finding(
                kind=Kind.MISSING_EVALUATION,
                block=self.block,
                where=where,
                what=what,
                evaluation=head.id,
                period=head.period,
                place=place,
            )
        )


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
