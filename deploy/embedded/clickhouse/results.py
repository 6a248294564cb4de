"""The result of a statement, block by block: streamed where the engine and the format allow it, and made what a server
would answer where the engine alone answers otherwise."""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import replace

from deploy.embedded.clickhouse import formats, native
from deploy.embedded.clickhouse.engine import Block, Connection
from deploy.embedded.clickhouse.errors import UNKNOWN_TABLE, ClickHouseError
from deploy.embedded.clickhouse.names import is_name
from deploy.embedded.clickhouse.piping import piped
from deploy.embedded.clickhouse.request import QueryRequest
from deploy.embedded.clickhouse.show_create import statement_of_system_table
from deploy.embedded.clickhouse.statement import Kind, Statement

Blocks = Generator[Block]
"""A statement under way. Close it before its connection: the engine's process ends when a stream outlives that."""


def result(
    connection: Connection,
    statement: Statement,
    format_name: str,
    request: QueryRequest,
    kill: Callable[[], None],
) -> Blocks:
    """The blocks. Runs while they are read, and blocks; closing the iterator stops the statement, for which `kill` ends
    what runs on the connection."""
    streams = statement.kind is Kind.ROWS and formats.may_stream(format_name)
    if statement.kind is Kind.ROWS and not streams and is_name(format_name):
        return piped(connection, statement, format_name, request.parameters, kill)
    source = _streamed if streams else _whole
    blocks = source(connection, statement, format_name, request.parameters)
    if format_name != "Native" or request.protocol_version < native.BLOCK_INFO:
        return blocks
    return _for_version(blocks, connection, statement, request, single=streams)


def _streamed(
    connection: Connection, statement: Statement, format_name: str, parameters: Mapping[str, str]
) -> Blocks:
    with closing(connection.stream(statement.sql, format_name, parameters)) as blocks:
        for number, block in enumerate(blocks):
            yield replace(block, data=formats.without_head(format_name, block.data)) if number else block


def _whole(
    connection: Connection, statement: Statement, format_name: str, parameters: Mapping[str, str]
) -> Blocks:
    try:
        yield connection.execute(statement.sql, format_name, parameters)
    except ClickHouseError as failure:
        written = statement_of_system_table(statement.sql) if failure.code == UNKNOWN_TABLE else None
        block = connection.execute(written, format_name, {}) if written else Block(b"")
        if not block.result_rows:
            raise
        yield block


def _for_version(
    blocks: Blocks,
    connection: Connection,
    statement: Statement,
    request: QueryRequest,
    *,
    single: bool,
) -> Blocks:
    # Before the statement runs: a connection takes one at a time
    types = _types(connection, statement, request) if statement.kind is Kind.ROWS else {}
    with closing(blocks):
        for block in blocks:
            data = native.for_version(block.data, request.protocol_version, types, single=single)
            yield replace(block, data=data)


def _types(connection: Connection, statement: Statement, request: QueryRequest) -> dict[str, str]:
    """The types of the columns by name, or nothing when the statement cannot be described, as when it will fail.
    The engine's blocks say `DateTime` whatever its zone; this costs 1 ms."""
    if request.protocol_version < native.TIME_ZONES:
        return {}
    try:
        described = connection.execute(
            b"DESCRIBE (" + statement.without_format + b"\n)", "JSONCompactEachRow", request.parameters
        )
    except ClickHouseError:
        return {}
    return {str(row[0]): str(row[1]) for row in map(json.loads, described.data.splitlines())}
