"""Whole documents (JSON, Parquet ...) are sent while they are made, and stop being made when nobody reads them."""

import contextlib
import io
import time
from collections.abc import Iterator

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contract.clickhouse_http.server import ServerProcess

GROWTH_MIB = 150  # the document below has 240 MB
SLOW_CLIENTS = 8


def test_a_document_takes_little_memory_whatever_its_size(server: ServerProcess, http: httpx.Client) -> None:
    before, size = server.resident_mib(), 0
    sql = "SELECT number AS a, toString(number) AS b FROM numbers(5000000) FORMAT JSON"
    with http.stream("POST", "/", headers={"Accept-Encoding": "identity"}, content=sql) as answer:
        for piece in answer.iter_raw():
            size += len(piece)
    assert size > 200_000_000
    assert server.resident_mib() - before < GROWTH_MIB


@pytest.mark.parametrize(
    "name", ["JSON", "JSONCompact", "JSONColumns", "XML", "Parquet", "Arrow", "PrettyCompact"]
)
@pytest.mark.parametrize("clause", ["", " FORMAT {name}", " FORMAT {name} SETTINGS max_threads = 1"])
def test_the_format_of_a_document_may_stand_anywhere(http: httpx.Client, name: str, clause: str) -> None:
    sql = "SELECT 7 AS a UNION ALL SELECT 7 SETTINGS max_block_size = 1 -- twice"
    if clause:
        sql = "SELECT 7 AS a" + clause.format(name=name)
    answer = http.post("/", params={"default_format": name}, content=sql)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-ClickHouse-Format"] == name
    assert answer.content


def test_documents_are_whole(http: httpx.Client) -> None:
    sql = "SELECT number AS a FROM numbers(100000) FORMAT "
    answer = http.post("/", content=sql + "JSON").json()
    assert (answer["rows"], answer["data"][-1]) == (100_000, {"a": 99_999})
    assert pq.read_table(io.BytesIO(http.post("/", content=sql + "Parquet").content)).num_rows == 100_000
    stream = pa.ipc.open_stream(http.post("/", content=sql + "ArrowStream").content)
    assert stream.read_all().num_rows == 100_000


def test_a_document_that_fails_early_has_its_status(http: httpx.Client) -> None:
    slow = "SELECT sleepEachRow(0.07), throwIf(number = 9) FROM numbers(10) SETTINGS max_block_size = 1 FORMAT JSON"
    answer = http.post("/", content=slow)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (500, "395")


def test_a_document_that_fails_late_ends_with_the_exception(http: httpx.Client) -> None:
    answer = http.post("/", content="SELECT throwIf(number = 900000) FROM numbers(1000000) FORMAT JSON")
    assert answer.status_code == 200
    assert "Code: 395" in answer.text.split(answer.headers["X-ClickHouse-Exception-Tag"])[1]


def test_documents_that_nobody_reads_hold_up_nobody_and_stop_when_their_clients_leave(
    server: ServerProcess, http: httpx.Client
) -> None:
    sql = "SELECT number AS endless FROM system.numbers FORMAT JSON"
    left = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT number AS endless%'"
    begun: list[Iterator[bytes]] = []
    with contextlib.ExitStack() as leaving:
        for _ in range(SLOW_CLIENTS):
            client = leaving.enter_context(server.http())
            begun.append(leaving.enter_context(client.stream("POST", "/", content=sql)).iter_raw())
            next(begun[-1])
        assert http.post("/", content=left).text == f"{SLOW_CLIENTS}\n"
        assert http.post("/", content="SELECT 1 AS a FORMAT JSON").json()["data"] == [{"a": 1}]
    deadline = time.monotonic() + 90
    while http.post("/", content=left).text != "0\n":
        assert time.monotonic() < deadline


def test_a_client_does_not_write_files_of_the_server(http: httpx.Client) -> None:
    answer = http.post("/", content="SELECT 1 INTO OUTFILE '/tmp/never' FORMAT CSV")
    assert answer.headers["X-ClickHouse-Exception-Code"] == "358"
