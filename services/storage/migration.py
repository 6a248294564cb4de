"""Applies the numbered migrations, each once and in order. May be interrupted and run again; an applied one must not change."""

import hashlib
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final, NamedTuple, Self

from services.storage.errors import BrokenMigration

_FILE: Final = re.compile(r"(\d{4})_(\w+)\.sql")
_STATEMENT_END: Final = re.compile(r";[ \t]*(?:\n|\Z)")

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, name String, checksum String, applied DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ReplacingMergeTree ORDER BY version
"""


class Migration(NamedTuple):
    """A file of SQL. Its statements may run twice: the process may end between one and the record of it."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        return [text for part in _STATEMENT_END.split(self.sql) if (text := part.strip())]

    @classmethod
    def of_file(cls, name: str, sql: str) -> Self | None:
        match = _FILE.fullmatch(name)
        return cls(int(match.group(1)), match.group(2), sql) if match else None


def shipped_migrations() -> list[Migration]:
    """The migrations of this version, in order."""
    found = (
        Migration.of_file(f.name, f.read_text("utf-8")) for f in files(f"{__package__}.migrations").iterdir()
    )
    return sorted(migration for migration in found if migration is not None)


def pending(migrations: list[Migration], applied: Mapping[int, str]) -> list[Migration]:
    """Those still to apply; `applied` has checksums by version. Raises `BrokenMigration`."""
    by_version = {migration.version: migration for migration in migrations}
    if len(by_version) != len(migrations):
        raise BrokenMigration("two migrations have one number")
    for version, checksum in applied.items():
        ours = by_version.get(version)
        if ours is not None and ours.checksum != checksum:
            raise BrokenMigration(f"{version:04}_{ours.name}.sql was changed after it was applied")
    waiting = [migration for migration in migrations if migration.version not in applied]
    if waiting and applied and waiting[0].version < max(applied):
        raise BrokenMigration(
            f"{waiting[0].version:04}_{waiting[0].name}.sql comes before one that is applied; give it the next number"
        )
    return waiting


def applied_migrations(client: Any) -> dict[int, str]:
    """Checksums by version. Empty when nothing was ever applied."""
    if not client.command("EXISTS TABLE schema_migrations"):
        return {}
    rows = client.query("SELECT version, checksum FROM schema_migrations FINAL").result_rows
    return dict(rows)


def migrate(client: Any, migrations: list[Migration], as_sent: Callable[[str], str] = str) -> list[Migration]:
    """Apply what is pending in the client's database, which must exist; those that were. Raises `BrokenMigration`, ClickHouse's errors.

    `as_sent` makes of a statement what this server takes; checksums are of the files.
    """
    client.command(as_sent(_TABLE))
    todo = pending(migrations, applied_migrations(client))
    for migration in todo:
        for statement in migration.statements:
            client.command(as_sent(statement))
        record = [[migration.version, migration.name, migration.checksum]]
        client.insert("schema_migrations", record, column_names=["version", "name", "checksum"])
    return todo
