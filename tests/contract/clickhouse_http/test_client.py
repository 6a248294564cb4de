"""What services call on clickhouse-connect works as it does with the real server."""

import asyncio
from datetime import UTC, datetime

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from tests.contract.clickhouse_http.server import ServerProcess

NOW = datetime(2026, 6, 30, 17, 0, tzinfo=UTC)


def test_rows_of_many_types_come_back_as_they_went_in(client: Client) -> None:
    client.command(
        "CREATE TABLE t (id UUID DEFAULT generateUUIDv4(), n UInt64, name LowCardinality(String), at DateTime64(3, 'UTC'), "
        "score Nullable(Float64), tags Array(String), amount Decimal(18, 4)) ENGINE = MergeTree ORDER BY n"
    )
    names = ["n", "name", "at", "score", "tags", "amount"]
    rows = [(1, "Xã An Bình", NOW, None, [], "1.5"), (2, "Phường 1", NOW, 0.25, ["a", "b"], "2")]
    assert client.insert("t", rows, column_names=names).written_rows == 2
    result = client.query("SELECT n, name, at, score, tags FROM t ORDER BY n", query_tz="UTC")
    assert [tuple(row[:2]) + tuple(row[3:]) for row in result.result_rows] == [
        (*r[:2], *r[3:5]) for r in rows
    ]
    assert result.result_rows[0][2].replace(tzinfo=UTC) == NOW


def test_column_blocks_and_rows_stream(client: Client) -> None:
    with client.query_column_block_stream("SELECT number, 'x' FROM numbers(300000)") as blocks:
        assert sum(len(block[0]) for block in blocks) == 300_000
    with client.query_rows_stream("SELECT number FROM numbers(300000)") as rows:
        assert sum(row[0] for row in rows) == 300_000 * 299_999 // 2


def test_a_stream_that_breaks_off_raises(client: Client) -> None:
    sql = "SELECT throwIf(number = 900000), number FROM numbers(1000000)"
    with pytest.raises(StreamFailureError, match="395"), client.query_rows_stream(sql) as rows:
        for _ in rows:
            pass


def test_raw_queries_inserts_and_streams_pass_bytes_through(client: Client) -> None:
    client.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
    assert client.raw_insert("t", ["a"], b"1\n2\n", fmt="CSV").written_rows == 2
    assert client.raw_query("SELECT a FROM t ORDER BY a", fmt="JSONEachRow") == b'{"a":1}\n{"a":2}\n'
    with client.raw_stream("SELECT a FROM t ORDER BY a", fmt="CSV") as stream:
        assert stream.read() == b"1\n2\n"


def test_commands_return_values_or_summaries(client: Client) -> None:
    client.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
    assert client.command("SELECT 5") == 5
    assert client.command("EXISTS TABLE t") == 1
    assert client.command("INSERT INTO t VALUES (1), (2)").written_rows == 2  # type: ignore[union-attr]
    client.command("ALTER TABLE t DELETE WHERE a = 1 SETTINGS mutations_sync = 2")
    assert client.query("SELECT a FROM t").result_rows == [(2,)]
    client.command("OPTIMIZE TABLE t FINAL")
    assert "MergeTree" in str(client.command("SHOW CREATE TABLE t"))


def test_column_names_of_an_empty_result_are_known(client: Client) -> None:
    assert client.query("SELECT 1 AS a, 'x' AS b LIMIT 0").column_names == ("a", "b")
    assert client.query("SELECT number FROM numbers(10) WHERE number > 10").result_rows == []


def test_parameters_too_long_for_a_url_are_bound_too(client: Client) -> None:
    names = [f"unit-{number}" for number in range(20_000)]
    result = client.query("SELECT length({names:Array(String)})", parameters={"names": names})
    assert result.result_rows == [(20_000,)]


def test_parameters_keep_every_character(client: Client) -> None:
    text = "it's a \\ tab\t newline\n đ 'quoted' {x:String}"
    assert client.query("SELECT {text:String}", parameters={"text": text}).result_rows == [(text,)]


def test_an_error_carries_its_code(client: Client) -> None:
    with pytest.raises(DatabaseError) as failed:
        client.query("SELECT * FROM nothing")
    assert failed.value.code == 60


def test_a_session_keeps_temporary_tables_and_settings_to_itself(server: ServerProcess) -> None:
    with server.client(session_id="one") as one, server.client(session_id="two") as two:
        one.command("CREATE TEMPORARY TABLE mine (a Int32)")
        one.command("INSERT INTO mine VALUES (7)")
        one.command("SET max_threads = 1")
        assert one.query("SELECT a FROM mine").result_rows == [(7,)]
        assert one.command("SELECT getSetting('max_block_size')", settings={"max_block_size": 11}) == 11
        assert one.command("SELECT getSetting('max_block_size')") != 11
        assert one.command("SELECT getSetting('max_threads')") == 1
        with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
            two.query("SELECT a FROM mine")


def test_a_client_that_made_its_session_itself_can_ask_again_and_again(server: ServerProcess) -> None:
    with server.client(autogenerate_session_id=True) as client:
        for number in range(30):
            assert client.command(f"SELECT {number}") == number


async def test_the_asynchronous_client_works(server: ServerProcess, client: Client) -> None:
    client.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
    asynchronous = await clickhouse_connect.get_async_client(
        host="127.0.0.1", port=server.port, database=client.database, autogenerate_session_id=False
    )
    try:
        await asynchronous.insert("t", [list(range(50_000))], column_names=["a"], column_oriented=True)
        answers = await asyncio.gather(*(asynchronous.query("SELECT a FROM t") for _ in range(8)))
        assert [len(answer.result_rows) for answer in answers] == [50_000] * 8
        assert await asynchronous.command("SELECT count() FROM t") == 50_000
    finally:
        await asynchronous.close()
