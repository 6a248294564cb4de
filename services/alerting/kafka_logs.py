"""The flags and the alerts on a real broker, by kafka-python."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from services.alerting.ports import AlertLog, FlagLog
from services.contracts.alerts import ALERT_SCHEMA, Alert, encode_alert
from services.contracts.following import Record
from services.contracts.records import SCHEMA
from services.contracts.topics import ALERTS, FLAGS

_ACK_TIMEOUT_S: Final = 30.0
"""Bounds a broker that does not answer; the process then ends and goes on from what is recorded."""

_COMMIT_TIMEOUT_MS: Final = 5_000

_log = structlog.get_logger("thidua.alerting")


class TopicsMissing(Exception):  # noqa: N818 - it names what is missing
    """`thidua topics create` makes them."""


class KafkaAlertLog(AlertLog):
    """A producer whose defaults are acks=all and idempotence."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def record(self, alert: Alert) -> None:
        sent = self._producer.send(
            ALERTS.name, key=alert.id.encode(), value=encode_alert(alert), headers=[(SCHEMA, ALERT_SCHEMA)]
        )
        sent.get(timeout=_ACK_TIMEOUT_S)


class NotedLog(AlertLog):
    """Calls `note` behind each step that is recorded: whoever records steps does not hang, however long a turn takes."""

    def __init__(self, log: AlertLog, note: Callable[[], None]) -> None:
        self._log = log
        self._note = note

    def record(self, alert: Alert) -> None:
        self._log.record(alert)
        self._note()


class KafkaFlagLog(FlagLog):
    """All partitions, assigned by hand: there is one instance. The consumer's group serves for its offsets only.

    Raises `TopicsMissing`, and Kafka's errors when the broker does not answer; make it again then.
    """

    def __init__(self, consumer: Any) -> None:
        found = consumer.partitions_for_topic(FLAGS.name)
        if not found:
            raise TopicsMissing(f"no topic {FLAGS.name}: run `thidua topics create`")
        self._consumer = consumer
        self._partitions = [TopicPartition(FLAGS.name, number) for number in sorted(found)]
        consumer.assign(self._partitions)
        self._next = {tp.partition: consumer.position(tp) for tp in self._partitions}

    def poll(self, timeout_s: float) -> list[Record]:
        fetched = self._consumer.poll(timeout_ms=int(timeout_s * 1000), max_records=1_000)
        records = [record for of_one in fetched.values() for record in of_one]
        self._next |= {tp.partition: of_one[-1].offset + 1 for tp, of_one in fetched.items() if of_one}
        return [_as_record(record) for record in records]

    def positions(self) -> list[tuple[int, int]]:
        return list(self._next.items())

    def commit(self, next_offsets: Mapping[int, int]) -> None:
        offsets = {
            TopicPartition(FLAGS.name, number): OffsetAndMetadata(offset, "", -1)
            for number, offset in next_offsets.items()
        }
        try:
            self._consumer.commit(offsets, timeout_ms=_COMMIT_TIMEOUT_MS)
        except KafkaError as error:
            _log.warning("offsets not committed, the flags will be read again", error=str(error))


def _as_record(record: Any) -> Record:
    key = record.key.decode(errors="replace") if record.key is not None else ""
    headers = tuple(record.headers or ())
    return Record(record.topic, record.partition, record.offset, key, record.value, headers, record.timestamp)
