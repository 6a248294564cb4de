"""Between the group and the worker: each partition's records wait in a line of their own, so that one with much to apply holds up no other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.scoring.worker.ports import LogRecord

MOST_BYTES: Final = 8 * 1024 * 1024
"""Of one partition that wait; a second or two of work. The worker reads what is left out straight from the log, which is cheaper anyway."""

Deliver = Callable[[int, Sequence[LogRecord]], Awaitable[None]]


@dataclass(slots=True)
class _Line:
    records: list[LogRecord] = field(default_factory=list)
    size_bytes: int = 0
    task: asyncio.Task[None] | None = None


class Deliveries:
    """Calls `deliver` with the records of one partition in order, one call a partition at a time, several partitions side by side."""

    def __init__(self, deliver: Deliver, most_bytes: int = MOST_BYTES) -> None:
        self._deliver = deliver
        self._most_bytes = most_bytes
        self._lines: dict[int, _Line] = {}

    def put(self, partition: int, records: Sequence[LogRecord]) -> None:
        """Returns at once. Leaves the records out when too much of the partition waits: a gap, as any that the group leaves."""
        line = self._lines.setdefault(partition, _Line())
        if line.size_bytes > self._most_bytes:
            return
        line.records.extend(records)
        line.size_bytes += sum(len(record.value) for record in records)
        if line.task is None:
            line.task = asyncio.create_task(self._drain(partition, line), name=f"deliver-{partition}")

    async def _drain(self, partition: int, line: _Line) -> None:
        try:
            while line.records:
                taken, line.records, line.size_bytes = line.records, [], 0
                await self._deliver(partition, taken)
        finally:
            line.task = None
