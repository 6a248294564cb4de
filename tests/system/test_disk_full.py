"""A full disk under Kafka, or under ClickHouse: a clear state while it lasts, and recovery without a hand once there is room.

Run by hand, as it mounts small file systems, which takes root, and a minute:

    THIDUA_TEST_DISKS=1 pytest tests/system/test_disk_full.py
"""

import os
import secrets
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import msgspec
import pytest

from bench.outages.world import World
from deploy.embedded.stack import Stack
from deploy.embedded.steps import STEPS
from services.cli.doctor import Doctor
from services.cli.door import BATCH_MEDIA_TYPE, DoorClient
from services.cli.publishing import publish_packs
from tests.door_samples import UNIT_KEY, report, small_pack
from tests.system.test_door import STRUCTURED, logged, prepare

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not os.environ.get("THIDUA_TEST_DISKS"), reason="mounts file systems: set THIDUA_TEST_DISKS"
    ),
]

PROGRAMS = ("kafka", "clickhouse", "storage", "scoring", "ingest", "api")
DEADLINE_S = 40.0
BATCH = 20
NOTE_BYTES = 4_000
"""Large events that nothing compresses, so that a full disk is met soon."""


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "thidua-test", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("disk-full")
    steps = [step for step in STEPS if step.name in ("topics", "migrate")]
    stack = Stack(folder, programs=PROGRAMS, steps=steps)
    with small_disk(kafka_disk(stack), 96), small_disk(stack.layout.clickhouse_dir, 128), stack:
        prepare(stack)
        yield stack


@pytest.fixture(scope="module")
def world(stack: Stack) -> World:
    """The stack, and a reader of its board."""
    world = World(stack)
    publish_packs(world.broker, [small_pack()])
    world.board.start()
    return world


def kafka_disk(stack: Stack) -> Path:
    return stack.layout.kafka_dir / "log"


def until(what: str, is_so: Callable[[], bool], state: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S:g} s: {what} {state()}"
        time.sleep(0.1)


@contextmanager
def filled(folder: Path) -> Iterator[Callable[[], None]]:
    """Takes every free byte, again whenever the result is called, and gives all back at the end."""
    fillers: list[Path] = []

    def fill() -> None:
        fillers.append(folder / f"filler-{len(fillers)}")
        with suppress(OSError), fillers[-1].open("wb", buffering=0) as file:
            while file.write(b"\0" * 4096):
                pass

    try:
        fill()
        yield fill
    finally:
        for filler in fillers:
            filler.unlink(missing_ok=True)


def push(stack: Stack, name: str) -> httpx.Response:
    """A batch whose ids begin with the name."""
    events = [report(id=f"{name}-{number}") for number in range(BATCH)]
    for event in events:
        event["data"]["note"] = secrets.token_urlsafe(NOTE_BYTES)[:NOTE_BYTES]
    url, headers = f"{stack.urls['ingest']}/v1/events", STRUCTURED | {"Content-Type": BATCH_MEDIA_TYPE}
    return httpx.post(url, content=msgspec.json.encode(events), headers=headers, trust_env=False, timeout=30)


def ids_of(batches: set[str]) -> set[str]:
    return {f"{name}-{number}" for name in batches for number in range(BATCH)}


def problems(stack: Stack) -> dict[str, str]:
    return {
        found.subject: f"{found.what} → {found.next_step}"
        for found in Doctor(stack).examine()
        if not found.ok
    }


def test_a_full_disk_under_kafka_is_said_and_once_there_is_room_everything_goes_on(stack: Stack) -> None:
    assert push(stack, "kafka-first").status_code == 200
    accepted, refused = {"kafka-first"}, None
    with filled(kafka_disk(stack)) as fill_again:
        for number in range(50):
            answer = push(stack, f"kafka-{number}")
            if answer.status_code != 200:
                refused = answer
                break
            accepted.add(f"kafka-{number}")
            fill_again()
        assert refused is not None
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:thidua:problem:log-unavailable")
        assert "retry-after" in refused.headers
        assert "make room there" in problems(stack)["disk"]
        until("the broker has ended itself", lambda: problems(stack).get("kafka", "").startswith("backoff"))

    with DoorClient(stack.urls["ingest"], UNIT_KEY, deadline_s=DEADLINE_S) as client:
        assert client.push([report(id="kafka-last")])[0].status == "accepted"
    in_log = Counter(event.id for event in logged(stack))
    wanted = ids_of(accepted) | {"kafka-last"}
    assert {name: in_log[name] for name in wanted} == dict.fromkeys(wanted, 1)


def test_a_full_disk_under_clickhouse_is_said_holds_up_nobody_else_and_once_there_is_room_storage_catches_up(
    stack: Stack, world: World
) -> None:
    accepted, starts = {"store-first"}, world.ends()
    assert push(stack, "store-first").status_code == 200
    world.wait_stored()
    with filled(stack.layout.clickhouse_dir) as fill_again:
        for number in range(50):
            assert push(stack, f"store-{number}").status_code == 200
            accepted.add(f"store-{number}")
            fill_again()
            world.wait_shown(world.accepted_since(starts))
            if is_out_of_room(world):
                break
        until("storage says so", lambda: is_out_of_room(world), lambda: world.health("storage"))
        os.kill(
            world.pid("clickhouse"), signal.SIGKILL
        )  # it starts again on a full disk too, or once there is room
        assert push(stack, "store-meanwhile").status_code == 200
        accepted.add("store-meanwhile")
        world.wait_shown(world.accepted_since(starts))
        assert "make room there" in problems(stack)["disk"]

    world.wait_stored()
    for table in ("events", "raw_log"):
        for final in ("", " FINAL"):
            rows = world.query(
                f"SELECT id, count() FROM {table}{final} WHERE startsWith(id, 'store-') GROUP BY id"
            )
            assert dict(rows) == dict.fromkeys(ids_of(accepted), 1), (table, final)


def is_out_of_room(world: World) -> bool:
    """Whether storage names the want of room as what it waits for."""
    waiting_for = world.health("storage").get("waiting_for") or ""
    return "NOT_ENOUGH_SPACE" in waiting_for or "No space left on device" in waiting_for
