"""Saves a partition's fold from time to time and takes it back on gain, so that a start reads the log from near its end (DESIGN 8.4)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import structlog

from services.contracts.ids import BlockId
from services.contracts.results import Halt
from services.scoring.engine import ENGINE_VERSION, BlockState
from services.scoring.worker.checkpoint import (
    SHAPE,
    BadCheckpoint,
    Manifest,
    Part,
    SavedBlock,
    body_of,
    chunks_of,
    decode_manifest,
    decoded,
    encode_manifest,
    open_block,
    pieces_of,
    sum_of,
)
from services.scoring.worker.fold import PartitionFold
from services.scoring.worker.garbage import uncollected
from services.scoring.worker.ports import CheckpointLog, NotSaved

_AT_MOST: Final = 0.05
"""Share of the time that saving may take in a process, over all its partitions: large states are saved less often."""

_NOT_OFTENER_S: Final = 1.0

log = structlog.get_logger("thidua.scoring")


class SavePolicy(NamedTuple):
    """Saved after so long, or after so many events, whichever comes first."""

    every_s: float = 10.0
    every_events: int = 50_000


class Saver:
    """What the partitions of one process share: the time that saving may take, and the turn of decoding."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        """Partitions are decoded one after the other, so that the first is there long before the last."""
        self._cost_s: dict[int, float] = {}

    def cost(self, partition: int, seconds: float) -> None:
        """What the partition's newest checkpoint took."""
        self._cost_s[partition] = seconds

    def forget(self, partition: int) -> None:
        """It is lost: others may save as often as without it."""
        self._cost_s.pop(partition, None)

    @property
    def pause_s(self) -> float:
        """How long each partition waits from one checkpoint to the next."""
        return max(_NOT_OFTENER_S, sum(self._cost_s.values()) / _AT_MOST)


class Capture(NamedTuple):
    """What is to be written: the changed blocks as bytes, and the partition's place that they belong to."""

    next_offset: int
    halted: dict[BlockId, Halt]
    changed: list[tuple[BlockId, bytes]]


