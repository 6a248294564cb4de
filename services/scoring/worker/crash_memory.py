"""Remembers where the engine crashed, across restarts, so that the third crash at one place halts that block and no other."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.scoring.worker.halting import Crash

HALT_AT: Final = 3

log = structlog.get_logger("thidua.scoring")


class _Crash(msgspec.Struct):
    """`index` and `error` are those of the latest crash there."""

    block: BlockId
    partition: int
    offset: int
    count: int
    index: int = -1
    error: str = ""

    @property
    def crash(self) -> Crash:
        return Crash(Place(self.partition, self.offset, self.index), self.error)


class _Memory(msgspec.Struct):
    engine: str
    crashes: list[_Crash] = []
    mended: list[_Crash] = []
    """Halts that ended, by another engine or by an operator, whose blocks' outputs are still to be published."""
    released: list[_Crash] = []
    """Halts that an operator ended: a checkpoint that was saved under one lacks the block's events since."""


class CrashMemory:
    """A small file beside the worker. Its halts end when the engine's version changes: a new engine may have mended the fault.

    A file that cannot be read, as after a power cut, is begun anew: at worst a block crashes three times more before it is halted.
    """

    def __init__(self, path: Path, engine_version: str) -> None:
        self._path = path
        held = _read(path) or _Memory(engine_version)
        self._memory = (
            held if held.engine == engine_version else _Memory(engine_version, mended=_to_mend(held))
        )

    def remember(self, block: BlockId, place: Place, error: str = "") -> int:
        """Counts one more crash there, on disk before it returns. Gives the count."""
        crash = self._at(block, place)
        if crash is None:
            crash = _Crash(block, place.partition, place.offset, 0)
            self._memory.crashes.append(crash)
        crash.count += 1
        crash.index, crash.error = place.index, error
        if crash.count >= HALT_AT:
            self._memory.released = [one for one in self._memory.released if not _is_at(one, block, place)]
        self._write()
        return crash.count

    def halts(self, partition: int) -> dict[BlockId, Crash]:
        """Blocks of the partition that are halted, each with the crash whose offset it is not applied from."""
        return _earliest(c for c in self._memory.crashes if c.partition == partition and c.count >= HALT_AT)

    def mended(self, partition: int) -> dict[BlockId, int]:
        """Blocks that a former engine had halted, each with the offset from which nothing of it was published."""
        crashes = _earliest(c for c in self._memory.mended if c.partition == partition)
        return {block: crash.place.offset for block, crash in crashes.items()}

    def release(self, block: BlockId, place: Place) -> None:
        """Ends the halt without another engine. Only while no worker uses the file: it holds what it has read."""
        ended = _Crash(block, place.partition, place.offset, 0, place.index)
        self._memory.crashes = [one for one in self._memory.crashes if one.block != block]
        self._memory.mended = [*self._memory.mended, ended]
        self._memory.released = [*self._memory.released, ended]
        self._write()

    def released(self, partition: int) -> frozenset[tuple[BlockId, int]]:
        """Blocks and offsets of the halts that `release` ended, until the block is halted there again or the engine is another one."""
        return frozenset(
            (one.block, one.offset) for one in self._memory.released if one.partition == partition
        )

    def forget_mended(self, partition: int) -> None:
        """What `mended` gives is published now."""
        if self.mended(partition):
            self._memory.mended = [c for c in self._memory.mended if c.partition != partition]
            self._write()

    def _write(self) -> None:
        beside = self._path.with_suffix(".new")
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(msgspec.json.encode(self._memory))
        beside.replace(self._path)

    def _at(self, block: BlockId, place: Place) -> _Crash | None:
        return next((crash for crash in self._memory.crashes if _is_at(crash, block, place)), None)


def _is_at(crash: _Crash, block: BlockId, place: Place) -> bool:
    return (crash.block, crash.partition, crash.offset) == (block, place.partition, place.offset)


def _read(path: Path) -> _Memory | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Memory)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("the crash memory cannot be read and is begun anew", path=str(path), error=str(error))
        return None


def _to_mend(held: _Memory) -> list[_Crash]:
    return held.mended + [crash for crash in held.crashes if crash.count >= HALT_AT]


def _earliest(crashes: Iterable[_Crash]) -> dict[BlockId, Crash]:
    earliest: dict[BlockId, Crash] = {}
    for one in sorted(crashes, key=lambda one: one.offset):
        earliest.setdefault(one.block, one.crash)
    return earliest
