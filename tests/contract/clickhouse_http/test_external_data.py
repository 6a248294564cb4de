"""Rows that come with a query are tables of that query, and of nothing else."""

import httpx
import pytest
from clickhouse_connect.driver import external
from clickhouse_connect.driver.client import Client

from tests.contract.clickhouse_http.server import ServerProcess


def units(data: bytes = b"1,Ban\n2,Dak Lak\n") -> external.ExternalData:
    return external.ExternalData(
        file_name="units.csv", data=data, fmt="CSV", structure=["id UInt32", "name String"]
    )


def test_a_query_reads_the_table_that_came_with_it(client: Client) -> None:
    result = client.query("SELECT name FROM units ORDER BY id", external_data=units())
    assert result.result_rows == [("Ban",), ("Dak Lak",)]


def test_tables_join_each_other_and_stored_ones(client: Client) -> None:
    client.command("CREATE TABLE scores (unit UInt32, points Float64) ENGINE = MergeTree ORDER BY unit")
    client.insert("scores", [[1, 7.5], [2, 9.0]], column_names=["unit", "points"])
    data = units()
    data.add_file(file_name="blocks.tsv", data=b"2\tNorth", types="UInt32,LowCardinality(String)")
    sql = "SELECT name, points, _2 FROM units JOIN scores ON id = unit JOIN blocks ON id = _1"
    assert client.query(sql, external_data=data).result_rows == [("Dak Lak", 9.0, "North")]


def test_statements_that_change_something_read_them_too(client: Client) -> None:
    client.command(
        "CREATE TABLE kept ENGINE = MergeTree ORDER BY id EMPTY AS SELECT * FROM units", external_data=units()
    )
    client.raw_query("INSERT INTO kept SELECT * FROM units", external_data=units())
    assert client.command("SELECT count() FROM kept") == 2


def test_parameters_and_settings_come_with_them(server: ServerProcess) -> None:
    with server.client(form_encode_query_params=True) as client:
        sql = "SELECT name FROM units WHERE id > {above:UInt32}"
        found = client.query(
            sql, {"above": 1}, external_data=units(), settings={"input_format_allow_errors_num": 1}
        )
        assert found.result_rows == [("Dak Lak",)]


def test_a_table_may_be_empty(client: Client) -> None:
    assert client.command("SELECT count() FROM units", external_data=units(b"")) == 0


def test_nothing_is_left_in_a_session_afterwards(server: ServerProcess) -> None:
    with server.client(session_id="external") as client:
        for _ in range(2):
            assert client.command("SELECT count() FROM units", external_data=units()) == 2
        assert client.command("EXISTS TEMPORARY TABLE units") == 0


def test_a_temporary_table_of_the_session_is_not_replaced(server: ServerProcess) -> None:
    with server.client(session_id="own") as client:
        client.command("CREATE TEMPORARY TABLE units (id UInt8)")
        with pytest.raises(Exception, match="TABLE_ALREADY_EXISTS"):
            client.query("SELECT 1", external_data=units())
        assert client.command("EXISTS TEMPORARY TABLE units") == 1


def test_rows_that_do_not_fit_fail_the_query_and_leave_no_table(server: ServerProcess) -> None:
    with server.client(session_id="unfit") as client:
        with pytest.raises(Exception, match="Code: 27|CANNOT_PARSE"):
            client.query("SELECT 1", external_data=units(b"text,x\n"))
        assert client.command("EXISTS TEMPORARY TABLE units") == 0


def test_columns_that_nobody_described_are_refused(http: httpx.Client) -> None:
    answer = http.post("/", params={"query": "SELECT * FROM t"}, files={"t": ("t.csv", b"1\n")})
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "36")


def test_a_file_without_a_name_is_a_table_too(http: httpx.Client) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="t"; filename=""\r\n\r\n5\r\n'
        b'--b\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT a + 1 FROM t\r\n--b--\r\n'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = http.post("/", params={"t_structure": "a UInt8"}, headers=headers, content=body)
    assert answer.text == "6\n"


def test_rows_larger_than_the_memory_for_forms_pass_through(http: httpx.Client) -> None:
    rows = b"".join(b"%d\n" % number for number in range(1_000_000))
    params = {"query": "SELECT count(), max(a) FROM t", "t_structure": "a UInt64"}
    assert http.post("/", params=params, files={"t": ("t.tsv", rows)}).text == "1000000\t999999\n"
