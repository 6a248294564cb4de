"""Native blocks are those of the protocol version that a client names."""

from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from clickhouse_connect.driver.client import Client

ZONE = "Asia/Ho_Chi_Minh"
MOMENT = f"SELECT toDateTime(1700000000, '{ZONE}') AS at"


def native(http: httpx.Client, sql: str, version: int | None = None, **params: str) -> bytes:
    named = {} if version is None else {"client_protocol_version": str(version)}
    answer = http.post("/", params={"default_format": "Native"} | named | params, content=sql)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_client_that_names_none_gets_bare_blocks(http: httpx.Client) -> None:
    assert native(http, MOMENT) == b"\x01\x01\x02at\x08DateTime" + (1_700_000_000).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("version", "head"),
    [
        (51903, b"\x01\x00\x02\xff\xff\xff\xff\x00\x01\x01\x02at\x08DateTime"),
        (54337, b"\x01\x00\x02\xff\xff\xff\xff\x00\x01\x01\x02at\x1cDateTime('Asia/Ho_Chi_Minh')"),
        (54454, b"\x01\x00\x02\xff\xff\xff\xff\x00\x01\x01\x02at\x1cDateTime('Asia/Ho_Chi_Minh')\x00"),
    ],
)
def test_each_version_adds_what_it_brought(http: httpx.Client, version: int, head: bytes) -> None:
    assert native(http, MOMENT, version) == head + (1_700_000_000).to_bytes(4, "little")


def test_a_zone_is_found_behind_columns_of_any_kind(http: httpx.Client) -> None:
    before = "repeat('x', 300), [toString(number)], map('k', toLowCardinality('v')), (1, NULL), 'ê'"
    sql = (
        f"SELECT {before}, toDateTime(number, 'UTC') AS a, toDateTime(number, '{ZONE}') AS b FROM numbers(3)"
    )
    blocks = native(http, sql, 54460)
    assert b"\x01a\x0fDateTime('UTC')\x00" in blocks
    assert b"\x01b\x1cDateTime('Asia/Ho_Chi_Minh')\x00" in blocks


def test_every_block_of_a_stream_is_of_the_version(http: httpx.Client) -> None:
    sql = "SELECT number AS n, toString(number) AS s FROM numbers(200000)"
    old, new = native(http, sql), native(http, sql, 54460)
    blocks = old.count(b"\x01n\x06UInt64")
    assert blocks > 1
    assert new.count(b"\x01n\x06UInt64\x00") == blocks
    assert len(new) == len(old) + blocks * (8 + 2)


def test_answers_that_are_no_select_are_of_the_version(http: httpx.Client) -> None:
    assert native(http, "EXISTS TABLE system.one", 54460).endswith(b"\x06result\x05UInt8\x00\x01")


def test_what_cannot_be_written_is_refused_and_not_garbled(http: httpx.Client) -> None:
    params = {"default_format": "Native", "client_protocol_version": "54460"}
    answer = http.post("/", params=params, content="SELECT 1::Dynamic AS d, 2 AS b")
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (501, "48")
    assert http.post("/", params=params, content="SELECT toString(1::Dynamic) AS d").status_code == 200


def test_the_python_client_reads_moments_in_their_zones(client: Client) -> None:
    sql = f"SELECT toDateTime(1700000000, '{ZONE}'), 'x'::Dynamic, toDateTime(1700000000, '{ZONE}')"
    first = client.query(sql).result_rows[0][0]
    assert first == datetime(2023, 11, 15, 5, 13, 20, tzinfo=ZoneInfo(ZONE))


def test_a_stored_moment_keeps_its_zone(client: Client) -> None:
    client.command(f"CREATE TABLE t (id UInt8, at DateTime('{ZONE}')) ENGINE = MergeTree ORDER BY id")
    moment = datetime(2026, 7, 1, 9, 30, tzinfo=ZoneInfo(ZONE))
    client.insert("t", [[1, moment]], column_names=["id", "at"])
    assert client.query("SELECT at, id FROM t WHERE id = {id:UInt8}", {"id": 1}).result_rows == [(moment, 1)]
