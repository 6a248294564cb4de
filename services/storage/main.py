"""The storage service put together: real Kafka, real ClickHouse. The only place that builds clients."""

import gc
import re
import signal
from collections.abc import Callable
from socket import gethostname
from threading import Event
from typing import Any, Final, TypeVar

import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from services.contracts.broker_probe import BrokerLook
from services.contracts.clickhouse import connect
from services.contracts.health import HealthServer
from services.contracts.kafka import kafka_security
from services.contracts.logs import configure_logs
from services.contracts.metrics import StorageMetrics
from services.contracts.topics import STORED_TOPICS
from services.storage.dead_letters import KafkaDeadLetters
from services.storage.errors import NotMigrated, TryAgain
from services.storage.health import health_of, watch_progress
from services.storage.logs import Logs, known_logs, topic_ids
from services.storage.migration import applied_migrations, migrate, pending, shipped_migrations
from services.storage.progress import Progress
from services.storage.replication import create_database, on_replicas
from services.storage.settings import StorageSettings
from services.storage.source import KafkaSource
from services.storage.store import ClickHouseStore
from services.storage.writer import Limits, Writer

_log = structlog.get_logger("thidua.storage")
_DATABASE: Final = re.compile(r"\w+")
_LARGEST_RECORD_BYTES: Final = 9 * 1024 * 1024  # topics allow 8 MB
_LETTER_BLOCK_MS: Final = 5_000
_LETTER_DELIVERY_MS: Final = 10_000
"""A broker that answers has a letter in milliseconds; after this the same letter is tried again, with another producer."""

_FETCH_BYTES: Final = 1024 * 1024
"""Waited for as long as `fetch_max_wait_ms`, or a busy log would answer with every record: 150 fetches a second at 30,000 events/s."""

_WAIT_S: Final = 0.5
_GC_THRESHOLD: Final = 200_000  # rows of a batch are no garbage: 600,000 events took 14.2 s of CPU with the default of 700, 8.7 s without any

T = TypeVar("T")


def run(settings: StorageSettings) -> None:
    """Store everything until SIGTERM or SIGINT."""
    configure_logs(settings.log_level)
    gc.set_threshold(_GC_THRESHOLD)
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    progress, metrics = Progress(), StorageMetrics()
    watch_progress(metrics, progress)
    health = HealthServer(settings.storage_host, settings.storage_port, lambda: health_of(progress), metrics)
    health.start()
    _log.info("health port open", port=health.port)
    try:
        _store_until_stopped(settings, f"{gethostname()}-{health.port}", progress, metrics, stopping)
    finally:
        health.stop()
    _log.info("stopped")


def apply_migrations(settings: StorageSettings) -> None:
    """Make the database and its tables what this version needs."""
    database = settings.clickhouse_database
    if not _DATABASE.fullmatch(database):
        raise ValueError(f"{database!r} is no name for a database: letters, digits and _ only")
    replicated = settings.storage_replicated
    connect(settings, database="").command(create_database(database, replicated=replicated))
    applied = migrate(connect(settings), shipped_migrations(), on_replicas if replicated else str)
    for migration in applied:
        print(f"applied {migration.version:04}_{migration.name}")
    if not applied:
        print("nothing to apply")


def _store_until_stopped(
    settings: StorageSettings, instance: str, progress: Progress, metrics: StorageMetrics, stopping: Event
) -> None:
    def wait_for(what: str, build: Callable[[], T]) -> T | None:
        return _wait_for(what, build, progress, stopping)

    client = wait_for("ClickHouse", lambda: _migrated_client(settings))
    consumer = wait_for("Kafka", lambda: _consumer(settings, instance)) if client else None
    admin = wait_for("Kafka", lambda: _admin(settings))
    if not (client and consumer and admin):
        return
    topics = [topic.name for topic in STORED_TOPICS]
    look = BrokerLook(settings.kafka_servers(), kafka_security(settings).get("ssl_context"))
    if (source := wait_for("topics", lambda: KafkaSource(consumer, topics, look))) is None:
        return
    store = ClickHouseStore(client)
    logs = Logs(topics, topic_ids(admin), known_logs(client), store)
    dead_letters = KafkaDeadLetters(lambda: _producer(settings))
    writer = Writer(source, store, logs, dead_letters, _limits(settings), progress, stopping, metrics=metrics)
    try:
        writer.run()
    finally:
        source.close()
        dead_letters.close()
        admin.close()


def _wait_for(what: str, build: Callable[[], T], progress: Progress, stopping: Event) -> T | None:
    """What `build` gives once it can; None when stopped before."""
    while not stopping.is_set():
        try:
            return build()
        except (TryAgain, KafkaError, ClickHouseError, OSError) as error:
            _log.info("waiting", what=what, error=str(error)[:300])
            progress.turn(waiting_for=f"{what}: {error}"[:300])
            stopping.wait(_WAIT_S)
    return None


def _migrated_client(settings: StorageSettings) -> Any:
    client = connect(settings)
    if pending(shipped_migrations(), applied_migrations(client)):
        raise NotMigrated("run `python -m services.storage migrate`")
    return client


def _consumer(settings: StorageSettings, instance: str) -> Any:
    """A static member: started again after kill -9 it goes on at once. The instance is the health port's, so no two live processes share it."""
    return KafkaConsumer(
        bootstrap_servers=settings.kafka_servers(),
        group_id=settings.storage_group,
        group_instance_id=instance,
        enable_auto_commit=False,  # what is committed is stored
        auto_offset_reset="earliest",
        session_timeout_ms=int(settings.storage_session_s * 1000),
        heartbeat_interval_ms=int(settings.storage_session_s * 1000 / 4),
        max_poll_interval_ms=int(settings.storage_poll_interval_s * 1000),
        max_partition_fetch_bytes=_LARGEST_RECORD_BYTES,
        fetch_max_wait_ms=100,
        fetch_min_bytes=_FETCH_BYTES,
        **kafka_security(settings),
    )


def _producer(settings: StorageSettings) -> Any:
    return KafkaProducer(
        bootstrap_servers=settings.kafka_servers(),
        max_request_size=_LARGEST_RECORD_BYTES,
        max_block_ms=_LETTER_BLOCK_MS,
        delivery_timeout_ms=_LETTER_DELIVERY_MS,
        request_timeout_ms=_LETTER_BLOCK_MS,
        **kafka_security(settings),
    )


def _admin(settings: StorageSettings) -> Any:
    return KafkaAdminClient(bootstrap_servers=settings.kafka_servers(), **kafka_security(settings))


def _limits(settings: StorageSettings) -> Limits:
    return Limits(
        rows=settings.storage_batch_rows,
        size_bytes=settings.storage_batch_bytes,
        age_s=settings.storage_batch_s,
        age_max_s=settings.storage_batch_max_s,
        retry_s=settings.storage_retry_s,
        retry_max_s=settings.storage_retry_max_s,
    )
