"""Turns results and problems into HTTP responses."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.contracts.problems import PROBLEM_MEDIA_TYPE, BatchRejected, Problem, ProblemDetail
from services.ingest.answers import BatchAnswer, EventResult, RejectedBatch, Status

_DRAIN_S: Final = 1.0
"""A sender in the middle of a body may still read the answer for this long before its connection is closed."""


def json_response(content: object, status: int = 200, media_type: str = "application/json") -> Response:
    """Ends with a newline, so that a shell's prompt stands below it."""
    return Response(msgspec.json.encode(content) + b"\n", status, media_type=media_type)


def problem_response(problem: Problem, instance: str | None, *, body_unread: bool = False) -> Response:
    """RFC 9457. With `body_unread` the connection is closed after the answer, as the rest of the body stands in it."""
    kind = _ClosingResponse if body_unread else Response
    body = msgspec.json.encode(problem.as_detail(instance)) + b"\n"
    return kind(body, problem.status, headers=dict(problem.headers), media_type=PROBLEM_MEDIA_TYPE)


def single_response(result: EventResult, instance: str | None) -> Response:
    """200 with the result, or the event's own problem."""
    if result.problem is not None:
        result.problem.instance = instance
        return json_response(result.problem, result.problem.status, PROBLEM_MEDIA_TYPE)
    return json_response(result)


def batch_response(
    results: Sequence[EventResult], counts: Mapping[Status, int], instance: str | None
) -> Response:
    """200 when nothing was rejected, 207 when something was, 422 when everything was: a 4xx says that nothing reached the log.

    `counts` are the results by status.
    """
    rejected = counts["rejected"]
    if rejected and rejected == len(results):
        return json_response(_rejected(results, instance), BatchRejected.status, PROBLEM_MEDIA_TYPE)
    answer = BatchAnswer(
        results=list(results),
        accepted=counts["accepted"],
        rejected=rejected,
        duplicate=counts["duplicate"],
    )
    return json_response(answer, 207 if rejected else 200)


def _rejected(results: Sequence[EventResult], instance: str | None) -> RejectedBatch:
    problem = BatchRejected(f"All {len(results)} events were rejected.").as_detail(instance)
    members = {name: getattr(problem, name) for name in ProblemDetail.__struct_fields__}
    return RejectedBatch(**members, results=list(results), accepted=0, rejected=len(results), duplicate=0)


class _ClosingResponse(Response):
    """Answers at once, then reads on for a moment, so that the close does not take the answer away from a sender still writing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers["connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                while (await receive()).get("more_body", False):
                    pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})
