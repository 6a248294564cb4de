"""Sends records that storage cannot use to the dead letters."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from kafka.errors import KafkaError

from services.contracts.event_data import WHOLE_RECORD, Place
from services.contracts.following import Record
from services.contracts.records import SCHEMA
from services.contracts.results import DEAD_LETTER_SCHEMA, DeadLetter, encode_result
from services.contracts.topics import DEAD_LETTERS
from services.storage.errors import BrokerUnavailable

_MAX_BODY_BYTES: Final = 4 * 1024 * 1024  # base64 makes a third more of it, and the topic allows 8 MB
_SEND_TIMEOUT_S: Final = 30  # bounds a broker that does not answer
_CLOSE_TIMEOUT_S: Final = 1.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class KafkaDeadLetters:
    """Keeps `writer.DeadLetters` with producers whose defaults are acks=all and idempotence.

    After a failure the producer is replaced: an idempotent producer of kafka-python 3.0 that has given up a record sends nothing any more
    (docs/decisions/0011). What was sent by the old one may then be written twice, and is the same letter.
    """

    def __init__(self, build: Callable[[], Any]) -> None:
        """`build` makes a producer, or raises Kafka's errors."""
        self._build = build
        self._producer: Any = None

    def send(self, letters: Sequence[tuple[Record, str]]) -> None:
        try:
            self._producer = self._producer or self._build()
            for future in [self._append(record, why) for record, why in letters]:
                future.get(timeout=_SEND_TIMEOUT_S)
        except KafkaError as error:
            self.close()
            raise BrokerUnavailable(str(error)) from error

    def close(self) -> None:
        """Ends the producer, with whatever it could not send."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            producer.close(_CLOSE_TIMEOUT_S)
        except (
            KafkaError
        ):  # it holds what it can neither send nor give up, and leaves its thread running then
            producer._sender.force_close()

    def _append(self, record: Record, why: str) -> Any:
        return self._producer.send(
            DEAD_LETTERS.name,
            key=record.key.encode(),
            value=encode_result(letter(record, why)),
            headers=[(SCHEMA, DEAD_LETTER_SCHEMA)],
        )


def letter(record: Record, why: str) -> DeadLetter:
    """The same record gives the same letter. A very large body is cut; the place says where all of it is."""
    return DeadLetter(
        topic=record.topic,
        place=Place(record.partition, record.offset, WHOLE_RECORD),
        key=record.key,
        reason="bad-record",
        detail=f"storage cannot use the record: {why}",
        hint="Compare the writer's version with storage's, upgrade the older one, then have storage read the topic again.",
        body=(record.value or b"")[:_MAX_BODY_BYTES],
        at=_EPOCH + timedelta(milliseconds=record.timestamp_ms),
    )
