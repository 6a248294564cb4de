"""Follows a topic from its beginning in a thread: how a service keeps a fold of a compacted topic in memory."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.contracts.broker_probe import BrokerLook
from services.contracts.kafka import UNSECURED, Security
from services.contracts.topics import Topic

_POLL_MS: Final = 200
_BOOTSTRAP_MS: Final = 2_000
"""Then it looks whether it was stopped, and tries again."""

_CLOSE_TIMEOUT_S: Final = 5.0


class Record(NamedTuple):
    """A record as it was read. `value` is None for a tombstone; `timestamp_ms` is the broker's."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


class TopicFollower:
    """Calls `apply` for each record of the topics, in the order of each partition, from one thread of its own. Of what comes at a time, a
    topic that is named first is applied first: name packs before keys, and whoever has a key is known with his campaign.

    `caught_up` is set when everything that stood in the topics at the start was applied. A fault in `apply` or in the client ends the thread:
    it is kept in `failure`, and the service must report itself not ready. Broker outages do not end it; it waits and goes on, and
    `lost_since` says since when no broker has answered, None while one does.
    """

    def __init__(
        self,
        servers: list[str],
        topics: list[Topic],
        apply: Callable[[Record], None],
        name: str,
        security: Security = UNSECURED,
        newest: Mapping[str, int] | None = None,
    ) -> None:
        """`newest`: topics of which only so many records at the end of each partition are read, beside what comes."""
        self._servers = servers
        self._security = security
        self._topics = topics
        self._apply = apply
        self._newest = dict(newest or {})
        self._stopping = threading.Event()
        self.caught_up = threading.Event()
        self.failure: BaseException | None = None
        self._look = BrokerLook(servers, security.get("ssl_context"))
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; returns when it has ended."""
        self._stopping.set()
        self._thread.join(_CLOSE_TIMEOUT_S)

    @property
    def healthy(self) -> bool:
        return self._thread.is_alive() and self.failure is None

    @property
    def lost_since(self) -> datetime | None:
        return self._look.silent_since

    def _run(self) -> None:
        try:
            consumer = self._connect()
            if consumer is None:
                return
            try:
                self._follow(consumer)
            finally:
                consumer.close()
        except BaseException as error:
            self.failure = error

    def _connect(self) -> Any:
        """A consumer, as soon as there is a broker; None when the follower is stopped before."""
        while not self._stopping.is_set():
            try:
                return KafkaConsumer(
                    bootstrap_servers=self._servers,
                    bootstrap_timeout_ms=_BOOTSTRAP_MS,
                    group_id=None,
                    enable_auto_commit=False,
                    auto_offset_reset="earliest",
                    fetch_max_wait_ms=500,  # a record ends the wait at once; asking more often only costs both sides
                    max_partition_fetch_bytes=8 * 1024 * 1024,
                    **self._security,
                )
            except KafkaError:
                self._look.look()
                self._stopping.wait(0.5)
        return None

    def _follow(self, consumer: Any) -> None:
        partitions = [TopicPartition(t.name, p) for t in self._topics for p in self._partitions(consumer, t)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        for partition, begin in consumer.beginning_offsets(partitions).items():
            if (most := self._newest.get(partition.topic)) is not None:
                consumer.seek(partition, max(begin, ends[partition] - most))
        while not self._stopping.is_set():
            fetched = consumer.poll(timeout_ms=_POLL_MS, max_records=5_000)
            for record in in_order(fetched, [topic.name for topic in self._topics]):
                self._apply(as_record(record))
            if fetched:
                self._look.heard()
            else:
                self._look.look()
            if not self.caught_up.is_set() and all(consumer.position(tp) >= ends[tp] for tp in partitions):
                self.caught_up.set()

    def _partitions(self, consumer: Any, topic: Topic) -> set[int]:
        while not self._stopping.is_set():
            if found := consumer.partitions_for_topic(topic.name):
                return set(found)
            self._stopping.wait(0.2)
        return set()


def in_order(fetched: Mapping[TopicPartition, Sequence[Any]], topics: Sequence[str]) -> Iterator[Any]:
    """The records by topic as the topics are named; of a partition as they stand in it."""
    for partition in sorted(fetched, key=lambda held: topics.index(held.topic)):
        yield from fetched[partition]


def as_record(record: Any) -> Record:
    """A record of kafka-python. A key that is not UTF-8 stops nobody: it is told with marks in its place."""
    key = record.key.decode(errors="replace") if record.key is not None else ""
    return Record(
        record.topic,
        record.partition,
        record.offset,
        key,
        record.value,
        tuple(record.headers or ()),
        record.timestamp,
    )
