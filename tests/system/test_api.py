"""The api as a process, on a real broker and the real engine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from kafka import KafkaProducer

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stack
from services.contracts.following import Record
from services.contracts.topics import PACKS
from tests.support import asking
from tests.support.boards import BoardBuilder, Topics, build_pack

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

DEADLINE_S = 180.0


def wait_for(what: str, done: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not done():
        assert time.monotonic() < deadline_s, f"not within {DEADLINE_S:.0f} s: {what}"
        time.sleep(0.05)


class World:
    """Broker and engine with topics and tables, storage running, and a hand on the topics."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.environment = os.environ | stack.environment
        self._producer = KafkaProducer(bootstrap_servers=[stack.urls["kafka"]])

    def send(self, *records: Record) -> None:
        for r in records:
            partition = 0 if r.topic == PACKS.name else r.partition
            sent = self._producer.send(
                r.topic, key=r.key.encode(), value=r.value, headers=list(r.headers), partition=partition
            )
            sent.get(timeout=60)

    @contextmanager
    def process(self, *argv: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / f"{argv[0]}-{time.monotonic_ns()}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *argv], env=self.environment | environment, stdout=log, stderr=log
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    @contextmanager
    def api(self, **environment: str) -> Iterator["RunningApi"]:
        port = self.stack.layout.ports.api
        with self.process("services.api", THIDUA_API_PORT=str(port), **environment) as process:
            yield RunningApi(process, f"http://127.0.0.1:{port}")


class RunningApi:
    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = url
        wait_for("the api is ready", self.ready)

    def ready(self) -> bool:
        try:
            return asking.get(f"{self.url}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def get(self, address: str) -> httpx.Response:
        return asking.get(f"{self.url}{address}", timeout=60)

    def first_frame(self, after: str = "") -> dict[str, str]:
        """The first event of a new stream, by field."""
        with httpx.stream("GET", f"{self.url}/v1/stream", params={"after": after}, timeout=60) as answer:
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                if not line and "event" in fields:
                    return fields
                key, _, value = line.partition(": ")
                fields[key] = value
        raise AssertionError("the stream ended")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("api")
    with Stack(folder / "stack", programs=("kafka", "clickhouse"), ports=Ports.free()) as stack:
        for argv in (
            ["services.cli.main", "topics", "create", "--partitions", "4"],
            ["services.storage", "migrate"],
        ):
            subprocess.run([sys.executable, "-m", *argv], env=os.environ | stack.environment, check=True)
        yield World(stack, folder)


def test_what_scoring_publishes_is_served_live_and_official_and_survives_kill_and_restart(
    world: World,
) -> None:
    board, topics = BoardBuilder(build_pack("mau", 12)), Topics(partition=3)
    official = board.evaluation("2026-10")
    ranking_at = f"/v1/blocks/{board.block}/ranking"
    with world.process("services.storage", "run", THIDUA_STORAGE_PORT=str(world.stack.layout.ports.storage)):
        world.send(
            topics.pack(board.pack), topics.result(board.ranking(datetime.now(UTC))), topics.result(official)
        )
        with world.api() as api:
            assert len(api.get(ranking_at).json()["units"]) == 12
            wait_for(
                "the evaluation is stored", lambda: api.get(f"{ranking_at}?period=2026-10").status_code == 200
            )
            assert api.get(f"{ranking_at}?evaluation={official.id}").json()["official"]["id"] == official.id
            (point,) = api.get("/v1/units/mau/u001").json()["history"]  # stored before its evaluation is
            assert point["period"] == "2026-10"

            took_s = []
            for score in (0.97, 0.98, 0.99):  # a busy machine makes one slow now and then
                began = time.monotonic()
                board.push("u001", score)
                world.send(topics.result(board.ranking(datetime.now(UTC))))
                wait_for(
                    "the new ranking", lambda: api.get(ranking_at).json()["cause"] == [3, board.offset, 0]
                )
                took_s.append(time.monotonic() - began)
            assert min(took_s) < 5
            seen = api.first_frame()
            api.process.kill()

        board.push("u001", 0.5)
        world.send(topics.result(board.ranking(datetime.now(UTC))))
        with world.api() as api:
            missed = api.first_frame(after=seen["id"])
            assert missed["event"] == "ranking"
            assert f'"cause":[3,{board.offset},0]' in missed["data"]
            api.process.send_signal(signal.SIGTERM)
            assert api.process.wait(timeout=60) == 0


def test_without_clickhouse_the_live_board_is_served_and_official_results_are_503(world: World) -> None:
    board, topics = BoardBuilder(build_pack("khac", 8)), Topics(partition=2)
    official = board.evaluation("2026-10")
    world.send(
        topics.pack(board.pack), topics.result(board.ranking(datetime.now(UTC))), topics.result(official)
    )
    with world.api(THIDUA_CLICKHOUSE_URL="http://127.0.0.1:1") as api:
        assert api.get(f"/v1/blocks/{board.block}/ranking").status_code == 200
        assert "khối 8 xã, phường" in api.get(f"/?block={board.block}").text
        answer = api.get(f"/v1/blocks/{board.block}/ranking?evaluation={official.id}")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
