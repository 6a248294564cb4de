"""Rows arrive whole, whatever their format, encoding and number, and once, whatever is sent again."""

import gzip
import zlib
from collections.abc import Callable, Iterator

import brotli
import httpx
import lz4.frame
import pytest
import zstandard
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.contract.clickhouse_http.server import ServerProcess

Encode = Callable[[bytes], bytes]
ENCODINGS: list[tuple[str, Encode]] = [
    ("identity", bytes),
    ("lz4", lz4.frame.compress),
    ("zstd", zstandard.ZstdCompressor().compress),
    ("br", brotli.compress),
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
]


@pytest.fixture
def deduplicating(client: Client) -> Client:
    client.command(
        "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a "
        "SETTINGS non_replicated_deduplication_window = 100"
    )
    return client


def count(client: Client) -> int:
    answer = client.command("SELECT count() FROM t")
    assert isinstance(answer, int)
    return answer


@pytest.mark.parametrize("compress", [True, False, "lz4", "zstd", "gzip"])
def test_an_insert_of_200_000_rows_with_one_token_is_stored_once_and_whole(
    deduplicating: Client, server: ServerProcess, compress: bool | str
) -> None:
    rows = 200_000
    columns = [list(range(rows)), [f"unit {number}" for number in range(rows)]]
    with server.client(database=deduplicating.database, compress=compress) as writer:
        for _ in range(2):
            summary = writer.insert(
                "t",
                columns,
                column_names=["a", "s"],
                column_oriented=True,
                settings={"insert_deduplication_token": "batch 1"},
            )
            assert summary.written_rows == rows
            assert count(deduplicating) == rows
    assert deduplicating.command("SELECT uniqExact(a) FROM t") == rows


@pytest.mark.parametrize("token_in", ["url", "statement"])
@pytest.mark.parametrize("format_name", ["Native", "CSV", "RowBinary"])
def test_an_insert_with_a_token_is_never_cut_into_blocks(
    deduplicating: Client, http: httpx.Client, format_name: str, token_in: str
) -> None:
    """The engine's default cuts at 1,048,449 rows; a retry may be cut elsewhere, and half of it taken for new."""
    rows = 1_200_000
    data = deduplicating.raw_query(f"SELECT number AS a, '' AS s FROM numbers({rows})", fmt=format_name)
    clause = "SETTINGS insert_deduplication_token = 'once' " if token_in == "statement" else ""
    params = {"database": deduplicating.database or ""}
    if token_in == "url":
        params["insert_deduplication_token"] = "once"
    for _ in range(2):
        head = f"INSERT INTO t {clause}FORMAT {format_name}\n".encode()
        assert http.post("/", params=params, content=head + data).status_code == 200
        assert count(deduplicating) == rows
    assert (
        deduplicating.command(
            "SELECT count() FROM system.parts WHERE table = 't' AND database = currentDatabase()"
        )
        == 1
    )


def test_another_token_is_another_insert(deduplicating: Client) -> None:
    for token in ("one", "two"):
        deduplicating.insert("t", [[1, "a"]], settings={"insert_deduplication_token": token})
    assert count(deduplicating) == 2


TWO_ROWS = b"\2\2\1a\6UInt64" + bytes([1, *[0] * 7, 2, *[0] * 7]) + b"\1s\6String\1x\1y"
"""A block of the Native format."""


@pytest.mark.parametrize(("encoding", "encode"), ENCODINGS)
@pytest.mark.parametrize("statement_in", ["url", "body"])
@pytest.mark.parametrize(
    ("format_name", "data"),
    [
        ("CSV", b'1,"x"\n2,"y"\n'),
        ("JSONEachRow", b'{"a":1,"s":"x"}\n{"a":2,"s":"y"}\n'),
        ("TabSeparated", b"1\tx\n2\ty\n"),
        ("RowBinary", b"\x01\0\0\0\0\0\0\0\x01x\x02\0\0\0\0\0\0\0\x01y"),
        ("Values", b"(1, 'x'), (1 + 1, lower('Y'))"),
        ("Native", TWO_ROWS),
    ],
)
def test_rows_come_in_any_format_and_encoding(
    deduplicating: Client,
    http: httpx.Client,
    encoding: str,
    encode: Encode,
    statement_in: str,
    format_name: str,
    data: bytes,
) -> None:
    statement = f"INSERT INTO t (a, s) FORMAT {format_name}"
    params = {"database": deduplicating.database or ""} | (
        {"query": statement} if statement_in == "url" else {}
    )
    body = data if statement_in == "url" else statement.encode() + b"\n" + data
    answer = http.post("/", params=params, headers={"Content-Encoding": encoding}, content=encode(body))
    assert answer.status_code == 200, answer.text
    assert '"written_rows":"2"' in answer.headers["X-ClickHouse-Summary"]
    assert deduplicating.query("SELECT a, s FROM t ORDER BY a").result_rows == [(1, "x"), (2, "y")]


