"""The logs know statements by the ids that clients gave them."""

import uuid

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from tests.contract.clickhouse_http.server import ServerProcess


def logged(http: httpx.Client, query_id: str, columns: str) -> list[list[str]]:
    answer = http.post("/", content=f"SELECT {columns} FROM system.query_log WHERE query_id = '{query_id}'")
    assert answer.status_code == 200, answer.text
    return [line.split("\t") for line in answer.text.splitlines()]


def test_a_statement_is_found_by_its_id(client: Client, http: httpx.Client) -> None:
    given = f"id-{uuid.uuid4()}"
    client.query("SELECT number FROM numbers(5)", settings={"query_id": given})
    rows = logged(
        http, given, "type, user, result_rows, event_time > now() - 60, query LIKE 'SELECT number%'"
    )
    assert rows == [["QueryFinish", "default", "5", "1", "1"]]


def test_an_id_that_the_server_chose_is_there_as_well(client: Client, http: httpx.Client) -> None:
    chosen = client.query("SELECT 1").query_id
    assert uuid.UUID(chosen).version == 4
    assert logged(http, chosen, "query_id") == [[chosen]]


def test_a_failure_is_logged_with_its_code(http: httpx.Client) -> None:
    http.post("/", params={"query_id": "soon"}, content="SELECT * FROM nothing")
    assert logged(http, "soon", "type, exception_code") == [["ExceptionWhileProcessing", "60"]]
    http.post(
        "/", params={"query_id": "late"}, content="SELECT throwIf(number = 900000) FROM numbers(1000000)"
    )
    assert logged(http, "late", "type, exception_code") == [["ExceptionWhileProcessing", "395"]]


def test_an_insert_is_logged_with_its_rows(client: Client, http: httpx.Client) -> None:
    client.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
    summary = client.insert("t", [[1], [2]], column_names=["a"])
    assert logged(http, summary.query_id(), "written_rows, startsWith(query, 'INSERT INTO')") == [["2", "1"]]


def test_a_session_is_logged_once(server: ServerProcess, http: httpx.Client) -> None:
    with server.client(session_id="seen") as client:
        client.command("SELECT 1")
        client.command("SELECT 2")
    answer = http.post("/", content="SELECT user FROM system.session_log WHERE session_id = 'seen'")
    assert answer.text == "default\n"


@pytest.mark.parametrize("asked", ["SYSTEM FLUSH LOGS", "SELECT count() > 0 FROM system.query_log"])
def test_the_log_may_be_flushed_and_asked_at_any_time(http: httpx.Client, asked: str) -> None:
    assert http.post("/", content=asked).status_code == 200
