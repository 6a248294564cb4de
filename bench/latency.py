"""From acceptance at the door to arrival on a board's stream, for every event, at 500 events/s through the whole stack.

    python -m bench.latency     # starts an embedded stack of its own, in a temporary folder

An event is accepted when the door stamps its `receivedtime`, and on the board when the first ranking whose cause lies at or behind it
arrives at a reader of `/v1/stream`. The floor in the same run is a bare consumer of `campaign.events`: no board can show an event earlier.
"""

import json
import statistics
import sys
import threading
import time
from typing import Any, Final, NamedTuple

import httpx
from kafka import KafkaConsumer, TopicPartition

from bench.door import publish
from bench.door_campaign import KEY, bench_pack, reports
from bench.stacks import temporary_stack
from services.cli.broker import KafkaBroker
from services.cli.door import BATCH_MEDIA_TYPE
from services.cli.publishing import publish_packs
from services.contracts.event_data import Place
from services.contracts.events import decode_record
from services.contracts.ids import BlockId
from services.contracts.routing import DEFAULT_PARTITIONS, partition_of
from services.contracts.topics import EVENTS

PROGRAMS: Final = ("kafka", "clickhouse", "storage", "scoring", "ingest", "api")
RATE_PER_S: Final = 500
PER_REQUEST: Final = 10
LASTS_S: Final = 30.0
WARM_UP_S: Final = 5.0
WANTED_P95_S: Final = 0.3
BLOCK: Final = BlockId("bench/b0")


class Seen(NamedTuple):
    """The newest event that something showed, and when it arrived (seconds since 1970)."""

    place: Place
    at: float


class Lags(NamedTuple):
    """Seconds from acceptance, over all events."""

    p50: float
    p95: float
    p99: float
    events: int


class LatencyMeasurement(NamedTuple):
    """`told_p95_s` is what the api itself says of the same minute, measured by record and ranking, warm-up included."""

    board: Lags
    floor: Lags
    told_p95_s: float


def measure() -> LatencyMeasurement:
    """Runs the load for `LASTS_S` seconds and joins what was accepted with what was shown."""
    with temporary_stack(PROGRAMS) as stack:
        publish(stack.urls["kafka"])
        publish_packs(KafkaBroker([stack.urls["kafka"]]), [bench_pack()])
        board, floor = BoardReader(stack.urls["api"]), LogReader(stack.urls["kafka"])
        board.start()
        floor.start()
        _load(stack.urls["ingest"])
        _wait_for(board, floor.newest())
        accepted = [(place, at) for place, at in floor.accepted if at > floor.accepted[0][1] + WARM_UP_S]
        told = httpx.get(f"{stack.urls['api']}/v1/freshness", trust_env=False, timeout=30).json()
        told_p95_s = told["last_minute"]["steps"]["door_to_board"]["p95_ms"] / 1000
        return LatencyMeasurement(_lags(accepted, board.seen), _lags(accepted, floor.seen), told_p95_s)


class BoardReader(threading.Thread):
    """Follows `/v1/stream` as a wall does."""

    def __init__(self, api: str) -> None:
        super().__init__(daemon=True)
        self.seen: list[Seen] = []
        self._url = f"{api}/v1/stream?block={BLOCK}"

    def run(self) -> None:
        with httpx.stream("GET", self._url, timeout=None, trust_env=False) as response:
            kind = ""
            for line in response.iter_lines():
                if line.startswith("event:"):
                    kind = line[6:].strip()
                elif line.startswith("data:") and kind == "ranking":
                    arrived = time.time()
                    self.seen.append(Seen(_cause(json.loads(line[5:])), arrived))


class LogReader(threading.Thread):
    """A bare consumer of the block's partition: the floor, and the record of what was accepted when."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(daemon=True)
        self.seen: list[Seen] = []
        self.accepted: list[tuple[Place, float]] = []
        partition = TopicPartition(EVENTS.name, partition_of(BLOCK, DEFAULT_PARTITIONS))
        self._consumer: Any = KafkaConsumer(bootstrap_servers=bootstrap, fetch_max_wait_ms=5)
        self._consumer.assign([partition])
        self._consumer.seek_to_end(partition)
        self._consumer.position(partition)

    def run(self) -> None:
        for record in self._consumer:
            if record.key == BLOCK.encode():
                self._note(record, time.time())

    def newest(self) -> Place:
        return self.accepted[-1][0]

    def _note(self, record: Any, arrived: float) -> None:
        for index, event in enumerate(decode_record(record.value)):
            place = Place(record.partition, record.offset, index)
            if event.receivedtime is not None and event.principal is not None:
                self.accepted.append((place, event.receivedtime.timestamp()))
                self.seen.append(Seen(place, arrived))


def _cause(ranking: dict[str, Any]) -> Place:
    held = ranking.get("ranking", ranking)
    return Place(*held["cause"])


def _load(door: str) -> None:
    """`RATE_PER_S` events of one block, in requests of `PER_REQUEST`, each answered before it counts."""
    count = int(RATE_PER_S * LASTS_S)
    events = [event for block, event in reports("latency", count * 3) if block == BLOCK]
    with httpx.Client(base_url=door, trust_env=False) as client:
        started = time.monotonic()
        for number, first in enumerate(range(0, count, PER_REQUEST)):
            time.sleep(max(0.0, started + number * PER_REQUEST / RATE_PER_S - time.monotonic()))
            body = b"[" + b",".join(events[first : first + PER_REQUEST]) + b"]"
            headers = {"Authorization": f"Bearer {KEY}", "Content-Type": BATCH_MEDIA_TYPE}
            client.post("/v1/events", content=body, headers=headers).raise_for_status()


def _wait_for(board: BoardReader, newest: Place) -> None:
    deadline = time.monotonic() + 15
    while not board.seen or board.seen[-1].place < newest:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the board's stream did not come to {newest} within 15 s")
        time.sleep(0.05)


def _lags(accepted: list[tuple[Place, float]], seen: list[Seen]) -> Lags:
    """Joins each event with the first sighting at or behind its place; both lists are in the order of the log."""
    lags, index = [], 0
    for place, at in accepted:
        while seen[index].place < place:
            index += 1
        lags.append(seen[index].at - at)
    cuts = statistics.quantiles(lags, n=100, method="inclusive")
    return Lags(cuts[49], cuts[94], cuts[98], len(lags))


def main() -> int:
    board, floor, told_p95_s = measure()
    print(
        f"{RATE_PER_S} events/s for {LASTS_S:g} s through the whole stack, {board.events:,} events measured"
    )
    print(
        f"accepted to board   p50 {board.p50 * 1000:5.0f} ms   p95 {board.p95 * 1000:5.0f} ms   p99 {board.p99 * 1000:5.0f} ms"
    )
    print(
        f"accepted to log     p50 {floor.p50 * 1000:5.0f} ms   p95 {floor.p95 * 1000:5.0f} ms   p99 {floor.p99 * 1000:5.0f} ms"
    )
    print(f"the api says of it  p95 {told_p95_s * 1000:5.0f} ms (/v1/freshness)")
    print(
        f"p95 ratio to the floor {board.p95 / floor.p95:.1f}; wanted: p95 under {WANTED_P95_S * 1000:.0f} ms"
    )
    return 0 if board.p95 < WANTED_P95_S else 1


if __name__ == "__main__":
    sys.exit(main())