def test_values_take_bound_parameters(deduplicating: Client, http: httpx.Client) -> None:
    params = {"database": deduplicating.database or "", "param_a": "7", "param_s": "it's"}
    answer = http.post("/", params=params, content="INSERT INTO t VALUES ({a:UInt64}, {s:String})")
    assert answer.status_code == 200, answer.text
    assert deduplicating.query("SELECT a, s FROM t").result_rows == [(7, "it's")]


def test_a_body_in_many_small_pieces_is_one_insert(deduplicating: Client, http: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b"INSERT IN", b"TO t FORM", b"AT CSV", b"\n1,", b'"x"', b'\n2,"y"\n')

    assert (
        http.post("/", params={"database": deduplicating.database or ""}, content=pieces()).status_code == 200
    )
    assert count(deduplicating) == 2


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (b"INSERT INTO t FORMAT CSV\n1,x\nfew\n", "identity", "27"),
        (b"INSERT INTO t FORMAT Native\nnot native at all", "identity", "33"),
        (lz4.frame.compress(b"INSERT INTO t FORMAT CSV\n1,x\n2,y\n")[:-6], "lz4", "271"),
        (b"INSERT INTO nothing FORMAT CSV\n1,x\n", "identity", "60"),
        (b"INSERT INTO t FORMAT Nothing\n1,x\n", "identity", "73"),
    ],
)
def test_an_insert_that_fails_leaves_no_rows(
    deduplicating: Client, http: httpx.Client, body: bytes, encoding: str, code: str
) -> None:
    params = {"database": deduplicating.database or ""}
    answer = http.post("/", params=params, headers={"Content-Encoding": encoding}, content=body)
    assert answer.headers["X-ClickHouse-Exception-Code"] == code, answer.text
    assert count(deduplicating) == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (lz4.frame.compress(TWO_ROWS)[:-9], "271"),
        (b"no frame" + lz4.frame.compress(TWO_ROWS), "618"),
        (lz4.frame.compress(TWO_ROWS) + lz4.frame.compress(TWO_ROWS[:-1]), "33"),
    ],
)
def test_columns_whose_frame_is_cut_or_damaged_leave_no_rows(
    deduplicating: Client, http: httpx.Client, body: bytes, code: str
) -> None:
    params = {"database": deduplicating.database or "", "query": "INSERT INTO t (a, s) FORMAT Native"}
    answer = http.post("/", params=params, headers={"Content-Encoding": "lz4"}, content=body)
    assert answer.headers["X-ClickHouse-Exception-Code"] == code, answer.text
    assert count(deduplicating) == 0


def test_an_insert_from_a_select_counts_what_it_wrote(deduplicating: Client) -> None:
    deduplicating.command("INSERT INTO t SELECT number, '' FROM numbers(5)")
    assert count(deduplicating) == 5


def test_rows_go_through_the_input_function(client: Client) -> None:
    client.command("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a")
    client.raw_query(
        "INSERT INTO t SELECT a + 1, upper(s) FROM input('a UInt64, s String') FORMAT CSV\n1,x\n2,\"y, z\"\n"
    )
    client.raw_query('INSERT INTO t SELECT * FROM input() FORMAT JSONEachRow\n{"a": 9, "s": "as it is"}')
    assert client.query("SELECT * FROM t ORDER BY a").result_rows == [(2, "X"), (3, "Y, Z"), (9, "as it is")]


def test_a_failure_in_the_input_function_stores_nothing(client: Client) -> None:
    client.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
    with pytest.raises(DatabaseError):
        client.raw_query("INSERT INTO t SELECT a FROM input('a UInt64') FORMAT CSV\n1\ntext\n")
    assert client.command("SELECT count() FROM t") == 0


def test_an_insert_that_begins_with_with_brings_its_rows(client: Client) -> None:
    client.command("CREATE TABLE t (s String) ENGINE = MergeTree ORDER BY s")
    client.query("WITH {SELECT:Int8} AS x INSERT INTO t FORMAT TSV\na;\n", {"SELECT": 1})
    client.command("WITH 'b' AS x INSERT INTO t SELECT x")
    assert client.query("SELECT s FROM t ORDER BY s").result_rows == [("a;",), ("b",)]
