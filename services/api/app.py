"""The FastAPI application, from what it is served from. Builds no client: `main` does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from services.api.answers import on_bad_request, on_fault, on_http_error, on_problem
from services.api.endpoints import (
    blocks,
    dead_letters,
    explanations,
    flags,
    freshness,
    halts,
    health,
    stream,
    units,
)
from services.api.freshness_report import FreshnessReports
from services.api.live import Live
from services.api.pages import blocks as blocks_page
from services.api.pages import board, map, operations, scorecard, wall
from services.api.security import SecurityHeaders
from services.contracts.http_requests import HttpRequests
from services.contracts.problems import Problem


def create_app(live: Live) -> FastAPI:
    """The api over `live`. `/openapi.json` describes it; there is no page for it, as those load their scripts from elsewhere."""
    app = FastAPI(title="thidua api", version="1", docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.live = live
    app.state.freshness = FreshnessReports(live)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HttpRequests, metrics=live.metrics)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_bad_request)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_fault)
    parts = (
        blocks,
        explanations,
        units,
        flags,
        dead_letters,
        halts,
        freshness,
        stream,
        health,
        blocks_page,
        board,
        map,
        scorecard,
        operations,
    )
    for part in parts:
        app.include_router(part.router)
    app.mount("/pages", StaticFiles(directory=wall.STATIC), name="pages")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    live: Live = app.state.live
    live.hub.bind(asyncio.get_running_loop())
    telling = asyncio.create_task(_tell_freshness(live))
    yield
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling
    live.hub.close()


async def _tell_freshness(live: Live) -> None:
    while True:
        await asyncio.sleep(live.settings.api_freshness_interval_s)
        if len(live.hub):
            for freshness in live.freshness_now():
                live.hub.tell(freshness)
