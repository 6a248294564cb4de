"""The copies of evaluations on `campaign.evaluations`: what each says of itself and where it lies, without holding the bodies."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec

from services.cli.auditing.findings import KAFKA, Finding, Kind
from services.cli.backup_folder import Copied
from services.contracts.event_data import Place
from services.contracts.following import Record
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.topics import EVALUATIONS


class Head(msgspec.Struct, frozen=True, gc=False):
    """What an evaluation says of how it was made."""

    id: EvaluationId
    block: BlockId
    period: str
    engine: str
    cause: Place
    events: int
    chain: str


read_head: Final = msgspec.json.Decoder(Head).decode


class Copy(NamedTuple):
    """A record of `campaign.evaluations`."""

    partition: int
    offset: int
    sha256: str
    head: Head
    timestamp_ms: int
    headers: tuple[tuple[str, bytes], ...]

    @property
    def place(self) -> str:
        return f"{EVALUATIONS.name}/{self.partition}/{self.offset}"

    def record(self, value: bytes) -> Record:
        """The record with its bytes, as storage reads it."""
        return Record(
            EVALUATIONS.name,
            self.partition,
            self.offset,
            self.head.block,
            value,
            self.headers,
            self.timestamp_ms,
        )


class Published:
    """The copies of one partition, by block and evaluation. `findings` are records that are no evaluation of their block."""

    def __init__(
        self, partition: int, records: Iterable[Copied], is_wanted: Callable[[BlockId], bool]
    ) -> None:
        self.copies: dict[BlockId, dict[EvaluationId, list[Copy]]] = defaultdict(lambda: defaultdict(list))
        self.findings: list[Finding] = []
        self._partition = partition
        for record in records:
            block = BlockId((record.key or b"").decode(errors="replace"))
            if is_wanted(block):
                self._take(block, record)

    def _take(self, block: BlockId, record: Copied) -> None:
        value = record.value or b""
        try:
            head = read_head(value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self._foreign(block, record.offset, f"the record is no evaluation: {error}")
            return
        if head.block != block:
            self._foreign(
                block, record.offset, f"the record has the key of {block} and says {head.block}", head
            )
            return
        copy = Copy(
            self._partition,
            record.offset,
            hashlib.sha256(value).hexdigest(),
            head,
            record.timestamp_ms,
            tuple(record.headers),
        )
        self.copies[block][head.id].append(copy)

    def _foreign(self, block: BlockId, offset: int, what: str, head: Head | None = None) -> None:
        self.findings.append(
            Finding(
                kind=Kind.FOREIGN_EVALUATION,
                block=block,
                where=KAFKA,
                what=[what],
                evaluation=None if head is None else head.id,
                period=None if head is None else head.period,
                place=f"{EVALUATIONS.name}/{self._partition}/{offset}",
            )
        )
