"""A reader queries and changes nothing, whatever it sends."""

from collections.abc import Iterator

import httpx
import pytest

from tests.contract.clickhouse_http.server import ServerProcess, running

READER = ("grafana", "look")
OWNER = ("thidua", "secret")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    names = ("USER", "PASSWORD", "READER", "READER_PASSWORD")
    environment = {
        f"THIDUA_CLICKHOUSE_{name}": text for name, text in zip(names, OWNER + READER, strict=True)
    }
    with running(tmp_path_factory.mktemp("guarded"), environment) as server:
        with server.http() as http:
            http.post("/", auth=OWNER, content="CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
            http.post("/", auth=OWNER, content="INSERT INTO t VALUES (7)")
        yield server


@pytest.fixture
def asking(guarded: ServerProcess) -> Iterator[httpx.Client]:
    with guarded.http() as client:
        client.auth = httpx.BasicAuth(*READER)
        yield client


def test_a_reader_queries_with_settings_and_temporary_tables(asking: httpx.Client) -> None:
    assert asking.post("/", params={"max_execution_time": "5"}, content="SELECT a FROM t").text == "7\n"
    kept = {"session_id": "notes", "max_threads": "1"}
    assert asking.post("/", params=kept, content="CREATE TEMPORARY TABLE n (a UInt8)").status_code == 200
    assert asking.post("/", params=kept, content="SELECT count() FROM n").text == "0\n"


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (1)",
        "INSERT INTO t SELECT 1",
        "DROP TABLE t",
        "CREATE DATABASE d",
        "ALTER TABLE t DELETE WHERE 1",
        "SET readonly = 0",
    ],
)
@pytest.mark.parametrize(
    "params", [{}, {"readonly": "0"}, {"session_id": "s"}, {"session_id": "r", "readonly": "0"}]
)
def test_a_reader_changes_nothing(asking: httpx.Client, sql: str, params: dict[str, str]) -> None:
    answer = asking.post("/", params=params, content=sql)
    assert answer.headers["X-ClickHouse-Exception-Code"] in ("164", "497")  # read-only, or not granted
    assert asking.post("/", content="SELECT a FROM t").text == "7\n"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM file('/etc/hostname', LineAsString)",
        "SELECT * FROM `/etc/hostname`",
        "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
        "SELECT * FROM Python(os)",
        "SELECT file('/etc/hostname')",
        "SELECT `f\\x69le`('/etc/hostname')",
        "SELECT * APPLY(file) FROM (SELECT '/etc/hostname')",
        "SELECT 1 SETTINGS additional_result_filter = 'length(fi\\\\x6ce(''/etc/hostname'')) > 0'",
        "CREATE TEMPORARY TABLE n (a String) ENGINE = File(TSV, '/etc/hostname')",
        "CREATE TEMPORARY TABLE n (a String DEFAULT file('/etc/hostname'))",
        "INSERT INTO n FROM INFILE '/etc/hostname' FORMAT LineAsString",
        "SELECT * FROM format(Template, 'x') SETTINGS format_template_row = '/etc/hostname'",
        "SELECT * FROM eval(concat('SELECT fi', 'le(''/etc/hostname'')'))",
        "KILL QUERY WHERE 1",
    ],
)
def test_a_reader_does_not_read_the_machine(asking: httpx.Client, sql: str) -> None:
    answer = asking.post("/", content=sql)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (403, "497")


def test_a_reader_does_not_leave_its_role(asking: httpx.Client) -> None:
    session = {"session_id": "climbing"}
    asking.post("/", params=session, content="SET ROLE owning")
    assert asking.post("/", params=session, content="SELECT currentRoles()").text == "['reading']\n"


def test_a_reader_brings_external_data_whose_columns_read_nothing(asking: httpx.Client) -> None:
    def counted(structure: str) -> httpx.Response:
        fields = {"query": (None, "SELECT count() FROM rows"), "rows_structure": (None, structure)}
        return asking.post("/", files=fields | {"rows": ("rows", b"1\n2\n")})

    assert counted("a UInt8").text == "2\n"
    assert counted("a UInt8, b String DEFAULT file('/etc/hostname')").status_code == 403


def test_a_reader_needs_its_password(guarded: ServerProcess) -> None:
    with guarded.http() as http:
        assert http.post("/", auth=(READER[0], "guess"), content="SELECT 1").status_code == 403


def test_sessions_of_two_users_are_two_sessions(guarded: ServerProcess, asking: httpx.Client) -> None:
    mine = {"session_id": "shared"}
    with guarded.http() as owner:
        owner.post("/", auth=OWNER, params=mine, content="CREATE TEMPORARY TABLE secret (a UInt8)")
        assert owner.post("/", auth=OWNER, params=mine, content="EXISTS TEMPORARY TABLE secret").text == "1\n"
    assert asking.post("/", params=mine, content="EXISTS TEMPORARY TABLE secret").text == "0\n"
