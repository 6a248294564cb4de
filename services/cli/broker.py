"""The broker as the deploy steps need it: append and be sure, read a topic to its end, create topics."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, Protocol, Self
from uuid import UUID

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, KafkaTimeoutError

from deploy.embedded.invocation import command
from services.cli.failures import CannotReach
from services.contracts.ids import BlockId
from services.contracts.kafka import UNSECURED, Security, kafka_security
from services.contracts.routing import partition_of
from services.contracts.settings import ServiceSettings
from services.contracts.topics import Topic

_CONNECT_TIMEOUT_MS: Final = 10_000
"""A broker that is up answers in milliseconds; one that is starting takes 3 s (ENGINEERING 4)."""

_ACK_TIMEOUT_S: Final = 30.0
_READ_TIMEOUT_S: Final = 30.0
_LARGE_BYTES: Final = 8 * 1024 * 1024


class Outgoing(NamedTuple):
    """A record to append. The key decides its partition, as `routing` says."""

    key: str
    value: bytes | None
    schema: bytes


class Held(NamedTuple):
    """A record as it stands in a topic; `value` None is a tombstone. `timestamp_ms` is the broker's, since 1970."""

    key: str
    value: bytes | None
    partition: int = 0
    offset: int = 0
    timestamp_ms: int = 0


class TopicState(NamedTuple):
    """What the broker says of an existing topic."""

    partitions: int
    config: dict[str, str]


class Committed(NamedTuple):
    """What a consumer group committed of a partition."""

    offset: int
    metadata: str


class Span(NamedTuple):
    """The offsets of a partition: of the first record, and after the last."""

    begin: int
    end: int


class Broker(Protocol):
    """What the commands ask of a broker. Every method raises `CannotReach` when it does not answer."""

    def append(self, topic: Topic, records: Sequence[Outgoing]) -> None:
        """Returns when all replicas in sync hold every record."""

    def read(self, topic: Topic) -> list[Held]:
        """All that stands in the topic now, oldest first within a partition. A topic that does not exist raises `CannotReach`."""

    def existing(self, topics: Sequence[Topic]) -> dict[str, TopicState]:
        """Those of the topics that exist."""

    def create(self, topics: Sequence[Topic], partitions: int, replication: int) -> None: ...

    def alter(self, topics: Sequence[Topic]) -> None:
        """Gives topics that exist the settings of their definition; settings that it does not name stay."""

    def committed(self, group: str, topic: Topic) -> dict[int, Committed]:
        """By partition, what the group committed; partitions without a commit are left out."""

    def spans(self, topic: Topic) -> dict[int, Span]:
        """By partition, where the topic begins and ends."""

    def cut(self, topic: Topic) -> None:
        """Deletes every record that stands in the topic now."""


