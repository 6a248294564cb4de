"""A reader queries and changes nothing, whatever it sends."""

from collections.abc import Iterator

import httpx
import pytest

from tests.contract.clickhouse_http.server import ServerProcess, running

READER = ("grafana", "look")
OWNER = ("thidua", "secret")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    names = ("USER", "PASSWORD", "READER", "READER_PASSWORD")
    environment = {
        f"THIDUA_CLICKHOUSE_{name}": text for name, text in zip(names, OWNER + READER, strict=True)
    }
    with running(tmp_path_factory.mktemp("guarded"), environment) as server:
        with server.http() as http:
            http.post("/", auth=OWNER, content="CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
            http.post("/", auth=OWNER, content="INSERT INTO t VALUES (7)")
        yield server


@pytest.fixture
def asking(guarded: ServerProcess) -> Iterator[httpx.Client]:
    with guarded.http() as client:
        client.auth = httpx.BasicAuth(*READER)
        yield client


def test_a_reader_queries_with_settings_and_temporary_tables(asking: httpx.Client) -> None:
    assert asking.post("/", params={"max_execution_time": "5"}, content="SELECT a FROM t").text == "7\n"
    kept = {"session_id": "notes", "max_threads": "1"}
    assert asking.post("/", params=kept, content="CREATE TEMPORARY TABLE n (a UInt8)").status_code == 200
    assert asking.post("/", params=kept, content="SELECT count() FROM n").text == "0\n"


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (1)",
        "INSERT INTO t SELECT 1",
        "DROP TABLE t",
        "CREATE DATABASE d",
        "ALTER TABLE t DELETE WHERE 1",
        "SET readonly = 0",
    ],
)
@pytest.mark.parametrize(
    "params", [{}, {"readonly": "0"}, {"session_id": "s"}, {"session_id": "r", "readonly": "0"}]
)
def test_a_reader_changes_nothing(asking: httpx.Client, sql: str, params: dict[str, str]) -> None:
    answer = asking.post("/", params=params, content=sql)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "164"
    assert asking.post("/", content="SELECT a FROM t").text == "7\n"


def test_a_reader_needs_its_password(guarded: ServerProcess) -> None:
    with guarded.http() as http:
        assert http.post("/", auth=(READER[0], "guess"), content="SELECT 1").status_code == 403


def test_sessions_of_two_users_are_two_sessions(guarded: ServerProcess, asking: httpx.Client) -> None:
    mine = {"session_id": "shared"}
    with guarded.http() as owner:
        owner.post("/", auth=OWNER, params=mine, content="CREATE TEMPORARY TABLE secret (a UInt8)")
        assert owner.post("/", auth=OWNER, params=mine, content="EXISTS TEMPORARY TABLE secret").text == "1\n"
    assert asking.post("/", params=mine, content="EXISTS TEMPORARY TABLE secret").text == "0\n"
