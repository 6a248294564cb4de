"""With replicas every table is replicated, whichever migration makes it; a view and everything else stay as they are."""

import re

from services.storage.migration import _TABLE, shipped_migrations
from services.storage.replication import create_database, on_replicas

STATEMENTS = [_TABLE, *(statement for one in shipped_migrations() for statement in one.statements)]


def test_every_table_of_every_migration_is_replicated() -> None:
    tables = [on_replicas(statement) for statement in STATEMENTS if "CREATE TABLE" in statement]
    engines = [re.search(r"ENGINE = (\w+)", table) for table in tables]
    assert len(tables) >= 16
    assert {engine[1] if engine else None for engine in engines} == {"ReplicatedReplacingMergeTree"}


def test_deduplication_is_the_replicated_tables_own() -> None:
    assert not [one for one in STATEMENTS if "non_replicated" in on_replicas(one)]
    assert [one for one in STATEMENTS if "replicated_deduplication_window" in on_replicas(one)]


def test_nothing_else_of_a_statement_changes() -> None:
    view = "CREATE VIEW v AS SELECT 'ENGINE of growth' AS title"
    assert on_replicas(view) == view
    table = "CREATE TABLE t (a UInt8)\nENGINE = ReplacingMergeTree(version) ORDER BY a"
    assert on_replicas(table) == table.replace("= Repl", "= ReplicatedRepl")


def test_the_database_is_made_on_all_replicas_at_once() -> None:
    assert create_database("thidua", replicated=False) == "CREATE DATABASE IF NOT EXISTS thidua"
    made = create_database("thidua", replicated=True)
    assert "ON CLUSTER thidua" in made
    assert "ENGINE = Replicated('/clickhouse/databases/thidua', '{shard}', '{replica}')" in made
