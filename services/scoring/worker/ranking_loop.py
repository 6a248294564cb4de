"""The loop that shows changed blocks: it asks each owned partition what is due, and writes it without waiting for the broker."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from services.scoring.worker.live import LiveRankings
from services.scoring.worker.pace import Pace
from services.scoring.worker.partition import PartitionWorker
from services.scoring.worker.ports import OutputLog

LIVE_EVERY_S: Final = 0.02
"""How often changed blocks are looked for; far below the debounce, so it adds nothing that is seen."""


class RankingLoop:
    """Of all partitions that a process owns now: both mappings are its owner's, and change in any await."""

    def __init__(
        self,
        owned: Mapping[int, PartitionWorker],
        live: Mapping[int, LiveRankings],
        outputs: OutputLog,
        monotonic: Callable[[], float],
    ) -> None:
        self._owned = owned
        self._live = live
        self._outputs = outputs
        self._monotonic = monotonic
        self._pace = Pace()

    async def run(self) -> None:
        """Never ends. Ranking takes at most half of the process: under very many blocks the board slows down, the fold does not."""
        while True:
            took_s = await self.turn()
            await asyncio.sleep(max(LIVE_EVERY_S, took_s))

    async def turn(self) -> float:
        """Shows what is due now; the seconds that it took."""
        began = self._monotonic()
        self._pace.note(sum(worker.fold.events for worker in self._owned.values()), began)
        for partition, live in list(self._live.items()):
            await self._show(partition, live)
        return self._monotonic() - began

    async def _show(self, partition: int, live: LiveRankings) -> None:
        for block in live.due(self._monotonic(), self._pace.every_s):
            if not self._is_shown_by(partition, live):
                break
            output = live.rank(block, self._monotonic())
            if output is not None:
                self._outputs.publish_soon(partition, output)
            await asyncio.sleep(0)
        if self._is_shown_by(partition, live):
            for output in live.rewrite(self._monotonic()):
                self._outputs.publish_soon(partition, output)

    def _is_shown_by(self, partition: int, live: LiveRankings) -> bool:
        """Whether `live` is the one of the partition's present gain: it may have been lost, or lost and gained again, in any await."""
        return self._live.get(partition) is live and self._owned[partition].loaded
