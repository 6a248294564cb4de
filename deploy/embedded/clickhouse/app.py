"""The HTTP application: `/` takes statements, `/ping` and `/replicas_status` say that the server is there."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from deploy.embedded.clickhouse.engine import Engine
from deploy.embedded.clickhouse.errors import ClickHouseError
from deploy.embedded.clickhouse.execution import Execution
from deploy.embedded.clickhouse.incoming import DataInsert, encoded_insert, read_incoming
from deploy.embedded.clickhouse.query_log import QueryLog
from deploy.embedded.clickhouse.request import QueryRequest, asks_for_frames, read_request
from deploy.embedded.clickhouse.response import error_response, respond
from deploy.embedded.clickhouse.sessions import Sessions
from deploy.embedded.clickhouse.settings import MIB, ServerSettings
from deploy.embedded.clickhouse.statement import Statement
from deploy.embedded.clickhouse.users import Users
from deploy.embedded.clickhouse.workers import Workers

log = logging.getLogger(__name__)


class QueryEndpoint:
    """Answers statements. The connection of a statement is held until its response has been sent."""

    def __init__(self, engine: Engine, execution: Execution, settings: ServerSettings) -> None:
        self._engine = engine
        self._execution = execution
        self._settings = settings
        self._users = Users(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method == "OPTIONS":
            # Without the headers that would let pages of other sites ask: what is here is for this machine
            await Response(status_code=204, headers={"Allow": "GET, HEAD, POST, OPTIONS"})(
                scope, receive, send
            )
            return
        if request.method in ("GET", "HEAD") and not request.url.query:
            await PlainTextResponse("Ok.\n")(scope, receive, send)
            return
        query_id = request.query_params.get("query_id") or str(uuid.uuid4())
        try:
            await self._answer(request, query_id, send)
        except ClickHouseError as failure:
            framed = asks_for_frames(request.query_params)
            await error_response(query_id, failure, self._engine, in_frames=framed)(scope, receive, send)
        except ClientDisconnect:
            log.info(
                "a client left before its answer: its query was stopped, rows of an unfinished insert dropped"
            )

    async def _answer(self, request: Request, query_id: str, send: Send) -> None:
        query = await read_request(request, query_id, self._users)
        incoming = await _incoming(query)
        async with self._execution.run(query, incoming) as outcome:
            work = partial(respond, query, outcome, self._engine, self._settings.spool_in_memory_mib * MIB)
            stoppable = (
                isinstance(incoming, Statement) and incoming.reads_only and query.cancel_when_client_leaves
            )
            response = await (while_connected(request, work) if stoppable else work())
            await response(request.scope, request.receive, send)


async def _incoming(query: QueryRequest) -> Statement | DataInsert:
    encoded = query.sent and encoded_insert(query.text, query.encoding, query.sent)
    return encoded or await read_incoming(query.text, query.body)


async def while_connected(request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
    """The result of `work`, which is cancelled, with ClientDisconnect raised, when the client leaves. The request's
    body must have been read."""
    done: Response | ClickHouseError | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_on_disconnect, request, tasks.cancel_scope)
        try:
            done = await work()
        except ClickHouseError as failure:
            done = failure  # raised below: a task group would wrap it
        tasks.cancel_scope.cancel()
    if done is None:
        raise ClientDisconnect
    if isinstance(done, ClickHouseError):
        raise done
    return done


async def _cancel_on_disconnect(request: Request, scope: anyio.CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def build_app(engine: Engine, settings: ServerSettings) -> Starlette:
    """The application over an open engine, which it closes when it shuts down."""
    workers = Workers(settings.worker_threads)
    sessions = Sessions(engine, workers)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        housekeeping = asyncio.create_task(
            _keep_house(engine, sessions, workers, settings.housekeeping_every_s)
        )
        yield
        housekeeping.cancel()
        engine.kill_all()
        workers.close()
        sessions.close()
        engine.close()

    execution = Execution(engine, sessions, workers, QueryLog(engine, workers))
    endpoint = QueryEndpoint(engine, execution, settings)
    return Starlette(
        routes=[
            Route("/", endpoint),
            Route("/ping", _ok),
            Route("/replicas_status", _ok),
        ],
        exception_handlers={404: _no_handler},
        lifespan=lifespan,
    )


async def _keep_house(engine: Engine, sessions: Sessions, workers: Workers, every_s: float) -> None:
    """Ends idle sessions and gives freed memory back, for ever."""
    while True:
        await asyncio.sleep(every_s)
        await sessions.end_idle()
        try:
            await workers.call(engine.give_back_memory)
        except ClickHouseError as failure:
            log.warning("freed memory could not be given back: %s", failure)


async def _ok(_: Request) -> Response:
    return PlainTextResponse("Ok.\n")


async def _no_handler(request: Request, _: Exception) -> Response:
    return PlainTextResponse(
        f"There is no handle {request.url.path}\n\nUse / or /ping for health checks.\n", 404
    )
