"""Records of a topic as they are, out of a broker and into one: offsets, times, keys, headers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from services.cli.backup_folder import Copied
from services.cli.failures import CannotReach, FoundWrong
from services.contracts.kafka import UNSECURED, Security

_READ_TIMEOUT_S: Final = 30.0
_ACK_TIMEOUT_S: Final = 30.0
_LARGE_BYTES: Final = 8 * 1024 * 1024


class LogCopier:
    """One broker. Every method raises `CannotReach` when it does not answer."""

    def __init__(self, servers: list[str], security: Security = UNSECURED) -> None:
        self._servers = servers
        self._client = {"bootstrap_servers": servers, **security}

    def read(self, topic: str, partition: int, start: int, end: int) -> Iterator[list[Copied]]:
        """Records of [start, end) in lists, in order; what the topic no longer holds is left out."""
        place = TopicPartition(topic, partition)
        with self._reaching():
            consumer = KafkaConsumer(
                **self._client, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
            )
            try:
                consumer.assign([place])
                consumer.seek(place, start)
                while consumer.position(place) < end:
                    polled = consumer.poll(timeout_ms=int(_READ_TIMEOUT_S * 1000)).get(place, [])
                    if not polled and consumer.position(place) < end:
                        raise CannotReach(
                            f"{topic}/{partition} gave nothing for {_READ_TIMEOUT_S:.0f} s.",
                            "Look at the broker.",
                        )
                    yield [_copied(record) for record in polled if record.offset < end]
            finally:
                consumer.close()

    def append(self, topic: str, partition: int, records: Sequence[Copied], *, at: int | None) -> None:
        """Appends the records with their times and headers. With `at` they must come to stand from that offset on, one after another.

        Raises `FoundWrong` when they do not: something else writes into the topic.
        """
        with self._reaching():
            producer = KafkaProducer(**self._client, acks="all", max_request_size=_LARGE_BYTES)
            try:
                sent = [self._send(producer, topic, partition, record) for record in records]
                placed = [one.get(timeout=_ACK_TIMEOUT_S).offset for one in sent]
            finally:
                producer.close()
        if at is not None and placed != list(range(at, at + len(records))):
            raise FoundWrong(
                f"Something else writes into {topic}/{partition} during the restore.",
                "Stop every service, delete the topics, and restore again.",
            )

    def _send(self, producer: Any, topic: str, partition: int, record: Copied) -> Any:
        return producer.send(
            topic,
            key=record.key,
            value=record.value,
            partition=partition,
            timestamp_ms=record.timestamp_ms,
            headers=list(record.headers),
        )

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (KafkaError, OSError) as error:
            where = ", ".join(self._servers)
            raise CannotReach(
                f"The broker at {where} does not answer ({type(error).__name__}).",
                "Look whether it runs; THIDUA_KAFKA_BOOTSTRAP names it.",
            ) from error


def _copied(record: Any) -> Copied:
    return Copied(
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        [(name, value or b"") for name, value in record.headers],
    )
