"""The door's web application: its addresses, and every error as a problem."""

from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Lifespan

from services.contracts.http_requests import HttpRequests, instance_of
from services.contracts.problems import InternalFault, MethodNotAllowed, NotFound, Problem
from services.ingest.door import Door
from services.ingest.endpoints import router
from services.ingest.responses import problem_response

_NO_TELEMETRY: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own asks the environment for its exporters at each request; traces and metrics of every service are `HttpRequests`'."""

_log = structlog.get_logger("thidua.ingest")


def create_app(door: Door, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The interactive documentation is off: its pages load scripts from elsewhere."""
    app = FastAPI(
        title="thidua ingest", docs_url=None, redoc_url=None, lifespan=lifespan, telemetry=_NO_TELEMETRY
    )
    app.state.door = door
    app.include_router(router)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_fault)
    app.add_middleware(HttpRequests, metrics=door.metrics)
    return app


async def _on_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    _log.info("request refused", problem=problem.slug, status=problem.status, path=request.url.path)
    return problem_response(problem, instance_of(request), body_unread=_is_body_unread(request))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return await _on_problem(request, _as_problem(request, error))


def _as_problem(request: Request, error: HTTPException) -> Problem:
    if error.status_code == 405:
        problem: Problem = MethodNotAllowed(f"{request.method} {request.url.path} is not served.")
        problem.headers = dict(error.headers or {})  # type: ignore[misc]  # Allow: differs by address
        return problem
    if error.status_code == 404:
        return NotFound(f"There is nothing at {request.url.path}.", next="Push to POST /v1/events.")
    return InternalFault(str(error.detail))


async def _on_disconnect(request: Request, _error: Exception) -> Response:
    """Nobody is there to read it."""
    _log.info("sender left before its body was complete", path=request.url.path)
    return Response(status_code=400)


async def _on_fault(request: Request, error: Exception) -> Response:
    _log.error("request failed", path=request.url.path, exc_info=error)
    return problem_response(InternalFault("The log of the door has the cause."), instance_of(request))


def _is_body_unread(request: Request) -> bool:
    """Whether the request announced a body that was not read to its end."""
    has_body = "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"
    return has_body and not getattr(request.state, "body_read", False)
