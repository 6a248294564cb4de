"""Computes the newest live ranking of each block again, of Kafka and of ClickHouse, from the places of the log that it names."""

from collections.abc import Iterable, Iterator
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
from services.contracts.records import CAUSE, decode_place, header, is_newer
from services.contracts.results import Ranking, decode_ranking
from services.contracts.topics import EVENTS, RANKINGS
from services.scoring.engine import ENGINE_VERSION, BlockState
from services.storage.decoding.origin import Origin
from services.storage.decoding.rankings import ranking_rows
from services.storage.rows import RankingRow

TABLE: Final = "rankings"

_NOT_OF_THE_RANKING: Final = frozenset({"generation", "offset"})

_NO_ORIGIN: Final = Origin(UUID(int=0), 0)


def newest_rankings(records: Iterable[Copied]) -> dict[BlockId, Copied]:
    """By block, the record with the highest cause, as every reader keeps it."""
    newest: dict[BlockId, tuple[Place, Copied]] = {}
    for record in records:
        cause = header(record.headers, CAUSE)
        if record.value is None or cause is None:
            continue
        block, place = BlockId((record.key or b"").decode(errors="replace")), decode_place(cause)
        held = newest.get(block)
        if is_newer(place, None if held is None else held[0]):
            newest[block] = (place, record)
    return {block: record for block, (_, record) in newest.items()}


@dataclass
class RankingAudit:
    """One published ranking. Call `at` with the state after every record of the block."""

    where: str
    body: bytes
    live: LiveAgain
    place: str | None = None
    row: RankingRow | None = None

    @classmethod
    def of_kafka(cls, record: Copied, partition: int, packs: Packs) -> "RankingAudit | None":
        """None for what is no ranking of this engine: it will be written again."""
        place = f"{RANKINGS.name}/{partition}/{record.offset}"
        value = record.value or b""
        ranking = _readable(value)
        return None if ranking is None else cls(KAFKA, value, LiveAgain(ranking, value, packs), place)

    @classmethod
    def of_store(cls, row: RankingRow, packs: Packs) -> "RankingAudit | None":
        ranking = _readable(row.body)
        return (
            None
            if ranking is None
            else cls(CLICKHOUSE, row.body, LiveAgain(ranking, row.body, packs), row=row)
        )

    @property
    def published(self) -> Ranking:
        return self.live.published

    def at(self, state: BlockState | None) -> None:
        """`state` after a record of the block."""
        self.live.at(state)

    def findings(self) -> Iterator[Finding]:
        """After the end of the log."""
        ranking = self.published
        if self.live.body is None:
            cause = f"{EVENTS.name}/{ranking.cause.partition}/{ranking.cause.offset}/{ranking.cause.index}"
            yield self._finding([f"no record of the log ends at {cause}, which it names as its cause"])
        elif self.live.body != self.body:
            yield self._finding(named_differences(self.live.body, self.body))
        if self.row is not None:
            record = Record(RANKINGS.name, 0, 0, ranking.block, self.body, (), 0)
            expected = ranking_rows(record, _NO_ORIGIN)[0]
            key = {"block": ranking.block}
            yield from differing_columns(
                TABLE, expected, self.row, key, ranking.block, skip=_NOT_OF_THE_RANKING
            )

    def _finding(self, what: list[str]) -> Finding:
        return Finding(
            kind=Kind.CHANGED_RANKING,
            block=self.published.block,
            where=self.where,
            what=what,
            period=self.published.period,
            place=self.place,
            table=None if self.row is None else TABLE,
        )


def _readable(body: bytes) -> Ranking | None:
    try:
        ranking = decode_ranking(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return ranking if ranking.engine == ENGINE_VERSION else None
