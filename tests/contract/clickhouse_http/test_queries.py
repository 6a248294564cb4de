"""Statements reach the engine in every way that ClickHouse's HTTP interface takes them."""

import json

import brotli
import httpx
import lz4.frame
import pytest
import zstandard


def test_it_says_that_it_is_there(http: httpx.Client) -> None:
    for path in ("/", "/ping", "/replicas_status"):
        answer = http.get(path)
        assert (answer.status_code, answer.text) == (200, "Ok.\n")


def test_a_path_that_is_not_served_is_not_found(http: httpx.Client) -> None:
    assert http.get("/nothing").status_code == 404


def test_a_statement_comes_in_the_url_the_body_or_both(http: httpx.Client) -> None:
    assert http.get("/", params={"query": "SELECT 1"}).text == "1\n"
    assert http.post("/", params={"query": "SELECT 1"}).text == "1\n"
    assert http.post("/", content="SELECT 1").text == "1\n"
    assert http.post("/", params={"query": "SELECT 1"}, content="+ 1").text == "2\n"


def test_a_statement_comes_in_a_form(http: httpx.Client) -> None:
    fields = {"query": (None, "SELECT {text:String} AS text"), "param_text": (None, "đúng\\n")}
    answer = http.post("/", files=fields, params={"default_format": "JSONEachRow"})
    assert answer.json() == {"text": "đúng\n"}


def test_an_answer_names_its_query_format_zone_and_counts(http: httpx.Client) -> None:
    answer = http.post("/", params={"query_id": "q-1"}, content="SELECT number FROM numbers(10) FORMAT CSV")
    headers = answer.headers
    assert headers["X-ClickHouse-Query-Id"] == "q-1"
    assert headers["X-ClickHouse-Format"] == "CSV"
    assert headers["X-ClickHouse-Timezone"]
    assert headers["X-ClickHouse-Server-Display-Name"]
    assert json.loads(headers["X-ClickHouse-Summary"])["result_rows"] == "10"
    assert headers["Content-Type"].startswith("text/csv")


def test_a_statement_without_a_result_has_no_format(http: httpx.Client) -> None:
    answer = http.post("/", content="CREATE DATABASE IF NOT EXISTS without_result")
    assert answer.status_code == 200
    assert "X-ClickHouse-Format" not in answer.headers
    assert answer.content == b""


@pytest.mark.parametrize(
    ("params", "headers"),
    [({"default_format": "JSONEachRow"}, {}), ({}, {"X-ClickHouse-Format": "JSONEachRow"})],
)
def test_the_format_has_a_default_that_a_clause_overrules(
    http: httpx.Client, params: dict[str, str], headers: dict[str, str]
) -> None:
    assert http.post("/", params=params, headers=headers, content="SELECT 1 AS a").text == '{"a":1}\n'
    assert http.post("/", params=params, headers=headers, content="SELECT 1 AS a FORMAT CSV").text == "1\n"


def test_the_database_comes_in_the_url_or_a_header(http: httpx.Client) -> None:
    asked = "SELECT currentDatabase()"
    assert http.post("/", params={"database": "system"}, content=asked).text == "system\n"
    assert http.post("/", headers={"X-ClickHouse-Database": "system"}, content=asked).text == "system\n"
    assert http.post("/", content=asked).text == "default\n"


def test_a_bound_parameter_is_data_whatever_it_holds(http: httpx.Client) -> None:
    hostile = "'; DROP TABLE t; -- {x:String} \\\\"
    answer = http.post("/", params={"param_x": hostile}, content="SELECT {x:String} FORMAT RawBLOB")
    assert answer.text == hostile.replace("\\\\", "\\")
    arrays = http.post("/", params={"param_x": "['a','b']"}, content="SELECT {x:Array(String)}[2]")
    assert arrays.text == "b\n"


def test_a_setting_holds_for_its_own_request_only(http: httpx.Client) -> None:
    asked = "SELECT getSetting('max_threads')"
    before = http.post("/", content=asked).text
    assert http.post("/", params={"max_threads": "1"}, content=asked).text == "1\n"
    assert http.post("/", content=asked).text == before


def test_a_get_changes_nothing(http: httpx.Client) -> None:
    answer = http.get("/", params={"query": "CREATE DATABASE never"})
    assert answer.headers["X-ClickHouse-Exception-Code"] == "164"
    assert "never" not in http.get("/", params={"query": "SHOW DATABASES"}).text


@pytest.mark.parametrize(
    "format_name",
    [
        "TabSeparated",
        "CSVWithNames",
        "TSVWithNamesAndTypes",
        "JSONEachRow",
        "JSONCompactEachRowWithNames",
        "JSON",
    ],
)
@pytest.mark.parametrize("wait", ["0", "1"])
def test_a_result_of_many_blocks_is_one_result(http: httpx.Client, format_name: str, wait: str) -> None:
    answer = http.post(
        "/",
        params={"wait_end_of_query": wait, "default_format": format_name},
        content="SELECT number AS n FROM numbers(200000)",
    )
    heads = {"CSVWithNames": 1, "TSVWithNamesAndTypes": 2, "JSONCompactEachRowWithNames": 1}
    if format_name == "JSON":
        assert [int(row["n"]) for row in answer.json()["data"]] == list(range(200_000))
    else:
        lines = answer.text.splitlines()
        assert len(lines) == 200_000 + heads.get(format_name, 0)
        assert "199999" in lines[-1]


