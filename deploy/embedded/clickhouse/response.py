"""Encodes an outcome as an HTTP response: headers, compression, spooling, and the exception in the middle of a stream."""

import secrets
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable
from typing import IO, Protocol

import lz4.frame
import zstandard
from starlette.responses import Response, StreamingResponse

from deploy.embedded.clickhouse.errors import ClickHouseError
from deploy.embedded.clickhouse.execution import Outcome
from deploy.embedded.clickhouse.formats import content_type
from deploy.embedded.clickhouse.request import QueryRequest

HOLD_BYTES = 1024 * 1024  # ClickHouse's buffer_size: up to here an error still has its own status
PIECE_BYTES = 256 * 1024


class Server(Protocol):
    """What the headers say of the server."""

    @property
    def version(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def host_name(self) -> str: ...


class Encoder(Protocol):
    """Compresses a stream of pieces."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Lz4:
    def __init__(self) -> None:
        self._frame = lz4.frame.LZ4FrameCompressor()
        self._head: bytes = self._frame.begin()

    def compress(self, data: bytes, /) -> bytes:
        head, self._head = self._head, b""
        return head + bytes(self._frame.compress(data))

    def flush(self) -> bytes:
        return self._head + bytes(self._frame.flush())


# In the order of preference: loopback is fast, so the cheapest comes first
_ENCODERS: dict[str, Callable[[], Encoder]] = {
    "lz4": _Lz4,
    "zstd": lambda: zstandard.ZstdCompressor(level=1).compressobj(),
    "gzip": lambda: zlib.compressobj(level=1, wbits=31),
    "deflate": lambda: zlib.compressobj(level=1),
}


async def respond(request: QueryRequest, outcome: Outcome, server: Server, spool_bytes: int) -> Response:
    """The response. Reads the result to its end for `wait_end_of_query`, else until it is worth sending; what fails
    until then raises ClickHouseError, and later ends the stream with a tagged exception."""
    if request.wait_end:
        pieces = await _spooled(outcome.blocks, spool_bytes)
    else:
        pieces = await _held(outcome.blocks)
    tag = secrets.token_hex(8)
    headers = _headers(request, outcome, server, tag)
    encoding = next((name for name in _ENCODERS if name in request.accept_encodings), None)
    if encoding and outcome.format:
        headers["Content-Encoding"] = encoding
    stream = _marked(pieces, tag, server.version)
    body = (
        _compressed(stream, _ENCODERS[encoding]()) if "Content-Encoding" in headers and encoding else stream
    )
    return StreamingResponse(body, headers=headers)


def error_response(query_id: str, failure: ClickHouseError, server: Server) -> Response:
    """A statement that failed before anything was sent."""
    headers = {
        **_identity(query_id, server),
        "X-ClickHouse-Exception-Code": str(failure.code),
        "Content-Type": "text/plain; charset=UTF-8",
    }
    return Response(failure.body(server.version), failure.status, headers)


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


async def _held(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same blocks, of which the first HOLD_BYTES are already made."""
    ready: list[bytes] = []
    size = 0
    async for block in blocks:
        ready.append(block)
        size += len(block)
        if size >= HOLD_BYTES:
            break
    return _followed(ready, blocks)


async def _followed(ready: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for block in ready:
        yield block
    ready.clear()
    async for block in rest:
        yield block


async def _spooled(blocks: AsyncIterator[bytes], spool_bytes: int) -> AsyncIterator[bytes]:
    """The whole result, in memory up to `spool_bytes` and beyond that on disk."""
    spool = tempfile.SpooledTemporaryFile(max_size=spool_bytes)  # noqa: SIM115 - closed by the reader below
    try:
        async for block in blocks:
            spool.write(block)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return _read_out(spool)


async def _read_out(spool: IO[bytes]) -> AsyncIterator[bytes]:
    with spool:
        while piece := spool.read(PIECE_BYTES):
            yield piece


async def _marked(pieces: AsyncIterator[bytes], tag: str, version: str) -> AsyncIterator[bytes]:
    """The pieces, and when they break off, the exception in the form that clients look for."""
    try:
        async for piece in pieces:
            yield piece
    except ClickHouseError as failure:
        message = failure.body(version).encode()
        yield f"\r\n__exception__\r\n{tag}\r\n".encode() + message
        yield f"{len(message)} {tag}\r\n__exception__\r\n".encode()


async def _compressed(pieces: AsyncIterator[bytes], encoder: Encoder) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if packed := encoder.compress(piece):
            yield packed
    yield encoder.flush()
