"""The door's wiring: builds the real clients, joins them, and runs until told to stop."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator
from typing import Final

import structlog
import uvloop
from fastapi import FastAPI

from services.contracts.following import TopicFollower
from services.contracts.kafka import kafka_security
from services.contracts.logs import configure_logs
from services.contracts.metrics import IngestMetrics
from services.contracts.settings import read_settings
from services.contracts.topics import PACKS, PRINCIPALS
from services.contracts.validation import EventValidator
from services.ingest.app import create_app
from services.ingest.door import Door
from services.ingest.intake import Intake
from services.ingest.kafka_log import KafkaEventLog
from services.ingest.recent import RecentEvents
from services.ingest.server import DoorServer
from services.ingest.settings import IngestSettings
from services.ingest.tables import Tables

_FOLLOWER_CHECK_S: Final = 0.5
_SWITCH_S: Final = (
    0.002  # the producer's thread waits so long for a busy loop, several times a produce; 5 ms by default
)
_COLLECT_AFTER: Final = 50_000  # a batch makes thousands of objects, none in a cycle; 700 by default

_log = structlog.get_logger("thidua.ingest")


class Ingest:
    """The running parts. The server answers from the start; the door opens when the broker is there and the tables are read."""

    def __init__(self, settings: IngestSettings) -> None:
        self._tables = Tables()
        security, metrics = kafka_security(settings), IngestMetrics()
        self._log = KafkaEventLog(settings, security, metrics)
        self._follower = TopicFollower(
            settings.kafka_servers(),
            [PACKS, PRINCIPALS],
            self._tables.apply,
            name="packs-and-keys",
            security=security,
        )
        self.has_failed = False
        door = Door(
            settings=settings,
            principals=self._tables.principals,
            intake=Intake(
                EventValidator(self._tables.packs), self._log, RecentEvents(settings.ingest_recent_events)
            ),
            log=self._log,
            knows_tables=lambda: self._follower.healthy and self._follower.caught_up.is_set(),
            metrics=metrics,
        )
        metrics.watch(metrics.ready, lambda: float(door.knows_tables() and self._log.is_available))
        self.server = DoorServer(create_app(door, self._lifespan), settings)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        opening = asyncio.create_task(self._open(), name="open")
        opening.add_done_callback(self._on_opening_ended)
        try:
            yield
        finally:
            opening.cancel()
            await self._log.close()
            if self._follower.healthy:
                await asyncio.to_thread(self._follower.stop)

    async def _open(self) -> None:
        """Opens the door, then watches the follower: with a dead one the door would trust keys and packs for ever."""
        await self._log.connect()
        self._follower.start()
        while True:
            if not self._follower.healthy:
                raise RuntimeError("the follower of packs and keys has ended") from self._follower.failure
            await asyncio.sleep(_FOLLOWER_CHECK_S)

    def _on_opening_ended(self, opening: asyncio.Task[None]) -> None:
        if not opening.cancelled() and (error := opening.exception()):
            _log.critical("the door ends itself, to be started anew", exc_info=error)
            self.has_failed = True
            self.server.end()


async def serve(settings: IngestSettings) -> int:
    """The exit code: 0 after a stop that was asked for."""
    ingest = Ingest(settings)
    await ingest.server.serve()
    return 1 if ingest.has_failed or not ingest.server.started else 0


def main() -> int:
    settings = read_settings(IngestSettings)
    configure_logs(settings.log_level)
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()  # what is built by now lives for ever and need not be looked at again
    gc.set_threshold(_COLLECT_AFTER)
    return uvloop.run(serve(settings))
