"""Freshness of the board under load: what a reader of `/v1/stream` saw and when, joined afterwards with what the log says was accepted when.

Nothing is decoded or joined while the clock runs but the place that a ranking names: the reader shares the machine with what it measures.
"""

import http.client
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
import numpy as np
from kafka import KafkaConsumer, TopicPartition

from services.contracts.event_data import Place
from services.contracts.topics import EVENTS

_RECEIVED: Final = re.compile(rb'"receivedtime":"([^"]+)"')
_EVENT: Final = b'"specversion":'
_STORAGE_GROUP: Final = "storage"


class _Shown(msgspec.Struct):
    """What of a ranking's frame is read."""

    block: str
    cause: Place


class Accepted(NamedTuple):
    """A record of the log: its block, its offset, when the door took it (seconds since 1970), and its events."""

    block: str
    offset: int
    at: float
    events: int


class Freshness(NamedTuple):
    """Seconds from acceptance to the board, over all events."""

    p50: float
    p95: float
    p99: float
    events: int


class Board(threading.Thread):
    """Follows the stream of every block, as a monitoring room does. `seen` holds (offset, arrival) of each block's rankings."""

    def __init__(self, api: str) -> None:
        super().__init__(daemon=True)
        self.seen: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._address = urlsplit(api).netloc

    def run(self) -> None:
        """Comes again when the api says so, as a browser does."""
        while True:
            try:
                connection = http.client.HTTPConnection(self._address)
                connection.request("GET", "/v1/stream")
                self._read(connection.getresponse())
            except OSError:
                return  # the stack stops

    def _read(self, response: http.client.HTTPResponse) -> None:
        decode = msgspec.json.Decoder(_Shown).decode
        kind = b""
        while line := response.readline():
            if line.startswith(b"event:"):
                kind = line[6:].strip()
            elif kind == b"ranking" and line.startswith(b"data:"):
                shown = decode(line[5:])
                self.seen[shown.block].append((shown.cause.offset, time.time()))

    def offset_of(self, block: str) -> int:
        """The newest place of the block that was shown; -1 before the first."""
        seen = self.seen.get(block)
        return seen[-1][0] if seen else -1


def log_ends(consumer: Any) -> dict[int, int]:
    """The next offset of each partition of the events."""
    return {tp.partition: int(end) for tp, end in consumer.end_offsets(consumer.assignment()).items()}


def stored_offsets(consumer: Any) -> dict[int, int]:
    """What storage has committed: everything below is in ClickHouse."""
    return {tp.partition: int(consumer.committed(tp) or 0) for tp in consumer.assignment()}


def accepted_between(bootstrap: str, starts: dict[int, int], ends: dict[int, int]) -> Iterator[Accepted]:
    """The records that the door wrote from `starts` to `ends`."""
    consumer = log_reader(bootstrap)
    left = {partition for partition, end in ends.items() if end > starts[partition]}
    for partition, start in starts.items():
        consumer.seek(TopicPartition(EVENTS.name, partition), start)
    while left:
        for tp, records in consumer.poll(timeout_ms=500).items():
            for record in records:
                if record.offset < ends[tp.partition] and (found := _accepted(record)):
                    yield found
            if records[-1].offset + 1 >= ends[tp.partition]:
                left.discard(tp.partition)
    consumer.close()


def freshness(accepted: Iterable[Accepted], seen: dict[str, list[tuple[int, float]]]) -> Freshness:
    """Each event waits for the first ranking of its block whose cause lies at its record or behind it. Raises `ValueError` when one has none."""
    lags, weights = [], []
    arrays = {
        block: (np.array([o for o, _ in s]), np.array([at for _, at in s])) for block, s in seen.items()
    }
    for record in accepted:
        offsets, arrivals = arrays[record.block]
        at = int(np.searchsorted(offsets, record.offset))
        if at == len(offsets):
            raise ValueError(f"the board never showed offset {record.offset} of {record.block}")
        lags.append(float(arrivals[at]) - record.at)
        weights.append(record.events)
    of_events = np.repeat(lags, weights)
    p50, p95, p99 = (float(np.percentile(of_events, p)) for p in (50, 95, 99))
    return Freshness(p50, p95, p99, len(of_events))


def _accepted(record: Any) -> Accepted | None:
    received = _RECEIVED.search(record.value)
    if received is None:
        return None
    at = datetime.fromisoformat(received[1].decode()).timestamp()
    return Accepted(record.key.decode(), record.offset, at, record.value.count(_EVENT))


def log_reader(bootstrap: str) -> Any:
    """A bare consumer of every partition of the events; it sees what storage has committed, and is no member of its group."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=_STORAGE_GROUP,
        enable_auto_commit=False,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    consumer.assign(
        [TopicPartition(EVENTS.name, p) for p in sorted(consumer.partitions_for_topic(EVENTS.name))]
    )
    return consumer
