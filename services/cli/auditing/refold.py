"""A partition's log folded again by the very fold of the worker, from whichever side its records come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from services.cli.auditing.findings import Finding, Kind
from services.contracts.ids import BlockId, PackHash
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.model import Pack
from services.contracts.results import Ranking, encode_result
from services.contracts.topics import EVALUATIONS, EVENTS
from services.scoring.engine import BlockState, LiveIntervals, rank_live
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.fold import EngineCrash, MissingPack, PartitionFold, WrongPartition
from services.scoring.worker.ports import LogRecord

_NEVER: Final = 10**18

Packs = Callable[[PackHash], Pack | None]


@dataclass
class Refold:
    """`side` is kafka or clickhouse. `stopped` are blocks that could not be folded on, from where on; `findings` say why."""

    side: str
    partition: int
    partitions: int
    catalog: PackCatalog
    stopped: dict[BlockId, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fold = PartitionFold(self.partition, self.partitions, self.pack, unlimited(), halts={})

    def pack(self, hash: PackHash) -> Pack | None:
        compiled = self.catalog.get(hash)
        return None if compiled is None else compiled.pack

    def apply(self, record: LogRecord) -> list[bytes]:
        """The evaluations that the record makes."""
        block = BlockId(record.key.decode(errors="replace"))
        if block in self.stopped:
            return []
        try:
            self.fold.apply(record)
        except WrongPartition as error:
            self._found(Kind.MISPLACED_RECORD, block, record.offset, str(error))
        except MissingPack as error:
            self._stop(Kind.MISSING_PACK, block, record.offset, str(error))
        except EngineCrash as error:
            why = f"{error}: {error.__cause__!r}"
            self._stop(Kind.ENGINE_FAILURE, block, record.offset, why)
        outputs = self.fold.unconfirmed
        bodies = [output.value for output in outputs if output.topic == EVALUATIONS.name]
        self.fold.confirm(len(outputs), record.offset + 1)
        return bodies

    def state(self, block: BlockId) -> BlockState | None:
        """None where nothing of the block was read, or it could not be folded to here."""
        return None if block in self.stopped else self.fold.blocks.get(block)

    def chain(self, block: BlockId) -> str | None:
        state = self.state(block)
        return None if state is None else state.chain.hex()

    def _stop(self, kind: Kind, block: BlockId, offset: int, what: str) -> None:
        self.stopped[block] = offset
        self._found(kind, block, offset, what)

    def _found(self, kind: Kind, block: BlockId, offset: int, what: str) -> None:
        place = f"{EVENTS.name}/{self.partition}/{offset}"
        self.findings.append(Finding(kind=kind, block=block, where=self.side, what=[what], place=place))


def unlimited() -> DeadLetterLimit:
    """For a log that is read to learn what follows from it, whatever stands in it."""
    return DeadLetterLimit(in_a_row=_NEVER, window=_NEVER, share=1.0)


class LiveAgain:
    """Computes one published live ranking again. Its intervals may have been drawn earlier than its scores, so call `at` after every record
    of its block; then `body` is what the log gives, or None when the log never stood there.

    Records without a readable event move the chain and not the place, so several rankings may have one cause: the published one is looked for."""

    def __init__(self, published: Ranking, value: bytes, packs: Packs) -> None:
        self.published = published
        self._value = value
        self.body: bytes | None = None
        self._packs = packs
        self._intervals: LiveIntervals | None = None

    def at(self, state: BlockState | None) -> None:
        """`state` after a record."""
        if state is None or state.last is None or self.body == self._value:
            return
        if state.last == self.published.intervals_at:
            ranked = rank_live(state, self._packs, None)
            self._intervals = None if ranked is None else ranked[1]
        if state.last == self.published.cause:
            ranked = rank_live(state, self._packs, self._intervals)
            if ranked is not None:
                told = {
                    "halted": self.published.halted,
                    "halt": self.published.halt,
                }  # of the worker, not of the log
                self.body = encode_result(msgspec.structs.replace(ranked[0], **told))
