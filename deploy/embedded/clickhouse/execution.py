"""Runs a request on the engine: an insert takes its rows as they arrive, a query gives its blocks as they are made."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from deploy.embedded.clickhouse.engine import Block, Connection, Engine, Insert, blocks
from deploy.embedded.clickhouse.errors import READONLY, refusal
from deploy.embedded.clickhouse.incoming import DataInsert
from deploy.embedded.clickhouse.request import QueryRequest
from deploy.embedded.clickhouse.sessions import Sessions
from deploy.embedded.clickhouse.statement import Kind, Statement
from deploy.embedded.clickhouse.summary import Summary
from deploy.embedded.clickhouse.workers import Workers

APPEND_BYTES = (
    256 * 1024
)  # a hop to a worker thread costs 0.1 ms: not one for every 64 KiB that the socket gives

_TOKEN_SETTING = "insert_deduplication_token"
_WITH_TOKEN = re.compile(_TOKEN_SETTING.encode(), re.IGNORECASE)
_ONE_BLOCK = {
    # An insert that the engine cuts is deduplicated block by block: 100,000 rows with one token were seen cut at
    # 65,536 and the rest dropped as a duplicate, and a retry may be cut elsewhere. So it is never cut.
    "max_insert_block_size": "1000000000",
    "max_insert_block_size_bytes": "0",
    "min_insert_block_size_rows": "1000000000",
    "min_insert_block_size_bytes": "0",
}


@dataclass
class Outcome:
    """What a statement gives. `format` is None when it gives no result; `summary` grows while `blocks` are read."""

    format: str | None
    blocks: AsyncIterator[bytes]
    summary: Summary = field(default_factory=Summary)


class Execution:
    """Runs requests on leased connections."""

    def __init__(self, engine: Engine, sessions: Sessions, workers: Workers) -> None:
        self._engine = engine
        self._sessions = sessions
        self._workers = workers

    @asynccontextmanager
    async def run(self, request: QueryRequest, incoming: Statement | DataInsert) -> AsyncIterator[Outcome]:
        """The outcome, valid until the block ends. A query runs only while its blocks are read, and cancelling stops
        it; an insert is stored when the block begins, and one that is cancelled before leaves no rows."""
        if request.read_only_method and not (isinstance(incoming, Statement) and incoming.reads_only):
            raise refusal(
                READONLY,
                "READONLY",
                "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. "
                "You should use method POST for modifying queries.",
            )
        async with self._sessions.lease(request, _settings(request, incoming)) as connection:
            if isinstance(incoming, Statement):
                async with self._query(connection, incoming, request) as outcome:
                    yield outcome
            else:
                yield await self._insert(connection, incoming, request.parameters)

    async def _insert(
        self, connection: Connection, incoming: DataInsert, parameters: Mapping[str, str]
    ) -> Outcome:
        summary = Summary()
        await self._workers.call(connection.bind, parameters)
        insert = await self._workers.call(connection.insert, incoming.head.sql, incoming.head.format)
        try:
            await self._append_all(insert, incoming)
            summary.add(await self._workers.call(insert.finish))
        except BaseException:
            await self._workers.call(insert.cancel)
            raise
        return Outcome(None, _none(), summary)

    async def _append_all(self, insert: Insert, incoming: DataInsert) -> None:
        pending = bytearray(incoming.first)
        async for chunk in incoming.rest:
            pending += chunk
            if len(pending) >= APPEND_BYTES:
                await self._workers.call(insert.append, bytes(pending))
                pending.clear()
        if pending:
            await self._workers.call(insert.append, bytes(pending))

    @asynccontextmanager
    async def _query(
        self, connection: Connection, statement: Statement, request: QueryRequest
    ) -> AsyncIterator[Outcome]:
        name = statement.format or request.default_format
        streams = statement.kind is Kind.ROWS
        source = blocks(connection, statement.sql, name, request.parameters, streams=streams)
        outcome = Outcome(None if statement.kind is Kind.EFFECT else name, _none())
        outcome.blocks = self._blocks(connection, source, outcome, name, stoppable=statement.reads_only)
        try:
            yield outcome
        finally:
            await self._workers.call(_close, source)

    async def _blocks(
        self, connection: Connection, source: Iterator[Block], outcome: Outcome, name: str, *, stoppable: bool
    ) -> AsyncIterator[bytes]:
        while (block := await self._next(connection, source, stoppable=stoppable)) is not None:
            outcome.summary.add(block)
            if block.data:
                outcome.format = name  # an ALTER may give rows too: nobody can tell before
                yield block.data

    async def _next(
        self, connection: Connection, source: Iterator[Block], *, stoppable: bool
    ) -> Block | None:
        if not stoppable:
            return await self._workers.call(_next_block, source)
        return await self._workers.call_or_kill(lambda: self._engine.kill(connection), _next_block, source)


def _settings(request: QueryRequest, incoming: Statement | DataInsert) -> dict[str, str]:
    """The request's settings, over those that keep an insert with a token in one block."""
    sql = incoming.sql if isinstance(incoming, Statement) else incoming.head.sql
    with_token = _TOKEN_SETTING in request.settings or _WITH_TOKEN.search(sql)
    return (_ONE_BLOCK if with_token else {}) | dict(request.settings)


def _next_block(source: Iterator[Block]) -> Block | None:
    return next(source, None)


def _close(source: Iterator[Block]) -> None:
    close = getattr(source, "close", None)
    if close is not None:
        close()


async def _none() -> AsyncIterator[bytes]:
    return
    yield b""
