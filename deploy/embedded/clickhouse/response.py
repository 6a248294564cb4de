"""Encodes an outcome as an HTTP response: headers, compression, and the exception in the middle of a stream."""

import math
import secrets
from collections.abc import AsyncIterator
from typing import Protocol

from starlette.responses import Response, StreamingResponse

from deploy.embedded.clickhouse.compression import ENCODERS, chosen, compressed
from deploy.embedded.clickhouse.errors import ClickHouseError
from deploy.embedded.clickhouse.execution import Outcome
from deploy.embedded.clickhouse.formats import content_type, may_stream
from deploy.embedded.clickhouse.frames import FrameEncoder
from deploy.embedded.clickhouse.holding import HOLD_S, held, spooled
from deploy.embedded.clickhouse.request import QueryRequest

PROGRESS_HEADER = "X-ClickHouse-Progress"


class Server(Protocol):
    """What the headers say of the server."""

    @property
    def version(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def host_name(self) -> str: ...


async def respond(request: QueryRequest, outcome: Outcome, server: Server, spool_bytes: int) -> Response:
    """The response. Reads the result to its end for `wait_end_of_query`, else until it is worth sending; what fails
    until then raises ClickHouseError, and later ends the stream with a tagged exception."""
    if request.wait_end:
        pieces = await spooled(outcome.blocks, spool_bytes)
    else:
        # A document (JSON, Parquet ...) is of use to nobody before its end, as rows in a stream are
        hold_s = HOLD_S if may_stream(outcome.format or "") else math.inf
        pieces = await held(outcome.blocks, request.hold_bytes, hold_s)
    tag = secrets.token_hex(8)
    body = _marked(pieces, tag, server.version)
    headers = _headers(request, outcome, server, tag)
    if request.in_frames:
        body = compressed(body, FrameEncoder())
    encoding = chosen(request.accept_encodings)
    if encoding and outcome.format:
        headers["Content-Encoding"] = encoding
        body = compressed(body, ENCODERS[encoding]())
    response = StreamingResponse(body, headers=headers)
    for counts in outcome.progress:
        response.headers.append(PROGRESS_HEADER, counts)
    return response


def error_response(
    query_id: str, failure: ClickHouseError, server: Server, *, in_frames: bool = False
) -> Response:
    """A statement that failed before anything was sent."""
    headers = {
        **_identity(query_id, server),
        "X-ClickHouse-Exception-Code": str(failure.code),
        "Content-Type": "text/plain; charset=UTF-8",
    }
    body = failure.body(server.version).encode()
    return Response(FrameEncoder().compress(body) if in_frames else body, failure.status, headers)


def _headers(request: QueryRequest, outcome: Outcome, server: Server, tag: str) -> dict[str, str]:
    headers = _identity(request.query_id, server)
    headers["X-ClickHouse-Timezone"] = request.settings.get("session_timezone") or server.timezone
    headers["X-ClickHouse-Summary"] = outcome.summary.header()
    headers["X-ClickHouse-Exception-Tag"] = tag
    headers["Content-Type"] = content_type(outcome.format or "Pretty")
    if outcome.format:
        headers["X-ClickHouse-Format"] = outcome.format
    return headers


def _identity(query_id: str, server: Server) -> dict[str, str]:
    safe_id = query_id.encode("ascii", "replace").decode().replace("\r", "").replace("\n", "")
    return {
        "X-ClickHouse-Server-Display-Name": server.host_name,
        "X-ClickHouse-Query-Id": safe_id,
        "X-ClickHouse-Timezone": server.timezone,
    }


async def _marked(pieces: AsyncIterator[bytes], tag: str, version: str) -> AsyncIterator[bytes]:
    """The pieces, and when they break off, the exception in the form that clients look for."""
    try:
        async for piece in pieces:
            yield piece
    except ClickHouseError as failure:
        message = failure.body(version).encode()
        yield f"\r\n__exception__\r\n{tag}\r\n".encode() + message
        yield f"{len(message)} {tag}\r\n__exception__\r\n".encode()
