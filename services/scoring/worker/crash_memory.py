"""Remembers where the engine crashed, across restarts, so that the third crash at one place halts that block and no other."""

from pathlib import Path
from typing import Final

import msgspec

from services.contracts.events import Place
from services.contracts.ids import BlockId

HALT_AT: Final = 3


class _Crash(msgspec.Struct):
    block: BlockId
    partition: int
    offset: int
    count: int


class _Memory(msgspec.Struct):
    engine: str
    crashes: list[_Crash] = []


class CrashMemory:
    """A small file beside the worker. It is forgotten when the engine's version changes: a new engine may have mended the fault."""

    def __init__(self, path: Path, engine_version: str) -> None:
        self._path = path
        self._memory = _Memory(engine_version)
        if path.exists():
            held = msgspec.json.decode(path.read_bytes(), type=_Memory)
            if held.engine == engine_version:
                self._memory = held

    def remember(self, block: BlockId, place: Place) -> int:
        """Counts one more crash there, on disk before it returns. Gives the count."""
        crash = self._at(block, place)
        if crash is None:
            crash = _Crash(block, place.partition, place.offset, 0)
            self._memory.crashes.append(crash)
        crash.count += 1
        beside = self._path.with_suffix(".new")
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(msgspec.json.encode(self._memory))
        beside.replace(self._path)
        return crash.count

    def halts(self, partition: int) -> dict[BlockId, int]:
        """Blocks of the partition that are halted, each with the offset that it is not applied from."""
        return {
            c.block: c.offset for c in self._memory.crashes if c.partition == partition and c.count >= HALT_AT
        }

    def _at(self, block: BlockId, place: Place) -> _Crash | None:
        for crash in self._memory.crashes:
            if (crash.block, crash.partition, crash.offset) == (block, place.partition, place.offset):
                return crash
        return None
