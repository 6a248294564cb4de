"""Computes the newest live ranking of each block again, of Kafka and of ClickHouse, from the places of the log that it names."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from services.cli.auditing.findings import CLICKHOUSE, KAFKA, Finding, Kind
from services.cli.auditing.refold import LiveAgain, Packs
from services.cli.auditing.row_comparison import differing_columns
from services.cli.backup_folder import Copied
from services.cli.differences import named_differences
from services.contracts.event_data import Place
from services.contracts.following import Record
from services.contracts.ids import BlockId
from services.contracts.records import is_newer
from services.contracts.results import Halt, Ranking, decode_ranking
from services.contracts.topics import EVENTS, RANKINGS
from services.scoring.engine import ENGINE_VERSION, BlockState
from services.storage.decoding.origin import Origin
from services.storage.decoding.rankings import ranking_rows
from services.storage.rows import RankingRow

TABLE: Final = "rankings"

_NOT_OF_THE_RANKING: Final = frozenset({"generation", "offset"})

_NO_ORIGIN: Final = Origin(UUID(int=0), 0)


class _Head(msgspec.Struct, gc=False):
    block: BlockId
    engine: str
    cause: Place
    halt: Halt | None = None

    @property
    def is_comparable(self) -> bool:
        """One of another engine is not; nor one of a worker that stopped in the middle of a record."""
        stopped_within = self.halt is not None and self.halt.why == "too_many_refused"
        return self.engine == ENGINE_VERSION and not stopped_within


_read_head: Final = msgspec.json.Decoder(_Head).decode


def newest_rankings(records: Iterable[Copied], is_wanted: Callable[[BlockId], bool]) -> dict[BlockId, Copied]:
    """By block, the record with the highest cause, as every reader keeps it; what is no ranking they pass over.

    A topic that is not compacted yet holds hundreds of megabytes: only wanted blocks' are decoded.
    """
    newest: dict[BlockId, tuple[Place, Copied]] = {}
    for record in records:
        if not is_wanted(BlockId((record.key or b"").decode(errors="replace"))):
            continue
        head = _head(record.value or b"")
        if head is None or not is_wanted(head.block):
            continue
        held = newest.get(head.block)
        if is_newer(head.cause, None if held is None else held[0]):
            newest[head.block] = (head.cause, record)
    return {block: record for block, (_, record) in newest.items()}


@dataclass
class RankingAudit:
    """One published ranking. Call `at` with the state after every record of the block."""

    block: BlockId
    where: str
    body: bytes
    live: LiveAgain | None
    """None where the bytes are no ranking."""
    place: str | None = None
    row: RankingRow | None = None
    only_cause: Place | None = None
    """There for one whose bytes cannot be compared: its cause must still be a record of the log, or it would win over every other."""
    _is_caused: bool = False

    @classmethod
    def of_kafka(cls, record: Copied, partition: int, packs: Packs) -> "RankingAudit | None":
        """None for what is no ranking at all."""
        value = record.value or b""
        head = _head(value)
        if head is None:
            return None
        place = f"{RANKINGS.name}/{partition}/{record.offset}"
        if not head.is_comparable:
            return cls(head.block, KAFKA, value, None, place, only_cause=head.cause)
        return cls(head.block, KAFKA, value, _again(value, packs), place)

    @classmethod
    def of_store(cls, row: RankingRow, packs: Packs) -> "RankingAudit":
        head = _head(row.body)
        if head is not None and not head.is_comparable:
            return cls(BlockId(row.block), CLICKHOUSE, row.body, None, row=row, only_cause=head.cause)
        return cls(BlockId(row.block), CLICKHOUSE, row.body, _again(row.body, packs), row=row)

    def at(self, state: BlockState | None) -> None:
        """`state` after a record of the block."""
        if self.live is not None:
            self.live.at(state)
        elif self.only_cause is not None and state is not None and state.last is not None:
            # of a worker that stopped in the middle of a record, the log's own fold goes on to its end
            self._is_caused |= _is_same_record(state.last, self.only_cause)

    def findings(self) -> Iterator[Finding]:
        """After the end of the log."""
        if self.only_cause is not None:
            if not self._is_caused:
                yield self._without_cause(self.only_cause)
            return
        if self.live is None:
            yield self._finding(["the bytes are no ranking"])
            return
        if self.live.body is None:
            yield self._without_cause(self.live.published.cause)
        elif self.live.body != self.body:
            yield self._finding(named_differences(self.live.body, self.body))
        if self.row is not None:
            yield from self._columns(self.row)

    def _columns(self, row: RankingRow) -> Iterator[Finding]:
        record = Record(RANKINGS.name, 0, 0, self.block, self.body, (), 0)
        expected = ranking_rows(record, _NO_ORIGIN)[0]
        key = {"block": self.block}
        yield from differing_columns(TABLE, expected, row, key, self.block, skip=_NOT_OF_THE_RANKING)

    def _without_cause(self, cause: Place) -> Finding:
        place = f"{EVENTS.name}/{cause.partition}/{cause.offset}/{cause.index}"
        return self._finding([f"no record of the log ends at {place}, which it names as its cause"])

    def _finding(self, what: list[str]) -> Finding:
        return Finding(
            kind=Kind.CHANGED_RANKING,
            block=self.block,
            where=self.where,
            what=what,
            period=None if self.live is None else self.live.published.period,
            place=self.place,
            table=None if self.row is None else TABLE,
        )


def _is_same_record(one: Place, other: Place) -> bool:
    return (one.partition, one.offset) == (other.partition, other.offset)


def _head(value: bytes) -> _Head | None:
    try:
        return _read_head(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _again(value: bytes, packs: Packs) -> LiveAgain | None:
    ranking = _readable(value)
    return None if ranking is None else LiveAgain(ranking, value, packs)


def _readable(value: bytes) -> Ranking | None:
    try:
        return decode_ranking(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
