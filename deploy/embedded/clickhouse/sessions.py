"""Gives every request a connection: one of its own, or that of its session, with the request's settings for its time."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from deploy.embedded.clickhouse.engine import Connection, Engine
from deploy.embedded.clickhouse.errors import SESSION_IS_LOCKED, SESSION_NOT_FOUND, refusal
from deploy.embedded.clickhouse.request import QueryRequest
from deploy.embedded.clickhouse.workers import Workers

# A client may ask again a moment before its last answer is put away; who takes longer is a second client
LOCK_PATIENCE_S = 1.0


@dataclass
class _Session:
    connection: Connection
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    expires_at: float = 0.0


class Sessions:
    """Sessions by id. One holds one statement at a time and ends when it was idle for its timeout."""

    def __init__(
        self, engine: Engine, workers: Workers, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._workers = workers
        self._monotonic = monotonic
        self._sessions: dict[tuple[str, str], _Session] = {}

    @asynccontextmanager
    async def lease(self, request: QueryRequest, settings: Mapping[str, str]) -> AsyncIterator[Connection]:
        """A connection configured for the request; it is the caller's until the block ends."""
        if request.session_id is None:
            connection = await self._workers.call(self._configured, request, settings)
            try:
                yield connection
            finally:
                await self._workers.call(connection.close)
            return
        async with self._held(request.session_id, request) as connection:
            if request.user.read_only:
                await self._workers.call(connection.make_read_only)
            database, saved = await self._workers.call(connection.save, settings)
            try:
                await self._workers.call(connection.configure, settings, request.database)
                yield connection
            finally:
                await self._workers.call(connection.restore, database if request.database else None, saved)

    def close(self) -> None:
        """Ends all sessions; blocks."""
        for session in self._sessions.values():
            session.connection.close()
        self._sessions.clear()

    @asynccontextmanager
    async def _held(self, session_id: str, request: QueryRequest) -> AsyncIterator[Connection]:
        await self.end_idle()
        key = (
            request.user.name,
            session_id,
        )  # a session is its user's: nobody else reads its temporary tables
        session = self._sessions.get(key)
        if session is None:
            if request.session_check:
                raise refusal(SESSION_NOT_FOUND, "SESSION_NOT_FOUND", f"Session {session_id} not found.")
            session = self._sessions[key] = _Session(self._engine.connect(), expires_at=math.inf)
        try:
            await asyncio.wait_for(session.lock.acquire(), LOCK_PATIENCE_S)
        except TimeoutError:
            message = f"Session {session_id} is locked by a concurrent client."
            raise refusal(SESSION_IS_LOCKED, "SESSION_IS_LOCKED", message) from None
        try:
            yield session.connection
        finally:
            session.expires_at = self._monotonic() + request.session_timeout_s
            session.lock.release()

    async def end_idle(self) -> None:
        """Ends the sessions whose timeout is over."""
        now = self._monotonic()
        ended = [
            key
            for key, session in self._sessions.items()
            if not session.lock.locked() and session.expires_at < now
        ]
        for session in [self._sessions.pop(key) for key in ended]:
            await self._workers.call(session.connection.close)

    def _configured(self, request: QueryRequest, settings: Mapping[str, str]) -> Connection:
        connection = self._engine.connect()
        try:
            connection.configure(settings, request.database)
            if request.user.read_only:
                connection.make_read_only()
        except BaseException:
            connection.close()
            raise
        return connection