@pytest.mark.parametrize(
    ("encoding", "decode"),
    [
        ("lz4", lz4.frame.decompress),
        ("zstd", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
        ("br", brotli.decompress),
    ],
)
def test_an_answer_is_compressed_as_the_client_asks(
    http: httpx.Client, encoding: str, decode: object
) -> None:
    request = http.build_request(
        "POST", "/", headers={"Accept-Encoding": encoding}, content="SELECT 'x' FROM numbers(70000)"
    )
    answer = http.send(request, stream=True)
    raw = b"".join(answer.iter_raw())
    assert answer.headers["Content-Encoding"] == encoding
    assert callable(decode)
    assert decode(raw) == b"x\n" * 70_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_encodings_of_browsers_work_too(http: httpx.Client, encoding: str) -> None:
    answer = http.post("/", headers={"Accept-Encoding": encoding}, content="SELECT 'x' FROM numbers(70000)")
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.text == "x\n" * 70_000


def test_an_answer_is_plain_when_compression_is_off(http: httpx.Client) -> None:
    answer = http.post("/", params={"enable_http_compression": "0"}, content="SELECT 1")
    assert "Content-Encoding" not in answer.headers


def test_totals_and_empty_results_keep_their_heads(http: httpx.Client) -> None:
    empty = http.post("/", content="SELECT number AS n FROM numbers(0) FORMAT CSVWithNames")
    assert empty.text == '"n"\n'
    totals = http.post(
        "/", content="SELECT number % 2 AS k, count() FROM numbers(4) GROUP BY k WITH TOTALS ORDER BY k"
    )
    assert totals.text == "0\t2\n1\t2\n\n0\t4\n"


def test_head_and_options_are_answered(http: httpx.Client) -> None:
    assert (http.head("/").status_code, http.head("/ping").status_code) == (200, 200)
    answer = http.options("/", headers={"Origin": "http://elsewhere.example"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert "POST" in answer.headers["Allow"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_progress_is_told_when_it_is_asked_for(http: httpx.Client) -> None:
    sql = "SELECT sleepEachRow(0.01), number FROM numbers(30) SETTINGS max_block_size = 1"
    asked = {"send_progress_in_http_headers": "1", "http_headers_progress_interval_ms": "50"}
    answer = http.post("/", params=asked | {"wait_end_of_query": "1"}, content=sql)
    told = [json.loads(counts) for counts in answer.headers.get_list("X-ClickHouse-Progress")]
    assert len(told) > 1
    assert "X-ClickHouse-Progress" not in http.post("/", content=sql).headers
    assert [int(counts["result_rows"]) for counts in told] == sorted(int(c["result_rows"]) for c in told)


def test_a_slow_stream_begins_before_it_ends_and_then_breaks(http: httpx.Client) -> None:
    sql = "SELECT sleepEachRow(0.01), throwIf(number = 120) FROM numbers(200) SETTINGS max_block_size = 1"
    answer = http.post("/", params={"wait_end_of_query": "0"}, content=sql)
    assert answer.status_code == 200
    assert "__exception__" in answer.text


def test_a_larger_buffer_holds_a_failure_that_comes_later(http: httpx.Client) -> None:
    sql = (
        "SELECT throwIf(number = 20000), repeat('x', 100) FROM numbers(30000) SETTINGS max_block_size = 1000"
    )
    assert http.post("/", content=sql).status_code == 200
    assert http.post("/", params={"buffer_size": "10000000"}, content=sql).status_code == 500
    assert (
        http.post("/", params={"buffer_size": "many"}, content=sql).headers["X-ClickHouse-Exception-Code"]
        == "36"
    )


def test_a_role_is_accepted_and_changes_nothing(http: httpx.Client) -> None:
    asked = "SELECT currentRoles()"
    answer = http.post("/", params=[("role", "a"), ("role", "b")], content=asked)
    assert answer.text == http.post("/", content=asked).text


def test_policies_and_users_can_be_asked_for_but_not_made(http: httpx.Client) -> None:
    assert http.post("/", content="SHOW POLICIES").text == ""
    assert http.post("/", content="SHOW USERS").text == "default\n"
    assert http.post("/", content="CREATE USER u").headers["X-ClickHouse-Exception-Code"] == "514"


@pytest.mark.parametrize("table", ["system.tables", "TABLE system.columns", "TABLE `system`.`one`"])
def test_the_statement_of_a_system_table_is_shown(http: httpx.Client, table: str) -> None:
    answer = http.post("/", content=f"SHOW CREATE {table} FORMAT JSONEachRow")
    assert answer.json()["statement"].startswith("CREATE TABLE system.")


def test_a_system_table_that_is_not_there_has_no_statement(http: httpx.Client) -> None:
    assert http.post("/", content="SHOW CREATE TABLE system.nothing").status_code == 404
