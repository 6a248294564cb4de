"""Wires the scoring worker: Faust for membership, Kafka adapters for everything that must hold."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import faust
import structlog
from aiokafka.errors import KafkaConnectionError

from services.contracts.health import Health, HealthServer
from services.contracts.kafka import kafka_security
from services.contracts.logs import configure_logs
from services.contracts.metrics import ScoringMetrics
from services.contracts.settings import read_settings
from services.scoring.adapters.checkpoint_log import KafkaCheckpoints
from services.scoring.adapters.log_reader import KafkaLogReader
from services.scoring.adapters.offsets import KafkaOffsets
from services.scoring.adapters.output_log import KafkaOutputs
from services.scoring.adapters.packs import FollowedPacks
from services.scoring.adapters.patience import be_patient
from services.scoring.engine import ENGINE_VERSION
from services.scoring.faust_app import attach, build_app
from services.scoring.instance import Instance
from services.scoring.settings import ScoringSettings
from services.scoring.worker.asking import Clock
from services.scoring.worker.crash_memory import CrashMemory
from services.scoring.worker.dead_letter_limit import DeadLetterLimit
from services.scoring.worker.garbage import collect_seldom
from services.scoring.worker.saving import SavePolicy
from services.scoring.worker.watchdog import Watchdog, end_process
from services.scoring.worker.worker import ScoringWorker

STALLED_S = 5.0
"""A loop that did not run for so long is not live."""

STOP_WITHIN_S = 5.0
"""A broker that is there needs well under a second."""

log = structlog.get_logger("thidua.scoring")


class Scoring:
    """One process: its adapters, its worker and its health endpoint, started and stopped with the Faust app."""

    def __init__(self, settings: ScoringSettings, instance: Instance) -> None:
        self._settings = settings
        self._instance = instance
        self._watchdog = Watchdog(settings.scoring_session_s, time.monotonic)
        servers, security = settings.kafka_servers(), kafka_security(settings)
        self._reader = KafkaLogReader(servers, security)
        self._metrics = ScoringMetrics()
        self._outputs = KafkaOutputs(servers, self._watchdog, security, self._metrics)
        self._checkpoints = KafkaCheckpoints(servers, self._watchdog, security)
        self._packs = FollowedPacks(servers, settings.scoring_pack_wait_s, security)
        self._health = HealthServer(settings.scoring_host, settings.scoring_port, self._probe, self._metrics)
        self._offsets: KafkaOffsets | None = None
        self._worker: ScoringWorker | None = None

    @property
    def worker(self) -> ScoringWorker:
        assert self._worker is not None, "the worker is built before Faust joins the group"
        return self._worker

    async def start(self) -> None:
        """Builds everything that needs a broker; waits for one that is not up yet."""
        self._health.start()
        self._packs.start()
        await _when_the_broker_is_up(self._reader.start)
        partitions = await self._reader.partitions()
        self._offsets = KafkaOffsets(
            self._settings.kafka_servers(), partitions, kafka_security(self._settings)
        )
        await asyncio.gather(self._offsets.start(), self._outputs.start(), self._checkpoints.start())
        self._worker = self._build_worker(partitions, self._offsets)
        self._worker.watch(self._metrics)
        self._worker.start()
        log.info("scoring starts", instance=self._instance.id, partitions=partitions, engine=ENGINE_VERSION)

    async def stop(self) -> None:
        """Ends in order; without a broker, after `STOP_WITHIN_S`, since nothing that is left undone would be lost."""
        try:
            await asyncio.wait_for(self._stop_clients(), STOP_WITHIN_S)
        except TimeoutError:
            log.warning("the broker does not answer; ending without a last commit", within_s=STOP_WITHIN_S)
        self._packs.stop()
        self._health.stop()

    async def _stop_clients(self) -> None:
        if self._worker is not None and self._offsets is not None:
            await self._worker.stop()
            await self._outputs.stop()
            await self._checkpoints.stop()
            await self._offsets.stop()
            await self._reader.stop()

    def _build_worker(self, partitions: int, offsets: KafkaOffsets) -> ScoringWorker:
        settings = self._settings
        memory = settings.data_dir / "run" / f"scoring-{self._instance.number}-crashes.json"
        return ScoringWorker(
            partitions=partitions,
            reader=self._reader,
            outputs=self._outputs,
            events=self._outputs,
            offsets=offsets,
            checkpoints=self._checkpoints,
            save_policy=SavePolicy(settings.scoring_checkpoint_every_s, settings.scoring_checkpoint_events),
            packs=self._packs,
            crashes=CrashMemory(memory, ENGINE_VERSION),
            new_limit=lambda: DeadLetterLimit(
                settings.scoring_dead_letters_in_a_row,
                settings.scoring_dead_letters_window,
                settings.scoring_dead_letters_share,
            ),
            clock=Clock(lambda: datetime.now(UTC), time.monotonic),
            watchdog=self._watchdog,
            end=lambda message: end_process(message, code=1),
            metrics=self._metrics,
        )

    def _probe(self) -> Health:
        if self._worker is None:
            return Health(live=True, ready=False, state={"waiting_for": "kafka"})
        state: dict[str, Any] = self._worker.health()
        live = state["stalled_s"] < STALLED_S and self._packs.healthy
        loaded = all(partition["loaded"] for partition in state["partitions"].values())
        lost_since = self._packs.lost_since
        if lost_since is not None:
            state["waiting_for"] = f"kafka, which has not answered since {lost_since:%H:%M:%S} UTC"
        return Health(live, live and state["joined"] and loaded and lost_since is None, state)


async def _when_the_broker_is_up(start: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await start()
        except (KafkaConnectionError, OSError) as error:
            log.warning("waiting for kafka", error=str(error))
            await asyncio.sleep(1.0)
        else:
            return


class ScoringFaustWorker(faust.Worker):
    """Starts the adapters before Faust joins the group, and stops them when it leaves."""

    def __init__(self, app: faust.App, scoring: Scoring, **options: Any) -> None:
        super().__init__(app, **options)
        self._scoring = scoring

    async def on_first_start(self) -> None:
        await self._scoring.start()
        await super().on_first_start()

    async def on_stop(self) -> None:
        await self._scoring.stop()
        await super().on_stop()


def run() -> None:
    """Runs one scoring worker until SIGTERM."""
    settings = read_settings(ScoringSettings)
    configure_logs(settings.log_level)
    be_patient()
    collect_seldom()
    instance = Instance(settings.data_dir / "run")
    app = build_app(settings, instance.id)
    scoring = Scoring(settings, instance)
    attach(app, settings, lambda: scoring.worker)
    with Path(os.devnull).open("w") as terminal:  # Faust prints escapes of its spinner into the log otherwise
        worker = ScoringFaustWorker(
            app,
            scoring,
            loglevel="warn",
            override_logging=False,
            redirect_stdouts=False,
            quiet=True,
            stdout=terminal,
        )
        sys.exit(worker.execute_from_commandline())
