"""Answers: JSON by msgspec with an entity tag, and problems (RFC 9457)."""

import hashlib
from typing import Any, Final

import msgspec
import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from services.contracts.problems import PROBLEM_MEDIA_TYPE, BadParameter, InternalFault, NotFound, Problem

_encode: Final = msgspec.json.Encoder().encode

log = structlog.get_logger("thidua.api")


def json_answer(value: Any) -> Response:
    """`value` as JSON, not to be kept by anyone in between."""
    return Response(_encode(value), media_type="application/json", headers={"Cache-Control": "no-store"})


def tagged_answer(request: Request, value: Any) -> Response:
    """`value` as JSON with an ETag of its bytes; 304 when the caller has them already."""
    body = _encode(value)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _has(if_none_match: str, tag: str) -> bool:
    given = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return tag in given or "*" in given


def problem_answer(request: Request, problem: Problem) -> Response:
    return Response(
        _encode(problem.as_detail(instance=request.url.path)),
        status_code=problem.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers={**problem.headers, "Cache-Control": "no-store"},
    )


async def on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_answer(request, error)


async def on_bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    return problem_answer(request, BadParameter(f"{where}: {first['msg']}."))


async def on_fault(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, exc_info=error)
    return problem_answer(
        request,
        InternalFault(
            "The log of the api has the cause.", next="Ask again; tell the operator when it stays."
        ),
    )


async def on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return problem_answer(request, NotFound(f"There is nothing at {request.url.path}."))
    problem = Problem(str(error.detail))
    answer = problem_answer(request, problem)
    answer.status_code = error.status_code
    answer.body = _encode({**problem.as_dict(), "status": error.status_code, "title": str(error.detail)})
    answer.headers["Content-Length"] = str(len(answer.body))
    return answer
