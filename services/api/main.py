"""Wires the api: the follower of the topics, the store in ClickHouse, the web server."""

from datetime import UTC, datetime

import structlog

from services.api.app import create_app
from services.api.clickhouse_store import ClickHouseEvaluationStore
from services.api.dead_letters import NEWEST_OF_PARTITION
from services.api.fold import FOLLOWED
from services.api.lag import KafkaOffsets, LagWatch
from services.api.live import Health, Live
from services.api.server import ApiServer, listening
from services.api.settings import ApiSettings
from services.api.sightings import SightingLog, producer
from services.contracts.clickhouse import connect
from services.contracts.following import Record, TopicFollower
from services.contracts.kafka import kafka_security
from services.contracts.logs import configure_logs
from services.contracts.settings import read_settings
from services.contracts.topics import DEAD_LETTERS

log = structlog.get_logger("thidua.api")


def run() -> None:
    """Serves until SIGTERM or SIGINT."""
    settings = read_settings(ApiSettings)
    configure_logs(settings.log_level)

    def apply(record: Record) -> None:
        live.apply(record)

    follower = TopicFollower(
        settings.kafka_servers(),
        FOLLOWED,
        apply,
        name="api-follower",
        security=kafka_security(settings),
        newest={DEAD_LETTERS.name: NEWEST_OF_PARTITION},
    )
    sightings = SightingLog(lambda: producer(settings.kafka_servers(), kafka_security(settings)))
    lag = LagWatch(
        settings.lag_groups(),
        KafkaOffsets(settings.kafka_servers(), kafka_security(settings)),
        now,
        settings.api_lag_interval_s,
    )
    live = Live(
        settings,
        ClickHouseEvaluationStore(lambda: connect(settings)),
        now,
        health=lambda: _health(follower),
        lag=lambda: lag.lag,
        sight=sightings.note,
    )
    for thread in (follower, sightings, lag):
        thread.start()
    log.info("api_starts", host=settings.api_host, port=settings.api_port)
    try:
        ApiServer(create_app(live), live).run([listening(settings)])
    finally:
        for thread in (follower, sightings, lag):
            thread.stop()
    log.info("api_stopped")


def now() -> datetime:
    return datetime.now(UTC)


def _health(follower: TopicFollower) -> Health:
    stale_since = follower.lost_since
    detail = (
        f"No broker answers since {stale_since:%H:%M:%S} UTC; what is shown is of then."
        if stale_since
        else ""
    )
    if follower.failure:
        detail = f"The topics are no longer followed: {follower.failure!r}"
    return Health(follower.healthy, follower.caught_up.is_set(), detail, stale_since)
