"""External data: rows that come with a query, and are a temporary table for as long as it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from deploy.embedded.clickhouse.engine import Connection
from deploy.embedded.clickhouse.errors import BAD_ARGUMENTS, refusal
from deploy.embedded.clickhouse.names import quoted

PIECE_BYTES = 256 * 1024

_SUFFIXES = ("_format", "_structure", "_types")


@dataclass(frozen=True)
class ExternalTable:
    """A table of the request: `structure` is a list of columns as in CREATE TABLE, `data` is read once."""

    name: str
    format: str
    structure: str
    data: IO[bytes]


def external_tables(
    files: Mapping[str, IO[bytes]], parameters: Mapping[str, str]
) -> tuple[ExternalTable, ...]:
    """The files as tables, described by `<name>_format` and `<name>_structure` or `<name>_types`. Raises code 36 when
    neither says what the columns are."""
    return tuple(
        ExternalTable(
            name, parameters.get(f"{name}_format", "TabSeparated"), _structure(name, parameters), data
        )
        for name, data in files.items()
    )


def describing(files: Mapping[str, IO[bytes]]) -> frozenset[str]:
    """The parameters that describe these files, and so are no settings."""
    return frozenset(name + suffix for name in files for suffix in _SUFFIXES)


def _structure(name: str, parameters: Mapping[str, str]) -> str:
    if structure := parameters.get(f"{name}_structure"):
        return structure
    if types := parameters.get(f"{name}_types"):
        return ", ".join(f"_{number} {kind}" for number, kind in enumerate(_split(types), start=1))
    message = (
        f"The columns of external table {name} are not known: {name}_structure or {name}_types is needed."
    )
    raise refusal(BAD_ARGUMENTS, "BAD_ARGUMENTS", message)


def _split(types: str) -> Iterator[str]:
    """The types in a list; a comma inside brackets belongs to its type."""
    depth, begin = 0, 0
    for at, character in enumerate(types):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield types[begin:at].strip()
            begin = at + 1
    yield types[begin:].strip()


def attach(connection: Connection, tables: tuple[ExternalTable, ...]) -> None:
    """Makes the tables on the connection; when one fails, none of them is left. Blocks."""
    for number, table in enumerate(tables):
        name = quoted(table.name, "`")
        try:
            connection.execute(f"CREATE TEMPORARY TABLE {name} ({table.structure})".encode(), "Null", {})
        except BaseException:
            detach(connection, tables[:number])
            raise
        try:
            _fill(connection, name, table)
        except BaseException:
            detach(connection, tables[: number + 1])
            raise


def detach(connection: Connection, tables: tuple[ExternalTable, ...]) -> None:
    """Drops the tables that `attach` made. Blocks."""
    for table in tables:
        name = quoted(table.name, "`")
        connection.execute(f"DROP TEMPORARY TABLE IF EXISTS {name}".encode(), "Null", {})


def _fill(connection: Connection, name: str, table: ExternalTable) -> None:
    insert = connection.insert(f"INSERT INTO {name}".encode(), table.format)
    try:
        with table.data:
            while piece := table.data.read(PIECE_BYTES):
                insert.append(piece)
        insert.finish()
    except BaseException:
        insert.cancel()
        raise