class Checkpoints:
    """The checkpoints of one gained partition. One object per gain, used under the partition's lock but for `write`."""

    def __init__(
        self,
        partition: int,
        topic: CheckpointLog,
        policy: SavePolicy,
        monotonic: Callable[[], float],
        saver: Saver | None = None,
    ) -> None:
        self._partition = partition
        self._topic = topic
        self._policy = policy
        self._monotonic = monotonic
        self._saver = saver or Saver()
        self._parts: dict[BlockId, Part] = {}
        self._saved_offset = 0
        self._saved_events = 0
        self._saved_s = monotonic()
        self.at: int | None = None
        """Where the manifest of the newest usable checkpoint stands."""

    @property
    def next_offset(self) -> int:
        """What the newest checkpoint holds: the records below. 0 without one."""
        return self._saved_offset

    async def restore(self, fold: PartitionFold, at: int | None, end: int) -> None:
        """Gives the fold the checkpoint whose manifest stands at `at`, unless the fold is further already. `end` is that of the log.

        What cannot be used is left, and the log is read from where the fold is.
        """
        fold.unsaved = set(fold.blocks)
        if at is None:
            return
        try:
            manifest = await self._manifest(at)
            if manifest.next_offset > end:
                raise BadCheckpoint(f"it holds records up to {manifest.next_offset}, the log ends at {end}")
            halted = fold.unreleased(manifest.halted)
            fold.keep_halted(halted, engine_is_same=manifest.engine == ENGINE_VERSION)
            if not manifest.fits:
                raise BadCheckpoint(f"it is of engine {manifest.engine} and shape {manifest.shape}")
            if len(halted) < len(manifest.halted):
                raise BadCheckpoint("a block was halted when it was saved, which an operator has released")
            if (past := fold.halt_within(manifest.next_offset, manifest.halted)) is not None:
                raise BadCheckpoint(f"it holds the event at which the engine crashes in block {past}")
            if manifest.next_offset > fold.next_offset:
                await self._load(fold, manifest)
                fold.keep_halted(manifest.halted, engine_is_same=True)
        except BadCheckpoint as why:
            log.warning("checkpoint left; the log is read", partition=self._partition, at=at, why=str(why))
            return
        self.at, self._saved_offset = at, manifest.next_offset
        self._parts = {part.block: part for part in manifest.parts}
        self._saved_events = fold.events

    def is_due(self, fold: PartitionFold) -> bool:
        waited = self._monotonic() - self._saved_s
        if fold.next_offset == self._saved_offset or waited < self._saver.pause_s:
            return False
        return waited >= self._policy.every_s or fold.events - self._saved_events >= self._policy.every_events

    async def capture(self, fold: PartitionFold, breathe: Callable[[], Awaitable[None]]) -> Capture:
        """The fold as it stands. The caller holds the partition's lock, and everything that the fold gave is confirmed."""
        started = self._monotonic()
        changed = []
        for block in sorted(fold.unsaved):
            pieces = []
            for piece in pieces_of(fold.blocks[block], list(fold.flags.get(block, {}).values())):
                pieces.append(piece)
                await breathe()
            changed.append((block, body_of(pieces)))
        fold.unsaved = set()
        self._saved_s = self._monotonic()
        self._saver.cost(self._partition, self._saved_s - started)
        self._saved_events = fold.events
        return Capture(fold.next_offset, dict(fold.halted), changed)

    async def write(self, capture: Capture, is_owned: Callable[[], bool]) -> bool:
        """Writes the changed parts, then the manifest; false when the partition was lost meanwhile. Raises `NotSaved`."""
        parts = dict(self._parts)
        for block, body in capture.changed:
            parts[block] = await self._write_part(block, body)
            if not is_owned():
                return False
        manifest = Manifest(
            partition=self._partition,
            next_offset=capture.next_offset,
            engine=ENGINE_VERSION,
            shape=SHAPE,
            halted=capture.halted,
            parts=list(parts.values()),
        )
        (at,) = await self._topic.append(self._partition, [(b"manifest", encode_manifest(manifest))])
        self.at, self._saved_offset, self._parts = at, capture.next_offset, parts
        return True

    async def _write_part(self, block: BlockId, body: bytes) -> Part:
        """Two generations of a part have keys of their own, so that compaction never takes what the newest manifest names."""
        held = self._parts.get(block)
        generation = 0 if held is None else held.generation + 1
        chunks = await asyncio.to_thread(chunks_of, body)
        keyed = [(f"{block}:{generation % 2}:{at}".encode(), chunk) for at, chunk in enumerate(chunks)]
        offsets = await self._topic.append(self._partition, keyed)
        return Part(block, generation, tuple(offsets), sum_of(chunks))

    async def _manifest(self, at: int) -> Manifest:
        body = (await self._topic.read(self._partition, [at])).get(at)
        if body is None:
            raise BadCheckpoint("the manifest is no longer in the topic")
        manifest = decode_manifest(body)
        if manifest.partition != self._partition:
            raise BadCheckpoint(f"it is of partition {manifest.partition}")
        return manifest

    async def _load(self, fold: PartitionFold, manifest: Manifest) -> None:
        blocks: dict[BlockId, BlockState] = {}
        flags = {}
        found = await self._topic.read(
            self._partition, sorted(offset for part in manifest.parts for offset in part.offsets)
        )
        async with self._saver.turn:
            with uncollected():
                for part in manifest.parts:
                    saved = await _block(part, [found.pop(offset, None) for offset in part.offsets])
                    blocks[part.block] = saved.state
                    flags[part.block] = {flag.id: flag for flag in saved.flags}
        fold.restore(manifest.next_offset, blocks, flags)


async def _block(part: Part, chunks: list[bytes | None]) -> SavedBlock:
    """Decoded with a breath after each piece: heartbeats and other partitions go on."""
    steps = decoded(part, await asyncio.to_thread(open_block, part, chunks))
    saved = next(steps)
    for _ in steps:
        await asyncio.sleep(0)
    return saved


__all__ = ["Capture", "Checkpoints", "NotSaved", "SavePolicy"]
