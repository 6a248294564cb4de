"""What fails has ClickHouse's code, status and text, and disturbs nothing else."""

from pathlib import Path

import httpx
import pytest

from tests.contract.clickhouse_http.server import ServerProcess, running


@pytest.mark.parametrize(
    ("params", "sql", "status", "code"),
    [
        ({}, "SELECT * FROM nothing", 404, 60),
        ({"database": "nothing"}, "SELECT 1", 404, 81),
        ({}, "SELEC 1", 400, 62),
        ({}, "", 400, 62),
        ({}, "SELECT 1; SELECT 2", 400, 62),
        ({}, "SELECT nothing", 404, 47),
        ({"no_such_setting": "1"}, "SELECT 1", 404, 115),
        ({"a b": "1"}, "SELECT 1", 404, 115),
        ({}, "SELECT {x:String}", 500, 456),
        ({"param_x": "many"}, "SELECT {x:UInt8}", 500, 457),
        ({}, "SELECT 1 FORMAT Nothing", 404, 73),
        ({}, "SELECT throwIf(number = 3) FROM numbers(5)", 500, 395),
        ({"max_execution_time": "0.2"}, "SELECT sum(sipHash64(number)) FROM numbers(100000000000)", 408, 159),
        ({"session_id": "s", "session_check": "1"}, "SELECT 1", 500, 372),
    ],
)
def test_a_failure_has_the_code_and_status_of_the_server(
    http: httpx.Client, params: dict[str, str], sql: str, status: int, code: int
) -> None:
    answer = http.post("/", params=params | {"query_id": "failing"}, content=sql)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (status, str(code))
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
    assert "(version 26." in answer.text
    assert answer.headers["X-ClickHouse-Query-Id"] == "failing"


def test_a_failure_in_the_middle_of_a_stream_is_told_by_the_tag(http: httpx.Client) -> None:
    answer = http.post("/", content="SELECT throwIf(number = 900000), 'text' FROM numbers(1000000)")
    tag = answer.headers["X-ClickHouse-Exception-Tag"]
    assert answer.status_code == 200
    _, _, told = answer.text.partition(f"__exception__\r\n{tag}\r\n")
    assert told.startswith("Code: 395. DB::Exception: ")
    assert told.endswith(f" {tag}\r\n__exception__\r\n")


def test_the_same_failure_has_its_own_status_when_the_client_waits_for_the_end(http: httpx.Client) -> None:
    sql = "SELECT throwIf(number = 900000), 'text' FROM numbers(1000000)"
    answer = http.post("/", params={"wait_end_of_query": "1"}, content=sql)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (500, "395")


def test_without_a_password_everybody_is_let_in(http: httpx.Client) -> None:
    assert http.post("/", auth=("anyone", "anything"), content="SELECT 1").text == "1\n"
    headers = {"X-ClickHouse-User": "anyone", "X-ClickHouse-Key": "anything"}
    assert http.post("/", headers=headers, content="SELECT 1").text == "1\n"


def test_with_a_password_only_its_user_is_let_in(tmp_path: Path) -> None:
    environment = {"THIDUA_CLICKHOUSE_USER": "thidua", "THIDUA_CLICKHOUSE_PASSWORD": "secret"}
    with running(tmp_path, environment) as server, server.http() as http:
        right = {"X-ClickHouse-User": "thidua", "X-ClickHouse-Key": "secret"}
        assert http.post("/", headers=right, content="SELECT 1").text == "1\n"
        assert http.post("/", auth=("thidua", "secret"), content="SELECT 1").text == "1\n"
        assert (
            http.post("/", params={"user": "thidua", "password": "secret"}, content="SELECT 1").text == "1\n"
        )
        assert server.client(username="thidua", password="secret").command("SELECT 1") == 1
        for wrong in (right | {"X-ClickHouse-Key": "guess"}, right | {"X-ClickHouse-User": "root"}, {}):
            answer = http.post("/", headers=wrong, content="SELECT 1")
            assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (403, "516")
        assert http.get("/ping").text == "Ok.\n"


def test_a_query_above_the_memory_limit_fails_and_the_server_stays(tmp_path: Path) -> None:
    with running(tmp_path, {"THIDUA_CLICKHOUSE_MEMORY_LIMIT_MIB": "128"}) as server, server.http() as http:
        greedy = http.post("/", content="SELECT length(groupArray(toString(number))) FROM numbers(100000000)")
        assert (greedy.status_code, greedy.headers["X-ClickHouse-Exception-Code"]) == (500, "241")
        assert http.post("/", content="SELECT 1").text == "1\n"


def test_a_client_talks_to_the_server_it_reached(server: ServerProcess) -> None:
    assert server.client().server_version.startswith("26.")
