"""Storage on a real broker and the real engine: whatever is killed, and however often the log is read, the store is the same."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaProducer

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stack
from services.cli.auditing.run import STORAGE_GROUP
from services.cli.broker import KafkaBroker
from services.contracts import stored
from services.contracts.clickhouse import ClickHouseSettings, connect
from services.contracts.event_data import Place
from services.contracts.following import Record
from services.contracts.ids import BlockId, PackHash
from services.contracts.routing import partition_of
from services.contracts.stored import StoreReader
from services.contracts.topics import DEAD_LETTERS, EVALUATIONS, EVENTS, FLAGS, PACKS, RANKINGS
from tests.support import asking
from tests.support.packs import small_pack
from tests.support.stored_records import (
    BLOCK,
    dead_letter,
    dead_letter_record,
    evaluation,
    evaluation_record,
    event_record,
    flag,
    flag_record,
    published,
    ranking,
    ranking_record,
    record,
    report,
)
from tests.support.storing import wait_stored

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

DEADLINE_S = 240.0  # seconds as a rule: for machines that do much else
PARTITIONS = 3
PACK = small_pack()
SENT = (EVENTS, PACKS, RANKINGS, EVALUATIONS, FLAGS, DEAD_LETTERS)
DERIVED = (
    "raw_log",
    "events",
    "dead_letters",
    "packs",
    "pack_units",
    "pack_columns",
    "rankings",
    "ranking_history",
    "ranking_times",
    "ranking_steps",
    "record_times",
    "evaluations",
    "evaluation_copies",
    "evaluation_units",
    "evaluation_criteria",
    "flag_changes",
)


class Storage:
    """The service as a process of its own, on this stack."""

    def __init__(self, stack: Stack, folder: Path, **environment: str) -> None:
        self.url = f"http://127.0.0.1:{stack.layout.ports.storage}"
        self._log = (folder / f"storage-{time.monotonic_ns()}.log").open("wb")
        self._environment = {
            **os.environ,
            **stack.environment,
            "THIDUA_STORAGE_PORT": str(stack.layout.ports.storage),
            "THIDUA_STORAGE_BATCH_ROWS": "2000",  # many small batches: a kill falls between some of them
            **environment,
        }
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "services.storage", "run"]
        return subprocess.Popen(argv, env=self._environment, stdout=self._log, stderr=self._log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        self.process = self._start()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=90)

    def ready(self) -> bool:
        return bool(_get(f"{self.url}/readyz").get("ready"))


class World:
    """The stack with topics and tables, and a hand on the log."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.client = connect(ClickHouseSettings(clickhouse_url=stack.urls["clickhouse"]))
        self.reader = StoreReader(self.client)
        self._producer = KafkaProducer(bootstrap_servers=[stack.urls["kafka"]])
        self._broker = KafkaBroker([stack.urls["kafka"]])
        self.sent_events = 0

    def send(self, *records: Record) -> None:
        """Append the records; their own offsets do not matter."""
        futures = [
            self._producer.send(
                r.topic,
                key=r.key.encode(),
                value=r.value,
                headers=list(r.headers),
                partition=None if r.topic != EVENTS.name else partition_of(BlockId(r.key), PARTITIONS),
            )
            for r in records
        ]
        for future in futures:
            future.get(timeout=60)

    def send_events(self, records: int, each: int = 50) -> None:
        first = self.sent_events
        self.send(
            *(event_record(0, [report(first + n * each + i) for i in range(each)]) for n in range(records))
        )
        self.sent_events += records * each

    def send_results(self, first: int, count: int) -> None:
        for n in range(first, first + count):
            self.send(
                evaluation_record(0, evaluation(period=f"{2000 + n}", cause=Place(0, n, 0))),
                ranking_record(0, ranking(Place(0, n, 0))),
                flag_record(0, flag(Place(0, 100 + n, 0), state="ended" if n % 2 else "proposed")),
                dead_letter_record(0, dead_letter(Place(0, n, 3))),
            )

    def counts(self) -> dict[str, int]:
        return {row.name: row.rows for row in self.reader.rows(stored.COUNTS)}

    def content(self) -> dict[str, tuple[int, int]]:
        """Rows and a hash of everything in them, by table."""
        return {
            table: self.client.query(
                f"SELECT count(), groupBitXor(cityHash64(*)) FROM {table} FINAL"
            ).result_rows[0]
            for table in DERIVED
        }

    def wait_for(self, what: str, done: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + DEADLINE_S
        while not done():
            assert time.monotonic() < deadline_s, f"not within {DEADLINE_S:.0f} s: {what}\n{self._state()}"
            time.sleep(0.05)

    def _state(self) -> str:
        """What a failure is told by: counts, health, the end of the newest log."""
        log = max(self.folder.glob("storage-*.log"), key=lambda path: path.stat().st_mtime)
        health = _get(f"http://127.0.0.1:{self.stack.layout.ports.storage}/readyz")
        return f"{self.counts()}\n{health}\n{log.read_text()[-6000:]}"

    def wait_stored(self, group: str = STORAGE_GROUP) -> None:
        """Until every record of every topic is in all of its tables."""
        wait_stored(self._broker, *SENT, group=group, within_s=DEADLINE_S)

    def wait_for_counts(self, **expected: int) -> None:
        self.wait_for(f"{expected}", lambda: expected.items() <= self.counts().items())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("storage")
    with Stack(folder / "stack", programs=("kafka", "clickhouse"), ports=Ports.free()) as stack:
        for argv in (
            ["services.cli.main", "topics", "create", "--partitions", str(PARTITIONS)],
            ["services.storage", "migrate"],
            ["services.storage", "migrate"],
        ):
            subprocess.run([sys.executable, "-m", *argv], env=os.environ | stack.environment, check=True)
        yield World(stack, folder)


@pytest.fixture
def storage(world: World) -> Iterator[Storage]:
    storage = Storage(world.stack, world.folder)
    yield storage
    if storage.process.poll() is None:
        storage.kill()


def test_what_was_sent_is_stored_and_can_be_asked_for(world: World, storage: Storage) -> None:
    world.send_events(4)
    world.send(record(PACKS.name, PACK.body, key=PACK.hash))
    official = evaluation(period="1999", pack=PackHash(PACK.hash))
    sent = evaluation_record(0, official)
    world.send(sent, ranking_record(0, ranking(Place(0, 3, 1))), flag_record(0, flag(Place(0, 2, 0))))
    world.send(event_record(0, [published(official.id, "p1"), published(official.id, "refused")]))
    world.sent_events += 2
    world.send(dead_letter_record(0, dead_letter(Place(0, 1, 0), source="tiny/office", id="refused")))
    world.wait_for_counts(raw_log=202, events=202, evaluations=1, flag_changes=1, dead_letters=1, packs=1)
    world.wait_stored()
    world.wait_for("ready", storage.ready)

    read = world.reader.rows
    assert [row.body for row in read(stored.EVALUATION_BODIES, id=official.id)] == [sent.value]
    (listed,) = read(stored.EVALUATIONS, block=BLOCK)
    assert (listed.id, listed.period, listed.as_of, listed.bodies) == (official.id, "1999", official.as_of, 1)
    assert [(p.period, p.evaluation, p.principal) for p in read(stored.PUBLICATIONS, block=BLOCK)] == [
        ("1999", official.id, "office-1")
    ]
    assert [(u.unit, u.rank, u.score) for u in read(stored.EVALUATION_UNITS, id=official.id)] == [
        ("u2", 1, 90.0),
        ("u1", 2, 80.5),
        ("u3", None, None),
    ]
    (criterion,) = read(stored.EVALUATION_CRITERIA, id=official.id, unit="u1")
    assert (criterion.criterion, criterion.title_vi, criterion.actual) == ("cx", "Thử", 7.5)
    assert [(p.period, p.rank, p.of) for p in read(stored.UNIT_HISTORY, block=BLOCK, unit="u1")] == [
        ("1999", 2, 2)
    ]
    assert [(s.unit, s.rank) for s in read(stored.NEWEST_SCORES, block=BLOCK)] == [
        ("u2", 1),
        ("u1", 2),
        ("u3", None),
    ]
    for scope in (BLOCK, "tiny"):
        assert [f.state for f in read(stored.FLAGS, scope=scope)] == ["proposed"]
        assert [(c.block, c.events) for c in read(stored.EVENT_COUNTS, scope=scope)] == [(BLOCK, 202)]
    assert read(stored.FLAGS, scope="tin") == []
    assert [d.reason for d in read(stored.DEAD_LETTERS, scope="")] == ["unknown-unit"]
    assert len(read(stored.RANKING_HISTORY, block=BLOCK, unit="u1", seconds=3600)) == 1
    assert {f.step for f in read(stored.FRESHNESS, seconds=3600)} == {"logged", "ranked", "stored"}
    assert storage.stop() == 0


def test_killed_at_any_moment_it_stores_everything_once_and_reading_again_changes_nothing(
    world: World, storage: Storage
) -> None:
    before = world.counts()
    world.send_results(0, 20)
    for kills in range(3):
        world.send_events(60)
        target = before["raw_log"] + 1_000 + kills * 3_000
        world.wait_for(f"{target} rows", lambda at=target: world.counts()["raw_log"] >= at)  # type: ignore[misc]
        storage.kill()
        storage.restart()
    grown = {name: before[name] + 20 for name in ("evaluations", "flag_changes", "dead_letters")}
    world.wait_for_counts(raw_log=world.sent_events, events=world.sent_events, **grown)
    world.wait_stored()
    assert storage.stop() == 0

    content = world.content()
    again = Storage(world.stack, world.folder, THIDUA_STORAGE_GROUP="again")
    try:
        world.wait_stored("again")
        world.wait_for("the log read again", lambda: again.ready() and _lag(again) == 0)
    finally:
        code = again.stop()
    assert code == 0
    assert world.content() == content


def test_while_the_engine_is_down_it_waits_and_loses_nothing(world: World, storage: Storage) -> None:
    world.wait_for("ready", storage.ready)
    world.stack.kill("clickhouse")
    world.send_events(100)
    world.wait_for("the engine again", lambda: _answers(world))
    world.wait_for_counts(raw_log=world.sent_events, events=world.sent_events)
    assert storage.process.poll() is None
    assert storage.stop() == 0


def test_without_an_engine_it_waits_and_says_so_and_ends_when_told(world: World) -> None:
    storage = Storage(world.stack, world.folder, THIDUA_CLICKHOUSE_URL="http://127.0.0.1:9")
    try:
        world.wait_for("not ready, and says why", lambda: "ClickHouse" in str(_get(f"{storage.url}/readyz")))
    finally:
        code = storage.stop()
    assert code == 0


def test_copies_of_an_evaluation_that_differ_stay_both_and_are_found(world: World, storage: Storage) -> None:
    first = evaluation(period="1980")
    other = evaluation(period="1980", chain="d" * 64)
    world.send(evaluation_record(0, first), evaluation_record(0, first), evaluation_record(0, other))

    def copies() -> list[Any]:
        return [c for c in world.reader.rows(stored.EVALUATION_COPIES, block=BLOCK) if c.id == first.id]

    world.wait_for("three copies", lambda: len(copies()) == 3)
    bodies = world.reader.rows(stored.EVALUATION_BODIES, id=first.id)
    assert [body.sha256 for body in bodies] == [
        hashlib.sha256(evaluation_record(0, of).value or b"").hexdigest() for of in (first, other)
    ]
    (listed,) = (e for e in world.reader.rows(stored.EVALUATIONS, block=BLOCK) if e.id == first.id)
    assert (listed.bodies, listed.chain) == (2, first.chain)
    assert len(world.reader.rows(stored.EVALUATION_UNITS, id=first.id)) == 3
    assert world.client.query("SELECT id, bodies FROM differing_evaluations").result_rows == [(first.id, 2)]


def test_a_late_copy_of_an_older_ranking_does_not_win(world: World, storage: Storage) -> None:
    newest = ranking(Place(0, 9_000, 1), period="newest")
    late = [ranking(Place(0, 9_000, 0), period="late"), ranking(Place(0, 8_999, 7), period="late")]
    world.send(ranking_record(0, newest), *(ranking_record(0, of) for of in late))
    causes = "SELECT count() FROM ranking_times FINAL WHERE cause_offset >= 8999"
    world.wait_for("all three stored", lambda: world.client.command(causes) == 3)
    assert [row.period for row in world.reader.rows(stored.RANKING, block=BLOCK)] == ["newest"]


def test_a_result_that_cannot_be_read_becomes_a_dead_letter_in_the_store(
    world: World, storage: Storage
) -> None:
    world.send(record(EVALUATIONS.name, b'{"id":"broken"}'))

    def letters() -> list[Any]:
        return [d for d in world.reader.rows(stored.DEAD_LETTERS, scope=BLOCK) if d.topic == EVALUATIONS.name]

    world.wait_for("its letter", lambda: len(letters()) == 1)
    assert letters()[0].body == b'{"id":"broken"}'
    assert letters()[0].reason == "bad-record"


def _lag(storage: Storage) -> int:
    return sum(_get(f"{storage.url}/readyz")["lag"].values())


def _get(url: str) -> dict[str, Any]:
    try:
        return dict(asking.get(url).json())
    except httpx.HTTPError:
        return {}


def _answers(world: World) -> bool:
    try:
        return bool(world.client.ping())
    except Exception:
        return False
