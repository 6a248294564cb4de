"""A running stack with a campaign of six blocks, keys of every kind, a reader of the board, and what can be asked of log and store afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import psutil

from bench.door_campaign import UNITS_A_BLOCK, bench_pack
from bench.pipeline_board import Accepted, Board, accepted_between, log_ends, log_reader
from bench.stacks import temporary_stack
from deploy.embedded.stack import Stack
from services.cli.broker import Held, KafkaBroker, Outgoing
from services.cli.publishing import publish_packs
from services.contracts.clickhouse import ClickHouseSettings, connect
from services.contracts.ids import BlockId, CampaignId, UnitId
from services.contracts.principals import PRINCIPAL_SCHEMA, Principal, Role, encode_principal, issue_key
from services.contracts.topics import PRINCIPALS, Topic

PROGRAMS: Final = ("kafka", "clickhouse", "storage", "scoring", "ingest", "api", "alerting")
BLOCKS: Final = 6
WITHIN_S: Final = 180.0


class World:
    """One stack. `board` follows every block from the start."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.broker = KafkaBroker([stack.urls["kafka"]])
        self.board = Board(stack.urls["api"])
        self._http = httpx.Client(trust_env=False, timeout=10)
        self._log = log_reader(stack.urls["kafka"])

    def open(self) -> None:
        publish_packs(self.broker, [bench_pack(BLOCKS)])
        self.board.start()

    def key(self, role: Role, units: frozenset[UnitId] | None = None) -> str:
        """A new key that the door knows; its sources begin with `/bench/<role>`."""
        issued = issue_key()
        principal = Principal(
            id=issued.id,
            name=role,
            campaign=CampaignId("bench"),
            role=role,
            origin="self" if role == "unit" else "department",
            source_prefix=f"/bench/{role}",
            key_hash=issued.key_hash,
            issued=datetime.now(UTC),
            units=units,
        )
        self.broker.append(PRINCIPALS, [Outgoing(issued.id, encode_principal(principal), PRINCIPAL_SCHEMA)])
        headers = {"Authorization": f"Bearer {issued.key}"}
        url = f"{self.stack.urls['ingest']}/v1/limits"
        wait_until(lambda: self._http.get(url, headers=headers).status_code == 200, "the door knows the key")
        return issued.key

    def ends(self) -> dict[int, int]:
        """The next offset of each partition of the events."""
        return log_ends(self._log)

    def accepted_since(self, starts: dict[int, int]) -> list[Accepted]:
        """What the door has written into the log from `starts` on."""
        return list(accepted_between(self.stack.urls["kafka"], starts, self.ends()))

    def records(self, topic: Topic) -> list[Held]:
        """Those of the campaign."""
        return [record for record in self.broker.read(topic) if record.key.startswith("bench/")]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        client = connect(ClickHouseSettings(clickhouse_url=self.stack.urls["clickhouse"]))
        try:
            return [tuple(row) for row in client.query(sql).result_rows]
        finally:
            client.close()

    def health(self, service: str) -> dict[str, Any]:
        """What the service's `/readyz` tells, ready or not; empty when it does not answer."""
        port = getattr(self.stack.layout.ports, service)
        try:
            return dict(self._http.get(f"http://127.0.0.1:{port}/readyz").json())
        except httpx.TransportError:
            return {}

    def pid(self, program: str) -> int:
        return next(one.pid or 0 for one in self.stack.status().processes if one.name == program)

    def memory_mb(self, program: str) -> float:
        return float(psutil.Process(self.pid(program)).memory_info().rss / 1e6)

    def wait_shown(self, accepted: list[Accepted]) -> None:
        """Returns when the board shows every accepted event."""
        newest = {record.block: record.offset for record in accepted}
        wait_until(
            lambda: all(self.board.offset_of(block) >= offset for block, offset in newest.items()),
            "the board shows everything",
        )

    def wait_counted(self, count: str, wanted: int) -> int:
        """What the query counts when it is as much as wanted, or else at the end: storage may lack what it has not heard of yet."""
        with suppress(TimeoutError):
            wait_until(lambda: int(self.query(count)[0][0]) >= wanted, count)
        return int(self.query(count)[0][0])

    def wait_stored(self) -> float:
        """Returns when storage has nothing before it; the seconds that it took."""
        return wait_until(
            lambda: (told := self.health("storage")).get("ready", False) and not any(told["lag"].values()),
            "everything is stored",
        )


@contextmanager
def running() -> Iterator[World]:
    """A world on a stack of its own, in a temporary folder that is gone afterwards."""
    with temporary_stack(PROGRAMS) as stack:
        world = World(stack)
        world.open()
        yield world


def wait_until(is_so: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> float:
    """The seconds that it took. Raises `TimeoutError`."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"not within {within_s:g} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def block_ids() -> list[BlockId]:
    return [BlockId(f"bench/b{number}") for number in range(BLOCKS)]


def unit_of(block: int, number: int) -> UnitId:
    return UnitId(f"b{block}-u{number % UNITS_A_BLOCK}")
