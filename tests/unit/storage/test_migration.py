"""Migrations are applied once, in order, and never changed afterwards."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.contracts.stored import READS, statement
from services.storage.errors import BrokenMigration
from services.storage.migration import Migration, migrate, pending, shipped_migrations
from services.storage.rows import TABLES

ONE = Migration(1, "one", "CREATE TABLE a;\n")
TWO = Migration(2, "two", "CREATE TABLE b;\nCREATE TABLE c;\n")


class FakeClient:
    """Runs nothing; remembers. `fails_at` names the statement at which ClickHouse goes away."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.applied: dict[int, str] = {}
        self.fails_at: str | None = None

    def command(self, sql: str) -> int:
        if sql == self.fails_at:
            raise ConnectionError(sql)
        if sql.startswith("CREATE TABLE ") and "schema" not in sql:
            self.ran.append(sql)
        return 1

    def query(self, _sql: str) -> Any:
        return SimpleNamespace(result_rows=list(self.applied.items()))

    def insert(self, _table: str, rows: list[list[Any]], column_names: list[str]) -> None:
        assert column_names == ["version", "name", "checksum"]
        self.applied |= {version: checksum for version, _, checksum in rows}


def test_each_migration_is_applied_once() -> None:
    client = FakeClient()
    assert migrate(client, [ONE]) == [ONE]
    assert migrate(client, [ONE, TWO]) == [TWO]
    assert migrate(client, [ONE, TWO]) == []
    assert client.ran == ["CREATE TABLE a", "CREATE TABLE b", "CREATE TABLE c"]


def test_one_that_was_interrupted_is_applied_from_its_start() -> None:
    client = FakeClient()
    client.fails_at = "CREATE TABLE c"
    with pytest.raises(ConnectionError):
        migrate(client, [ONE, TWO])
    client.fails_at = None
    assert migrate(client, [ONE, TWO]) == [TWO]
    assert client.ran == ["CREATE TABLE a", "CREATE TABLE b", "CREATE TABLE b", "CREATE TABLE c"]


def test_a_changed_one_is_refused() -> None:
    with pytest.raises(BrokenMigration, match=r"0001_one\.sql was changed"):
        pending([ONE._replace(sql="CREATE TABLE z;"), TWO], {1: ONE.checksum})


def test_one_that_comes_before_an_applied_one_is_refused() -> None:
    with pytest.raises(BrokenMigration, match="next number"):
        pending([ONE, TWO], {2: TWO.checksum})


def test_two_with_one_number_are_refused() -> None:
    with pytest.raises(BrokenMigration, match="one number"):
        pending([ONE, TWO._replace(version=1)], {})


def test_an_older_service_works_on_a_newer_schema() -> None:
    assert pending([ONE], {1: ONE.checksum, 2: TWO.checksum}) == []


def test_what_is_shipped_makes_every_table_and_every_read_and_may_run_twice() -> None:
    statements = [sql for migration in shipped_migrations() for sql in migration.statements]
    created = [line for sql in statements for line in sql.splitlines() if line.startswith("CREATE")]
    assert all(line.startswith(("CREATE TABLE IF NOT EXISTS", "CREATE OR REPLACE VIEW")) for line in created)
    names = {line.removesuffix(" (").removesuffix(" AS").split()[-1] for line in created}
    assert set(TABLES.values()) <= names
    assert {read.view for read in READS} <= names


def test_a_read_binds_its_parameters() -> None:
    read = next(read for read in READS if read.view == "read_ranking_history")
    assert statement(read) == (
        "SELECT `minute`, `period`, `rank`, `score`, `coverage`, `interval_best`, `interval_worst` FROM "
        "read_ranking_history(block = {block:String}, unit = {unit:String}, seconds = {seconds:UInt32})"
    )
