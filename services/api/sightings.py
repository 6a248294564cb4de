"""Tells the log when rankings reached the board, for the store: a record a second at most, on `campaign.sightings`."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import structlog
from kafka import KafkaProducer

from services.contracts.kafka import UNSECURED, Security
from services.contracts.records import SCHEMA
from services.contracts.steps import SIGHTING_SCHEMA, Sighting, encode_sightings
from services.contracts.topics import SIGHTINGS

EVERY_S: Final = 1.0
_MOST_WAITING: Final = 5_000
"""Bounds what waits for a broker that does not answer, 20 MB at worst; the oldest give way, as they measure and decide nothing."""

_IN_ONE_RECORD: Final = 100
"""Half a megabyte at worst, below what the topic takes."""

log = structlog.get_logger("thidua.api")


class SightingLog:
    """`note` never blocks. A thread of its own sends; what cannot be sent is lost, and said in the log once an outage."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        """`connect` gives a producer of kafka-python; called again after a failure."""
        self._connect = connect
        self._producer: Any = None
        self._waiting: deque[Sighting] = deque(maxlen=_MOST_WAITING)
        self._stopping = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="sightings", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Sends what waits, if that goes quickly."""
        self._stopping.set()
        self._thread.join(2 * EVERY_S)

    def note(self, sighting: Sighting) -> None:
        self._waiting.append(sighting)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            self.flush()
        self.flush()
        self._discard()

    def flush(self) -> None:
        """Sends what waits, and waits for the broker to have it."""
        try:
            while self._waiting:
                most = min(len(self._waiting), _IN_ONE_RECORD)
                self._send([self._waiting.popleft() for _ in range(most)])
        except Exception as error:  # whatever it is, the thread goes on: it measures, and decides nothing
            self._discard()
            if not self._failing:
                log.warning("sightings_not_sent", error=repr(error))
            self._failing = True

    def _discard(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(Exception):
                producer.close(timeout=0)

    def _send(self, sightings: list[Sighting]) -> None:
        if self._producer is None:
            self._producer = self._connect()
        sent = self._producer.send(
            SIGHTINGS.name, value=encode_sightings(sightings), headers=[(SCHEMA, SIGHTING_SCHEMA)]
        )
        sent.get(timeout=10)
        self._failing = False


def producer(servers: list[str], security: Security = UNSECURED) -> Any:
    """Raises Kafka's errors when no broker answers."""
    return KafkaProducer(
        bootstrap_servers=servers, bootstrap_timeout_ms=2_000, max_block_ms=2_000, **security
    )
