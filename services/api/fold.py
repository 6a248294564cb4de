"""The newest rankings, flags, evaluations and packs, as the topics give them: what the live board is served from."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, TypeVar

import msgspec
import structlog

from services.api.positions import Letter, Position, Positions
from services.contracts.event_data import Place
from services.contracts.flags import OPEN_STATES, Flag, decode_flag
from services.contracts.following import Record
from services.contracts.ids import BlockId, EvaluationId, FlagId, PackHash
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import CompiledPack
from services.contracts.records import SHOWS, header, is_newer
from services.contracts.results import Correction, Notice, PendingCorrection, Ranking, decode_ranking
from services.contracts.routing import campaign_of
from services.contracts.topics import (
    DEAD_LETTERS,
    EVALUATIONS,
    FLAGS,
    PACKS,
    PRINCIPALS,
    RANKINGS,
    Topic,
)

FOLLOWED: Final[list[Topic]] = [PACKS, PRINCIPALS, RANKINGS, FLAGS, EVALUATIONS, DEAD_LETTERS]
OPEN: Final = OPEN_STATES
"""States of a flag that stands on a board."""

log = structlog.get_logger("thidua.api")


class EvaluationHead(msgspec.Struct, frozen=True):
    """An official evaluation without its units: what a list shows. The whole of it is in the store."""

    id: EvaluationId
    block: BlockId
    period: str
    as_of: datetime
    edition: int
    pack: PackHash
    engine: str
    cause: Place
    events: int
    chain: str
    simulated: bool = False
    notices: list[Notice] | msgspec.UnsetType = msgspec.UNSET
    correction: Correction | msgspec.UnsetType = msgspec.UNSET
    closed: bool | msgspec.UnsetType = msgspec.UNSET
    pending: list[PendingCorrection] | msgspec.UnsetType = msgspec.UNSET


_decode_head: Final = msgspec.json.Decoder(EvaluationHead).decode

ResultT = TypeVar("ResultT", Ranking, Flag, EvaluationHead)


@dataclass(frozen=True, slots=True)
class Held(Generic[ResultT]):
    """A result with where it stood in its topic, a digest of its bytes, when it came, and what a live ranking is the first to show."""

    value: ResultT
    position: Position
    digest: str
    arrived: datetime
    shows: bytes | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something new, and how far into the topics a reader is who knows it."""

    held: Held[Ranking] | Held[Flag] | Held[EvaluationHead]
    positions: Positions

    @property
    def block(self) -> BlockId:
        return self.held.value.block


@dataclass(slots=True)
class _State:
    rankings: dict[BlockId, Held[Ranking]] = field(default_factory=dict)
    flags: dict[FlagId, Held[Flag]] = field(default_factory=dict)
    evaluations: dict[BlockId, dict[EvaluationId, Held[EvaluationHead]]] = field(default_factory=dict)
    positions: Positions = field(default_factory=Positions)


