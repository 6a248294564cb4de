"""Sends records that storage cannot use to the dead letters."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from kafka.errors import KafkaError

from services.contracts.event_data import Place
from services.contracts.following import Record
from services.contracts.records import SCHEMA
from services.contracts.results import DEAD_LETTER_SCHEMA, DeadLetter, encode_result
from services.contracts.topics import DEAD_LETTERS
from services.storage.errors import BrokerUnavailable

_MAX_BODY_BYTES: Final = 4 * 1024 * 1024  # base64 makes a third more of it, and the topic allows 8 MB
_SEND_TIMEOUT_S: Final = 30  # bounds a broker that does not answer
_WHOLE_RECORD: Final = -1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class KafkaDeadLetters:
    """Keeps `writer.DeadLetters` with a producer whose defaults are acks=all and idempotence."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def send(self, letters: Sequence[tuple[Record, str]]) -> None:
        headers = [(SCHEMA, DEAD_LETTER_SCHEMA)]
        try:
            for future in [
                self._producer.send(
                    DEAD_LETTERS.name,
                    key=record.key.encode(),
                    value=encode_result(letter(record, why)),
                    headers=headers,
                )
                for record, why in letters
            ]:
                future.get(timeout=_SEND_TIMEOUT_S)
        except KafkaError as error:
            raise BrokerUnavailable(str(error)) from error


def letter(record: Record, why: str) -> DeadLetter:
    """The same record gives the same letter. A very large body is cut; the place says where all of it is."""
    return DeadLetter(
        topic=record.topic,
        place=Place(record.partition, record.offset, _WHOLE_RECORD),
        key=record.key,
        reason="bad-record",
        detail=f"storage cannot use the record: {why}",
        hint="Compare the writer's version with storage's, upgrade the older one, then have storage read the topic again.",
        body=(record.value or b"")[:_MAX_BODY_BYTES],
        at=_EPOCH + timedelta(milliseconds=record.timestamp_ms),
    )
