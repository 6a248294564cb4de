"""Engine errors become ClickHouse's codes, statuses and texts."""

import pytest

from deploy.embedded.clickhouse.errors import ClickHouseError, from_engine, refusal


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (60, 404),
        (81, 404),
        (115, 404),
        (62, 400),
        (27, 400),
        (516, 403),
        (194, 401),
        (159, 408),
        (48, 501),
        (241, 500),
    ],
)
def test_a_code_has_the_status_of_the_server(code: int, status: int) -> None:
    assert ClickHouseError(code, "").status == status


def test_the_code_is_found_behind_whatever_the_engine_says_first() -> None:
    failure = from_engine(
        RuntimeError("Streaming failed: Code: 60. DB::Exception: Table t does not exist. (UNKNOWN_TABLE)")
    )
    assert failure.code == 60
    assert (
        failure.body("26.9")
        == "Code: 60. DB::Exception: Table t does not exist. (UNKNOWN_TABLE) (version 26.9)\n"
    )


def test_the_version_is_said_once() -> None:
    failure = from_engine(RuntimeError("Code: 33. DB::Exception: Cannot read. (X) (version 26.9.2.1)"))
    assert failure.body("26.9.2.1").count("version") == 1


def test_a_failure_without_a_code_is_unknown_but_keeps_its_text() -> None:
    failure = from_engine(RuntimeError("the disk is gone"))
    assert failure.code == 1002
    assert "the disk is gone" in str(failure)


def test_a_refusal_reads_like_the_engine() -> None:
    assert (
        str(refusal(62, "SYNTAX_ERROR", "Empty query."))
        == "Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)"
    )
