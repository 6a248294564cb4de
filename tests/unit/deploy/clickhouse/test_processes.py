"""Statements are rewritten to know what runs by the ids of clients, and only where they name it."""

import pytest

from deploy.embedded.clickhouse.processes import Processes

IDS = b"transform(Settings['log_comment'], ['tag'], ['it\\'s'], query_id)"


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        (b"SELECT 1", b"SELECT 1"),
        (b"SELECT 'system.processes', processes FROM t", b"SELECT 'system.processes', processes FROM t"),
        (b"KILL QUERY WHERE query_id = 'query_id'", b"KILL QUERY WHERE " + IDS + b" = 'query_id'"),
        (b"KILL MUTATION WHERE query_id = 'a'", b"KILL MUTATION WHERE query_id = 'a'"),
        (
            b"SELECT query_id FROM `system`.processes AS p",
            b"SELECT query_id FROM view(SELECT * REPLACE ("
            + IDS
            + b" AS query_id) FROM system.processes) AS p",
        ),
    ],
)
def test_only_the_table_and_the_condition_are_rewritten(sql: bytes, named: bytes) -> None:
    processes = Processes()
    with processes.running("tag", "it's"):
        assert processes.naming(sql) == named
