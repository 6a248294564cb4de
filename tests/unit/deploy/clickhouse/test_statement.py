"""What is read of SQL: kinds, formats, and where the data of an INSERT begins."""

import pytest

from deploy.embedded.clickhouse.errors import ClickHouseError
from deploy.embedded.clickhouse.statement import InsertHead, Kind, may_insert, read, read_insert


@pytest.mark.parametrize(
    ("sql", "kind", "reads_only"),
    [
        (b"SELECT 1", Kind.ROWS, True),
        (b"-- a comment\n/* and one */ with 1 as x select x", Kind.ROWS, True),
        (b"(select 1) union all (select 2)", Kind.ROWS, True),
        (b"SHOW TABLES", Kind.ANSWER, True),
        (b"KILL QUERY WHERE 1", Kind.ANSWER, False),
        (b"CREATE TABLE t (a Int32) ENGINE = Memory", Kind.EFFECT, False),
        (b"INSERT INTO t SELECT 1", Kind.EFFECT, False),
        (b"WITH 1 AS x INSERT INTO t SELECT x", Kind.EFFECT, False),
        (b"WITH insert AS (SELECT 1 AS x) SELECT * FROM insert", Kind.ROWS, True),
        (b"WITH 13 AS insert SELECT insert // don't", Kind.ROWS, True),
        (b"SET max_threads = 1", Kind.EFFECT, True),
    ],
)
def test_a_statement_is_known_by_its_first_word(sql: bytes, kind: Kind, reads_only: bool) -> None:
    assert (read(sql).kind, read(sql).reads_only) == (kind, reads_only)


@pytest.mark.parametrize(
    ("sql", "format_name"),
    [
        (b"SELECT 1 FORMAT JSON", "JSON"),
        (b"SELECT 1\n format Native ;\n", "Native"),
        (b"SELECT 1 FORMAT CSV SETTINGS max_threads = 1", "CSV"),
        (b"SELECT 1 SETTINGS max_threads = 1 FORMAT CSV", "CSV"),
        (b"SELECT 1", None),
        (b"SELECT format FROM t", None),
        (b"SELECT 'FORMAT JSON'", None),
        (b"SELECT 1 -- FORMAT JSON", None),
        (b"SELECT * FROM (SELECT 1 FORMAT JSON)", None),
        (b"SELECT * FROM format(CSV, $rows$it's (FORMAT JSON$rows$) FORMAT Native", "Native"),
        (b"SELECT $$ ' $$ AS a$b FORMAT CSV", "CSV"),
    ],
)
def test_the_format_is_that_of_the_clause_which_ends_the_statement(
    sql: bytes, format_name: str | None
) -> None:
    assert read(sql).format == format_name


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        (b"SELECT 1", b"SELECT 1\nINTO OUTFILE 'p' APPEND FORMAT JSON "),
        (
            b"SELECT 1 FORMAT XML SETTINGS a = 1 -- end",
            b"SELECT 1 \nINTO OUTFILE 'p' APPEND FORMAT JSON  SETTINGS a = 1",
        ),
    ],
)
def test_a_statement_may_be_one_that_writes_its_result_to_a_file(sql: bytes, written: bytes) -> None:
    assert read(sql).written_to("p", "JSON") == written


def test_a_statement_that_writes_a_file_of_its_own_is_refused() -> None:
    with pytest.raises(ClickHouseError) as refused:
        read(b"SELECT 1 into/**/outfile 'p' FORMAT CSV")
    assert refused.value.code == 358
    assert read(b"SELECT outfile FROM into").format is None


def test_a_closing_semicolon_is_dropped() -> None:
    assert read(b"SELECT ';' ; ").sql == b"SELECT ';'"


@pytest.mark.parametrize("sql", [b"", b"  ", b"-- nothing", b";", b"SELECT 1; SELECT 2"])
def test_no_statement_and_two_statements_are_syntax_errors(sql: bytes) -> None:
    with pytest.raises(ClickHouseError) as refused:
        read(sql)
    assert refused.value.code == 62