class CampaignFold:
    """One writer, the follower's thread, calls `apply`; any thread reads. `on_change` is called in the writer's thread.

    A result replaces the one held only when its cause is not older (DESIGN 8.2). The owner writes its values again every 10 s: an equal
    copy is no change. What cannot be decoded is counted in `unreadable` and logged; it stops nothing.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        on_change: Callable[[Change], None],
        beside: Mapping[str, Callable[[Record], None]] | None = None,
    ) -> None:
        """`beside`: what folds the records of other topics, by their names; what it raises counts as unreadable too."""
        self._now = now
        self._beside = dict(beside or {})
        self._on_change = on_change
        self._state = _State()
        self._lock = threading.Lock()
        self._catalog = PackCatalog()
        self.pack_revision = 0
        self.unreadable = 0

    def apply(self, record: Record) -> None:
        try:
            change = self._applied(record)
        except (
            msgspec.MsgspecError,
            ValueError,
            RecursionError,
        ) as error:  # pydantic's are ValueErrors, as bytes that are not UTF-8 are
            self.unreadable += 1
            log.warning(
                "unreadable_record",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                error=str(error),
            )
            return
        if change is not None:
            self._on_change(change)

    def _applied(self, record: Record) -> Change | None:
        if (apply := self._beside.get(record.topic)) is not None:
            apply(record)
            return None
        if record.topic == PACKS.name:
            self._apply_pack(record)
            return None
        if record.topic == RANKINGS.name:
            return self._apply_ranking(record)
        if record.topic == FLAGS.name:
            return self._apply_flag(record)
        return self._apply_evaluation(record)

    def _apply_pack(self, record: Record) -> None:
        if record.value is not None:
            self._catalog.put(record.value)
            self.pack_revision += 1

    def _apply_ranking(self, record: Record) -> Change | None:
        if record.value is None:
            return None
        held = self._hold("r", record, decode_ranking(record.value), record.value)
        return self._keep(self._state.rankings, held.value.block, held)

    def _apply_flag(self, record: Record) -> Change | None:
        if record.value is None:
            with self._lock:
                self._state.flags.pop(FlagId(record.key), None)
            return None
        held = self._hold("f", record, decode_flag(record.value), record.value)
        return self._keep(self._state.flags, held.value.id, held)

    def _apply_evaluation(self, record: Record) -> Change | None:
        if record.value is None:
            return None
        held = self._hold("e", record, _decode_head(record.value), record.value)
        with self._lock:
            of_block = self._state.evaluations.setdefault(held.value.block, {})
        return self._keep(of_block, held.value.id, held)

    def _hold(self, letter: Letter, record: Record, value: ResultT, body: bytes) -> Held[ResultT]:
        position = Position(letter, record.partition, record.offset)
        digest = hashlib.blake2b(body, digest_size=8).hexdigest()
        return Held(value, position, digest, self._now(), header(record.headers, SHOWS))

    def _keep(self, kept: "dict[_KeyT, Held[ResultT]]", key: "_KeyT", new: Held[ResultT]) -> Change | None:
        with self._lock:
            self._state.positions = self._state.positions.after(new.position)
            old = kept.get(key)
            if old is not None and (
                old.digest == new.digest or not is_newer(new.value.cause, old.value.cause)
            ):
                return None
            kept[key] = new
            return Change(new, self._state.positions)

    # --- what readers ask -------------------------------------------------------------------------------------------------

    def ranking(self, block: BlockId) -> Held[Ranking] | None:
        return self._state.rankings.get(block)

    def rankings(self) -> list[Held[Ranking]]:
        with self._lock:
            return list(self._state.rankings.values())

    def flags(self) -> list[Flag]:
        """Every flag in its newest state, newest first."""
        with self._lock:
            flags = [held.value for held in self._state.flags.values()]
        return sorted(flags, key=lambda flag: (flag.as_of, flag.id), reverse=True)

    def open_flags(self) -> list[Flag]:
        """Proposed and confirmed ones, newest first; what a person confirmed stands before proposals of the same time."""
        found = (flag for flag in self.flags() if flag.state in OPEN)
        return sorted(found, key=lambda flag: (flag.as_of, flag.state == "confirmed"), reverse=True)

    def evaluations(self, block: BlockId) -> list[EvaluationHead]:
        """The block's official evaluations, the newest first."""
        with self._lock:
            heads = [held.value for held in self._state.evaluations.get(block, {}).values()]
        return sorted(heads, key=lambda head: head.cause, reverse=True)

    def pack(self, block: BlockId, pack: PackHash | None = None) -> CompiledPack | None:
        """The pack of that hash, or else the newest of the block's campaign."""
        found = self._catalog.get(pack) if pack is not None else None
        return found or self._catalog.newest(campaign_of(block))

    def packs(self) -> list[CompiledPack]:
        """The newest pack of every campaign."""
        newest = (self._catalog.newest(campaign) for campaign in self._catalog.campaigns())
        return [pack for pack in newest if pack is not None]

    @property
    def positions(self) -> Positions:
        return self._state.positions

    def missed(self, seen: Positions, wants: Callable[[BlockId], bool]) -> list[Change]:
        """What a reader of some blocks who came as far as `seen` has not: the newest of each, in the order of arrival.

        Only the last change carries the position of now, so a reader cut off between them resumes from `seen`.
        """
        with self._lock:
            seen, now = seen.within(self._state.positions), self._state.positions
            held: list[Held[Ranking] | Held[Flag] | Held[EvaluationHead]] = [
                *self._state.rankings.values(),
                *self._state.flags.values(),
                *_newest_of_each(self._state.evaluations),
            ]
        new = [one for one in held if wants(one.value.block) and not seen.cover(one.position)]
        new.sort(key=lambda one: one.arrived)
        return [Change(one, now if one is new[-1] else seen) for one in new]


_KeyT = TypeVar("_KeyT", BlockId, FlagId, EvaluationId)


def _newest_of_each(
    evaluations: dict[BlockId, dict[EvaluationId, Held[EvaluationHead]]],
) -> list[Held[EvaluationHead]]:
    return [
        max(of_block.values(), key=lambda held: held.value.cause)
        for of_block in evaluations.values()
        if of_block
    ]
