"""Runs a request on the engine: an insert takes its rows as they arrive, a query gives its blocks as they are made."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from deploy.embedded.clickhouse.engine import Block, Connection, Engine
from deploy.embedded.clickhouse.errors import READONLY, ClickHouseError, refusal
from deploy.embedded.clickhouse.external import attach, detach
from deploy.embedded.clickhouse.incoming import DataInsert
from deploy.embedded.clickhouse.inserts import store
from deploy.embedded.clickhouse.processes import Processes
from deploy.embedded.clickhouse.query_log import QueryLog, Running
from deploy.embedded.clickhouse.reading import check_reader
from deploy.embedded.clickhouse.request import QueryRequest
from deploy.embedded.clickhouse.results import result
from deploy.embedded.clickhouse.sessions import Sessions
from deploy.embedded.clickhouse.statement import Kind, Statement, read
from deploy.embedded.clickhouse.summary import Summary
from deploy.embedded.clickhouse.workers import Workers

MAX_PROGRESS_HEADERS = 100  # clients bound the number of headers they read

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
    """What a statement gives. `format` is None when it gives no result; `summary` and `progress`, which holds earlier
    states of it as header values, grow while `blocks` are read."""

    format: str | None
    blocks: AsyncIterator[bytes]
    summary: Summary = field(default_factory=Summary)
    progress: list[str] = field(default_factory=list)


class Execution:
    """Runs requests on leased connections."""

    def __init__(self, engine: Engine, sessions: Sessions, workers: Workers, log: QueryLog) -> None:
        self._engine = engine
        self._sessions = sessions
        self._workers = workers
        self._log = log
        self._processes = Processes()

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
        if request.user.read_only:
            check_reader(request, incoming)
        sql = _sql(incoming)
        await self._log.write_when_asked(sql)
        with self._log.watching(request, sql) as running:
            async with (
                self._sessions.lease(request, _settings(request, sql)) as connection,
                self._external(connection, request),
            ):
                with self._processes.running(connection.tag, request.query_id):
                    async with self._outcome(connection, incoming, request, running) as outcome:
                        yield outcome

    @asynccontextmanager
    async def _outcome(
        self,
        connection: Connection,
        incoming: Statement | DataInsert,
        request: QueryRequest,
        running: Running,
    ) -> AsyncIterator[Outcome]:
        if isinstance(incoming, Statement):
            named = self._processes.naming(incoming.sql)
            statement = incoming if named is incoming.sql else read(named)
            async with self._query(connection, statement, request, running) as outcome:
                yield outcome
        else:
            summary = running.summary
            await store(self._workers, connection, incoming, request.parameters, summary)
            running.end()
            yield Outcome(None, _none(), summary)

    @asynccontextmanager
    async def _external(self, connection: Connection, request: QueryRequest) -> AsyncIterator[None]:
        if not request.external:
            yield
            return
        await self._workers.call(attach, connection, request.external)
        try:
            yield
        finally:
            await self._workers.call(detach, connection, request.external)

    @asynccontextmanager
    async def _query(
        self, connection: Connection, statement: Statement, request: QueryRequest, running: Running
    ) -> AsyncIterator[Outcome]:
        name = statement.format or request.default_format
        source = result(connection, statement, name, request, partial(self._engine.kill, connection))
        outcome = Outcome(None if statement.kind is Kind.EFFECT else name, _none(), running.summary)
        blocks = self._blocks(connection, source, outcome, name, stoppable=statement.reads_only)
        outcome.blocks = _watched(_progressing(blocks, outcome, request.progress_every_s), running)
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
        return await self._workers.call_or_kill(partial(self._engine.kill, connection), _next_block, source)


async def _progressing(
    blocks: AsyncIterator[bytes], outcome: Outcome, every_s: float | None
) -> AsyncIterator[bytes]:
    told = time.monotonic()
    async for block in blocks:
        if every_s is not None and time.monotonic() - told >= every_s:
            told = time.monotonic()
            if len(outcome.progress) < MAX_PROGRESS_HEADERS:
                outcome.progress.append(outcome.summary.header())
        yield block


async def _watched(blocks: AsyncIterator[bytes], running: Running) -> AsyncIterator[bytes]:
    """The blocks; how they ended is noted for the log, because past the first block nobody raises a failure further."""
    try:
        async for block in blocks:
            yield block
    except ClickHouseError as failure:
        running.failure = failure
        running.end()
        raise
    running.end()


def _sql(incoming: Statement | DataInsert) -> bytes:
    return incoming.sql if isinstance(incoming, Statement) else incoming.head.sql


def _settings(request: QueryRequest, sql: bytes) -> dict[str, str]:
    """The request's settings, over those that keep an insert with a token in one block."""
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