@pytest.mark.parametrize(
    ("head", "sql", "format_name", "data"),
    [
        (b"INSERT INTO t (a) FORMAT Native\n\x01\n\x02", b"INSERT INTO t (a) ", "Native", b"\x01\n\x02"),
        (b"insert into t format CSV 1,2", b"insert into t ", "CSV", b"1,2"),
        (b"INSERT INTO t FORMAT TSV\n\tx", b"INSERT INTO t ", "TSV", b"\tx"),
        (b"INSERT INTO `format values` FORMAT CSV\n1", b"INSERT INTO `format values` ", "CSV", b"1"),
        (b"INSERT INTO t (format, values) FORMAT CSV\n1", b"INSERT INTO t (format, values) ", "CSV", b"1"),
        (
            b"INSERT INTO t SETTINGS a = 'FORMAT x' FORMAT CSV\n1",
            b"INSERT INTO t SETTINGS a = 'FORMAT x' ",
            "CSV",
            b"1",
        ),
        (b"INSERT INTO t VALUES (1)", b"INSERT INTO t ", "Values", b" (1)"),
        (b"WITH 1 AS y INSERT INTO t FORMAT TSV\nx;\n", b"WITH 1 AS y INSERT INTO t ", "TSV", b"x;\n"),
        (
            b"WITH {SELECT:Int8} AS y INSERT INTO t FORMAT CSV\n1",
            b"WITH {SELECT:Int8} AS y INSERT INTO t ",
            "CSV",
            b"1",
        ),
    ],
)
def test_the_data_of_an_insert_begins_after_its_format(
    head: bytes, sql: bytes, format_name: str, data: bytes
) -> None:
    found = read_insert(head, complete=False)
    assert found is not None
    assert (found.sql, found.format, head[found.data_from :]) == (sql, format_name, data)


@pytest.mark.parametrize(
    "head",
    [
        b"INSERT INTO t SELECT 1 FORMAT CSV",
        b"INSERT INTO t WITH 1 AS x SELECT x",
        b"INSERT INTO t SELECT input FROM u FORMAT CSV",
        b"INSERT INTO t SELECT * FROM VALUES('a Int8', 1)",
    ],
)
def test_an_insert_from_a_select_brings_no_data(head: bytes) -> None:
    assert may_insert(head)
    assert read_insert(head, complete=True) is None


def test_an_insert_cut_anywhere_before_its_data_asks_for_more_and_never_guesses() -> None:
    whole = b"INSERT INTO t (`FORMAT CSV`, b) /* FORMAT CSV */ FORMAT Native\n"
    for length in range(len(whole) - 1):
        assert read_insert(whole[:length], complete=False) is None, whole[:length]
    assert read_insert(whole, complete=False) == InsertHead(whole[:-14], "Native", len(whole))


def test_a_word_that_only_begins_with_insert_is_no_insert() -> None:
    assert not may_insert(b"INSERTS")
    assert not may_insert(b"/* INSERT")


@pytest.mark.parametrize(
    ("head", "read_from_file"),
    [
        (
            b"INSERT INTO t SELECT upper(x) FROM input('x String') FORMAT CSV\nabc\n",
            b"INSERT INTO t SELECT upper(x) FROM file('p', 'CSV', 'x String') ",
        ),
        (
            b"INSERT INTO t SELECT * FROM input() FORMAT CSV\nabc\n",
            b"INSERT INTO t SELECT * FROM file('p', 'CSV') ",
        ),
    ],
)
def test_an_insert_through_input_brings_data_that_another_function_can_read(
    head: bytes, read_from_file: bytes
) -> None:
    found = read_insert(head, complete=False)
    assert found is not None
    assert head[found.data_from :] == b"abc\n"
    assert found.reading(b"file('p', 'CSV'") == read_from_file


@pytest.mark.parametrize(
    ("head", "from_file"),
    [
        (b"INSERT INTO t (`a`) FORMAT Native\n", b"INSERT INTO t (`a`)  FROM INFILE 'f' FORMAT Native"),
        (b"insert into d.t format Native\n", b"insert into d.t  FROM INFILE 'f' FORMAT Native"),
    ],
)
def test_an_insert_of_columns_can_take_them_from_a_file(head: bytes, from_file: bytes) -> None:
    insert = read_insert(head, complete=True)
    assert insert is not None and insert.fits_file
    assert insert.from_file("'f'") == from_file
    assert insert.from_file("'f'", "lz4") == from_file.replace(b"'f'", b"'f' COMPRESSION 'lz4'")


@pytest.mark.parametrize(
    "head", [b"INSERT INTO t FORMAT CSV\n1\n", b"INSERT INTO t SETTINGS a = 1 FORMAT Native\n"]
)
def test_other_inserts_are_given_their_rows_as_they_come(head: bytes) -> None:
    insert = read_insert(head, complete=True)
    assert insert is not None and not insert.fits_file