class KafkaBroker:
    """A `Broker` by kafka-python; clients are built for each call, so nothing stays open between them."""

    def __init__(self, servers: list[str], security: Security = UNSECURED) -> None:
        self._servers = servers
        self._security = security

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """The broker that the settings name, secured as they say."""
        try:
            return cls(settings.kafka_servers(), kafka_security(settings))
        except OSError as error:
            raise CannotReach(
                f"A file of THIDUA_KAFKA_CA_FILE, _CERT_FILE or _KEY_FILE cannot be used: {error}.",
                "Look whether each is there, readable and PEM.",
            ) from error

    def append(self, topic: Topic, records: Sequence[Outgoing]) -> None:
        with self._reaching():
            producer = KafkaProducer(
                bootstrap_servers=self._servers,
                bootstrap_timeout_ms=_CONNECT_TIMEOUT_MS,
                acks="all",
                max_request_size=_LARGE_BYTES,
                max_block_ms=_CONNECT_TIMEOUT_MS,
                **self._security,
            )
            try:
                count = self._count(_known_partitions(producer, topic), topic)
                for sent in [self._send(producer, topic, record, count) for record in records]:
                    sent.get(timeout=_ACK_TIMEOUT_S)
            finally:
                producer.close()

    def _send(self, producer: Any, topic: Topic, record: Outgoing, partitions: int) -> Any:
        return producer.send(
            topic.name,
            key=record.key.encode(),
            value=record.value,
            headers=[("schema", record.schema)],
            partition=partition_of(BlockId(record.key), partitions) if topic.by_block else 0,
        )

    def read(self, topic: Topic) -> list[Held]:
        with self._reaching():
            consumer = KafkaConsumer(
                bootstrap_servers=self._servers,
                bootstrap_timeout_ms=_CONNECT_TIMEOUT_MS,
                group_id=None,
                enable_auto_commit=False,
                max_partition_fetch_bytes=_LARGE_BYTES,
                **self._security,
            )
            try:
                return list(self._until_end(consumer, topic))
            finally:
                consumer.close()

    def _until_end(self, consumer: Any, topic: Topic) -> Iterator[Held]:
        places = self._places(consumer, topic)
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            polled = consumer.poll(timeout_ms=int(_READ_TIMEOUT_S * 1000))
            if not polled:
                raise CannotReach(
                    f"The broker gave nothing more of {topic.name} for {_READ_TIMEOUT_S:.0f} s.", _look()
                )
            for record in (record for records in polled.values() for record in records):
                key = (record.key or b"").decode(errors="replace")
                yield Held(key, record.value, record.partition, record.offset, record.timestamp)

    def _places(self, consumer: Any, topic: Topic) -> list[TopicPartition]:
        count = self._count(consumer.partitions_for_topic(topic.name), topic)
        return [TopicPartition(topic.name, number) for number in range(count)]

    def _count(self, found: set[int] | None, topic: Topic) -> int:
        if not found:
            raise CannotReach(
                f"The topic {topic.name} does not exist.", "Create the topics: thidua topics create."
            )
        return len(found)

    def existing(self, topics: Sequence[Topic]) -> dict[str, TopicState]:
        with self._admin() as admin:
            described = admin.describe_topics([topic.name for topic in topics])
            counts = {one["name"]: len(one["partitions"]) for one in described if one["partitions"]}
            wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in counts]
            configs = admin.describe_configs(wanted, config_filter="all")["topic"] if wanted else {}
            return {name: TopicState(count, _values(configs[name])) for name, count in counts.items()}

    def create(self, topics: Sequence[Topic], partitions: int, replication: int) -> None:
        with self._admin() as admin:
            wanted = {
                topic.name: {
                    "num_partitions": partitions if topic.by_block else 1,
                    "replication_factor": replication,
                    "configs": topic.config,
                }
                for topic in topics
            }
            admin.create_topics(wanted, wait_for_metadata=True)

    def alter(self, topics: Sequence[Topic]) -> None:
        with self._admin() as admin:
            admin.alter_configs(
                [
                    ConfigResource(ConfigResourceType.TOPIC, topic.name, configs=topic.config)
                    for topic in topics
                ]
            )

    def committed(self, group: str, topic: Topic) -> dict[int, Committed]:
        with self._admin() as admin:
            held = admin.list_group_offsets(group)[group]
        return {
            place.partition: Committed(one.offset, one.metadata or "")
            for place, one in held.items()
            if place.topic == topic.name and one.offset >= 0
        }

    def spans(self, topic: Topic) -> dict[int, Span]:
        with self._reaching():
            consumer = KafkaConsumer(
                bootstrap_servers=self._servers,
                bootstrap_timeout_ms=_CONNECT_TIMEOUT_MS,
                group_id=None,
                **self._security,
            )
            try:
                places = self._places(consumer, topic)
                begins, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
            finally:
                consumer.close()
        return {place.partition: Span(begins[place], ends[place]) for place in places}

    def log_id(self, topic: Topic) -> UUID:
        """Kafka's id of the topic: another one after it was created anew. Raises `CannotReach`."""
        with self._admin() as admin:
            (described,) = admin.describe_topics([topic.name])
        return UUID(str(described["topic_id"]))

    def cut(self, topic: Topic) -> None:
        ends = {TopicPartition(topic.name, number): span.end for number, span in self.spans(topic).items()}
        with self._admin() as admin:
            admin.delete_records(ends)

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        with self._reaching():
            admin = KafkaAdminClient(
                bootstrap_servers=self._servers, bootstrap_timeout_ms=_CONNECT_TIMEOUT_MS, **self._security
            )
            try:
                yield admin
            finally:
                admin.close()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (KafkaError, OSError) as error:
            where = ", ".join(self._servers)
            raise CannotReach(
                f"The broker at {where} does not answer ({type(error).__name__}).", _look()
            ) from error


def _look() -> str:
    """Where the broker is to be looked for."""
    return (
        f"Start the stack with {command('up')}, or set THIDUA_KAFKA_BOOTSTRAP to the broker's address; "
        f"{command('status')} shows it."
    )


def _known_partitions(producer: Any, topic: Topic) -> set[int] | None:
    """None for a topic that does not exist: the producer, connected already, waits for it in vain."""
    try:
        return set(producer.partitions_for(topic.name))
    except KafkaTimeoutError:
        return None


def _values(config: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: str(entry["value"]) for name, entry in config.items()}
