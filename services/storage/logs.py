"""Which log a topic is: Kafka's topic id, and how many logs the topic had before. A topic that is created anew is another log."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

from clickhouse_connect.driver.exceptions import ClickHouseError
from kafka.errors import KafkaError

from services.storage.errors import BrokerUnavailable, StoreUnavailable, TopicMissing
from services.storage.rows import LogRow
from services.storage.store import Store

TopicIds = Callable[[], Mapping[str, UUID]]
"""Kafka's topic ids, by topic name. Raises `BrokerUnavailable`."""


class KnownLogs(Protocol):
    """What the store knows of logs."""

    def __call__(self) -> dict[tuple[str, UUID], int]:
        """Generation by (topic, log id). Raises `StoreUnavailable`."""


class Logs:
    """Knows id and generation of each topic's log; numbers new ones, in the store, from 1."""

    def __init__(self, topics: Iterable[str], topic_ids: TopicIds, known: KnownLogs, store: Store) -> None:
        self._topics = tuple(topics)
        self._topic_ids = topic_ids
        self._known = known
        self._store = store
        self._of: dict[str, tuple[UUID, int]] = {}

    def refresh(self) -> None:
        """Ask again. Raises `TryAgain`, and then changes nothing."""
        ids = self._topic_ids()
        if missing := [topic for topic in self._topics if topic not in ids]:
            raise TopicMissing(f"no topic {', '.join(missing)}: run `thidua topics create`")
        known = self._known()
        new = [topic for topic in self._topics if (topic, ids[topic]) not in known]
        if new:
            self._store.insert([_numbered(topic, ids[topic], known) for topic in new], _token(new, ids))
            known = self._known()
        self._of = {topic: (ids[topic], known[topic, ids[topic]]) for topic in self._topics}

    def of(self, topic: str) -> tuple[UUID, int]:
        return self._of[topic]


def _numbered(topic: str, log_id: UUID, known: Mapping[tuple[str, UUID], int]) -> LogRow:
    earlier = [generation for (name, _), generation in known.items() if name == topic]
    return LogRow(topic, log_id, 1 + max(earlier, default=0), time.time_ns() // 1_000)


def _token(topics: list[str], ids: Mapping[str, UUID]) -> str:
    return "logs " + " ".join(str(ids[topic]) for topic in topics)


def known_logs(client: Any) -> KnownLogs:
    """Reads the `logs` table."""

    def read() -> dict[tuple[str, UUID], int]:
        try:
            rows = client.query("SELECT topic, log_id, generation FROM logs FINAL").result_rows
        except (ClickHouseError, OSError) as error:
            raise StoreUnavailable(str(error)) from error
        return {(topic, log_id): generation for topic, log_id, generation in rows}

    return read


def topic_ids(admin: Any) -> TopicIds:
    """Asks the broker."""

    def ask() -> dict[str, UUID]:
        try:
            found = admin.describe_topics()
        except KafkaError as error:
            raise BrokerUnavailable(str(error)) from error
        return {topic["name"]: UUID(str(topic["topic_id"])) for topic in found if topic["error_code"] == 0}

    return ask
