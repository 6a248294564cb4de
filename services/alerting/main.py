"""Alerting's wiring: builds the real clients, joins them, and runs until told to stop."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import structlog
from filelock import FileLock, Timeout
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from services.alerting.apprise_sender import EmailSender, WebhookSender
from services.alerting.courier import Courier, Policy
from services.alerting.directory import Directory
from services.alerting.escalation import Escalation
from services.alerting.kafka_logs import KafkaAlertLog, KafkaFlagLog, NotedLog, TopicsMissing
from services.alerting.ledger import Ledger
from services.alerting.occasions import Gathering
from services.alerting.service import Alerting
from services.alerting.settings import AlertingSettings
from services.alerting.wording import Letters
from services.contracts.alerts import decode_alert
from services.contracts.following import Record, TopicFollower
from services.contracts.health import Health, HealthServer
from services.contracts.kafka import kafka_security
from services.contracts.logs import configure_logs
from services.contracts.metrics import AlertingMetrics
from services.contracts.settings import read_settings
from services.contracts.topics import ALERTS, PACKS, PEOPLE

_WAIT_S: Final = 0.5
_STALLED_S: Final = 120.0
"""Between two recorded steps lies one message, of 30 s at most; what takes longer hangs. A turn may have many messages."""

_log = structlog.get_logger("thidua.alerting")
T = TypeVar("T")


class Service:
    """The running parts."""

    def __init__(self, settings: AlertingSettings, stopping: threading.Event) -> None:
        self._settings = settings
        self._stopping = stopping
        self._directory = Directory()
        self._ledger = Ledger()
        self._gathering = Gathering(settings.alerting_settle_s)
        self._follower = TopicFollower(
            settings.kafka_servers(),
            [PACKS, PEOPLE, ALERTS],
            self._apply,
            name="packs-people-alerts",
            security=kafka_security(settings),
        )
        self._ready = False
        self._turned_s = time.monotonic()

    def run(self) -> None:
        """Until stopped. Any failure is raised: the process ends and is started anew."""
        self._follower.start()
        try:
            consumer = self._waited_for("Kafka", lambda: _consumer(self._settings))
            producer = self._waited_for("Kafka", lambda: _producer(self._settings))
            flags = self._waited_for("topics", lambda: KafkaFlagLog(consumer))
            while not (self._stopping.is_set() or self._follower.caught_up.wait(_WAIT_S)):
                self._require_follower()
            if not self._stopping.is_set() and flags is not None and producer is not None:
                self._work(flags, producer)
        finally:
            self._follower.stop()

    def health(self) -> Health:
        stalled = time.monotonic() - self._turned_s > _STALLED_S
        state = {
            "steps": self._ledger.steps(),
            "waiting": self._ledger.waiting,
            "gathering": len(self._gathering),
            "vacant_roles": self._directory.vacant(),
        }
        alive = self._follower.healthy and not stalled
        lost_since = self._follower.lost_since
        if lost_since is not None:
            state["waiting_for"] = f"Kafka, which has not answered since {lost_since:%H:%M:%S} UTC"
        return Health(alive, alive and self._ready and lost_since is None, state)

    def watch(self, metrics: AlertingMetrics) -> None:
        """Shows how alerts stand as it is whenever it is asked for."""
        metrics.watch(metrics.waiting, lambda: self._ledger.waiting)
        metrics.watch(metrics.vacant_roles, lambda: len(self._directory.vacant()))
        metrics.watch(metrics.ready, lambda: float(self.health().ready))
        metrics.watch_alerts(lambda: {step: float(count) for step, count in self._ledger.steps().items()})

    def _work(self, flags: KafkaFlagLog, producer: Any) -> None:
        alerting = self._alerting(flags, producer)
        self._ready = True
        _log.info("alerting ready", vacant_roles=self._directory.vacant())
        while not self._stopping.is_set():
            self._require_follower()
            alerting.turn()
            self._note_progress()
        producer.close()

    def _note_progress(self) -> None:
        self._turned_s = time.monotonic()

    def _alerting(self, flags: KafkaFlagLog, producer: Any) -> Alerting:
        own = self._settings

        def now() -> datetime:
            return datetime.now(UTC)

        courier = Courier(
            self._directory,
            self._ledger,
            NotedLog(KafkaAlertLog(producer), self._note_progress),
            {"email": EmailSender(own), "webhook": WebhookSender(own)},
            Letters(self._directory, own.api_url),
            policy_of(own),
            now,
        )
        gathering = self._gathering
        escalation = Escalation(
            self._directory, self._ledger, courier, gathering.state_of, gathering.is_muted, now
        )
        return Alerting(flags, self._gathering, courier, escalation, time.monotonic)

    def _apply(self, record: Record) -> None:
        if record.topic != ALERTS.name:
            self._directory.apply(record)
        elif record.value is not None:
            self._ledger.apply(decode_alert(record.value))

    def _require_follower(self) -> None:
        """Without it the service would tell of flags by a council of yesterday."""
        if not self._follower.healthy:
            raise RuntimeError(
                "the follower of packs, people and alerts has ended"
            ) from self._follower.failure

    def _waited_for(self, what: str, build: Callable[[], T]) -> T | None:
        """What `build` gives once it can; None when stopped before."""
        while not self._stopping.is_set():
            try:
                return build()
            except (KafkaError, TopicsMissing) as error:
                _log.info("waiting", what=what, error=str(error)[:300])
                self._note_progress()
                self._stopping.wait(_WAIT_S)
        return None


def policy_of(settings: AlertingSettings) -> Policy:
    return Policy(
        timedelta(hours=settings.alerting_max_age_h),
        settings.alerting_attempts,
        settings.alerting_refused_attempts,
        timedelta(seconds=settings.alerting_retry_s),
        timedelta(seconds=settings.alerting_retry_max_s),
    )


def _consumer(settings: AlertingSettings) -> Any:
    return KafkaConsumer(
        bootstrap_servers=settings.kafka_servers(),
        group_id=settings.alerting_group,
        enable_auto_commit=False,  # what is committed is recorded
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        **kafka_security(settings),
    )


def _producer(settings: AlertingSettings) -> Any:
    return KafkaProducer(bootstrap_servers=settings.kafka_servers(), **kafka_security(settings))


def main() -> int:
    """The exit code: 0 after a stop that was asked for, 1 when another process holds the lock, or after a failure."""
    settings = read_settings(AlertingSettings)
    configure_logs(settings.log_level)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data_dir / "alerting.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _log.error("another alerting process runs on this folder; two would send everything twice")
        return 1
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return _run(settings, stopping)


def _run(settings: AlertingSettings, stopping: threading.Event) -> int:
    service, metrics = Service(settings, stopping), AlertingMetrics()
    service.watch(metrics)
    health = HealthServer(settings.alerting_host, settings.alerting_port, service.health, metrics)
    health.start()
    _log.info("health port open", port=health.port)
    try:
        service.run()
    except Exception as error:
        _log.critical("alerting ends itself, to be started anew", exc_info=error)
        return 1
    finally:
        health.stop()
    _log.info("stopped")
    return 0
