"""Published packs, followed from their topic."""

import asyncio
from datetime import datetime
from typing import Final

import structlog
from pydantic import ValidationError

from services.contracts.following import Record, TopicFollower
from services.contracts.ids import PackHash
from services.contracts.kafka import UNSECURED, Security
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.model import Pack
from services.contracts.topics import PACKS
from services.scoring.worker.ports import PackNeverCame, Packs

_LOOK_EVERY_S: Final = 0.05

log = structlog.get_logger("thidua.scoring")


class FollowedPacks(Packs):
    """All packs of `campaign.packs`. A pack that cannot be read is skipped here: whoever activates it is told by name."""

    def __init__(self, servers: list[str], wait_s: float, security: Security = UNSECURED) -> None:
        self._catalog = PackCatalog()
        self._wait_s = wait_s
        self._follower = TopicFollower(servers, [PACKS], self._apply, name="packs", security=security)

    def start(self) -> None:
        self._follower.start()

    def stop(self) -> None:
        self._follower.stop()

    @property
    def healthy(self) -> bool:
        return self._follower.healthy

    @property
    def lost_since(self) -> datetime | None:
        """Since when no broker answers; None while one does."""
        return self._follower.lost_since

    def get(self, pack: PackHash) -> Pack | None:
        compiled = self._catalog.get(pack)
        return None if compiled is None else compiled.pack

    async def wait_for(self, pack: PackHash) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._wait_s
        while self.get(pack) is None:
            if loop.time() > deadline or self._follower.failure is not None:
                raise PackNeverCame(
                    f"the log activates pack {pack}, which is not on {PACKS.name} after {self._wait_s:.0f} s; "
                    f"publish it: thidua pack publish campaigns/<name> ({self._follower.failure or 'the topic is readable'})"
                )
            await asyncio.sleep(_LOOK_EVERY_S)

    def _apply(self, record: Record) -> None:
        if record.value is None:
            return
        try:
            self._catalog.put(record.value)
        except ValidationError as error:
            log.warning("a published pack cannot be read by this version", pack=record.key, error=str(error))
