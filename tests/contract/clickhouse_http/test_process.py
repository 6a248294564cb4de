"""The server as a process: one owner of a directory, a clean end, and nothing lost in a bad one."""

import contextlib
import os
import subprocess
import threading
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import Error

from tests.contract.clickhouse_http.server import command, running

MEMORY_MIB = 600  # the whole stack has 2.5 GB


def test_a_second_server_on_a_directory_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path):
        second = subprocess.run(command(tmp_path), capture_output=True, text=True, timeout=120, check=False)
    assert second.returncode == 1
    assert second.stderr.strip() == (
        f"Cannot start the ClickHouse server: another server owns {tmp_path}; "
        "stop it first or give another --path."
    )


def test_a_taken_port_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path / "first") as first:
        second = subprocess.run(
            command(tmp_path / "second", first.port), capture_output=True, text=True, timeout=120, check=False
        )
    assert second.returncode == 1
    assert f"127.0.0.1:{first.port} cannot be bound" in second.stderr
    assert len(second.stderr.splitlines()) == 1


def test_a_path_that_is_no_directory_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    refused = subprocess.run(command(file), capture_output=True, text=True, timeout=120, check=False)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)


def test_a_setting_that_is_not_right_is_refused_in_one_sentence(tmp_path: Path) -> None:
    environment = os.environ | {"THIDUA_CLICKHOUSE_WORKER_THREADS": "many"}
    refused = subprocess.run(
        command(tmp_path), capture_output=True, text=True, timeout=120, check=False, env=environment
    )
    assert refused.returncode == 2
    assert refused.stderr == "THIDUA_CLICKHOUSE_WORKER_THREADS 'many' must be a whole number.\n"


def test_it_ends_cleanly_and_keeps_its_data(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with server.client() as client:
            client.command("CREATE DATABASE kept")
            client.command("CREATE TABLE kept.t (a UInt64) ENGINE = MergeTree ORDER BY a")
            client.insert("kept.t", [[1], [2]])
        assert server.stop() == 0
    with running(tmp_path) as server, server.client() as client:
        assert client.command("SELECT count() FROM kept.t") == 2


def test_a_long_query_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        client = server.client()

        def ask() -> None:
            with contextlib.suppress(Error):
                client.query("SELECT sum(sipHash64(number)) FROM numbers(900000000000)")

        asking = threading.Thread(target=ask)
        asking.start()
        watcher = server.client()
        while (
            watcher.command("SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number)%'")
            == 1
        ):
            pass  # only the watching query itself; pytest's time limit is the deadline
        assert server.stop() == 0
        asking.join()


@pytest.mark.parametrize("database", ["default", "own"])
def test_inserts_that_were_answered_survive_kill_9(tmp_path: Path, database: str) -> None:
    answered = 0
    with running(tmp_path) as server:
        with server.client() as client:
            client.command(f"CREATE DATABASE IF NOT EXISTS {database}")
            client.command(f"CREATE TABLE {database}.t (a UInt64) ENGINE = MergeTree ORDER BY a")
        enough = threading.Event()

        def write() -> None:
            nonlocal answered
            with server.client() as writer, contextlib.suppress(Error):
                while True:
                    writer.insert(f"{database}.t", [[answered * 1000 + row] for row in range(1000)])
                    answered += 1
                    if answered == 20:
                        enough.set()

        writing = threading.Thread(target=write)
        writing.start()
        assert enough.wait(180)
        server.kill()
        writing.join()
    with running(tmp_path) as server, server.client() as client:
        stored = client.command(f"SELECT uniqExact(a) FROM {database}.t")
        assert stored in (answered * 1000, (answered + 1) * 1000)


def test_millions_of_rows_fit_its_share_of_the_memory(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        client.command(
            "CREATE TABLE t (a UInt64, s String, v Float64) ENGINE = ReplacingMergeTree ORDER BY a"
        )
        peak = 0
        for batch in range(20):
            numbers = range(batch * 100_000, (batch + 1) * 100_000)
            client.insert(
                "t",
                [list(numbers), [f"unit {number}" for number in numbers], [1.5] * 100_000],
                column_names=["a", "s", "v"],
                column_oriented=True,
            )
            peak = max(peak, server.resident_mib())
        assert client.command("SELECT count() FROM t FINAL WHERE v > 1") == 2_000_000
        peak = max(peak, server.resident_mib())
    assert peak < MEMORY_MIB
