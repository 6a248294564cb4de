"""`compress=1` and `decompress=1`: bodies in ClickHouse's own compressed blocks."""

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from deploy.embedded.clickhouse.frames import FrameDecoder, FrameEncoder


def unpacked(data: bytes) -> bytes:
    decoder = FrameDecoder()
    out = decoder.feed(data)
    decoder.finish()
    return out


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_an_answer_comes_in_blocks(http: httpx.Client, accepted: str) -> None:
    headers = {"Accept-Encoding": accepted}
    answer = http.post(
        "/", params={"compress": "1"}, headers=headers, content="SELECT number FROM numbers(300000)"
    )
    assert unpacked(answer.content) == b"".join(b"%d\n" % number for number in range(300_000))


def test_a_failure_comes_in_a_block_too(http: httpx.Client) -> None:
    answer = http.post("/", params={"compress": "1"}, content="SELECT * FROM nothing")
    assert answer.status_code == 404
    assert unpacked(answer.content).startswith(b"Code: 60. ")


def test_a_failure_in_the_middle_stands_in_the_last_block(http: httpx.Client) -> None:
    sql = "SELECT throwIf(number = 900000), 'text' FROM numbers(1000000)"
    answer = http.post("/", params={"compress": "1"}, content=sql)
    assert unpacked(answer.content).endswith(
        b" " + answer.headers["X-ClickHouse-Exception-Tag"].encode() + b"\r\n__exception__\r\n"
    )


def test_the_rows_of_an_insert_come_in_blocks(client: Client, http: httpx.Client) -> None:
    client.command("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a")
    rows = b"".join(b"%d,text\n" % number for number in range(150_000))
    params = {"decompress": "1", "database": client.database or "", "query": "INSERT INTO t FORMAT CSV"}
    answer = http.post("/", params=params, content=FrameEncoder().compress(rows))
    assert answer.status_code == 200, answer.text
    assert client.query("SELECT count(), max(a) FROM t").result_rows == [(150_000, 149_999)]


def test_a_damaged_or_cut_insert_leaves_no_rows(client: Client, http: httpx.Client) -> None:
    client.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
    whole = FrameEncoder().compress(b"1\n2\n3\n")
    params = {"decompress": "1", "database": client.database or "", "query": "INSERT INTO t FORMAT CSV"}
    for body, code in ((whole[:-1] + b"\x00", "40"), (whole[:-1], "271")):
        answer = http.post("/", params=params, content=body)
        assert answer.headers["X-ClickHouse-Exception-Code"] == code
    assert client.command("SELECT count() FROM t") == 0
