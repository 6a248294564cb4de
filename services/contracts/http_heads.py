"""HTTP for uvicorn with bounds on the head of a request: its size, and the time in which it must come. uvicorn's own protocol has neither.

Without them anybody, with or without a key, could fill the memory with headers or hold connections by sending none.
"""

import asyncio
import socket
import struct
from typing import ClassVar, Final

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_AT_ONCE: Final = struct.pack("ii", 1, 0)
ABORT: Final = "thidua.abort"
"""The extension of a request's scope by which an application ends its connection without waiting for a reader to take what is left."""


async def abort(scope: Scope) -> None:
    """Ends the request's connection now, and lets the server notice it. Does nothing under a server without the extension."""
    extension = (scope.get("extensions") or {}).get(ABORT)
    if extension is not None:
        extension[ABORT]()
        await asyncio.sleep(0)


class BoundedHeads(HttpToolsProtocol):
    """Give it to `uvicorn.Config(http=...)`. A head that is too large is answered 400; one that is too slow loses its connection."""

    max_head_bytes: ClassVar[int] = 64 * 1024
    """Ours take a few hundred bytes; common proxies allow 8 to 32 KB. What comes in one read is taken whole, 256 KB at most."""

    head_timeout_s: ClassVar[float] = 10.0
    """From the connection, or the request's first byte, to the end of its head."""

    _head_bytes = 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: {ABORT: self._reset}}
        self._begin_head()

    def on_headers_complete(self) -> None:
        self._end_head()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._late is None or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > self.max_head_bytes:
            self.send_400_response(f"The head of the request has more than {self.max_head_bytes} bytes.")

    def _reset(self) -> None:
        """Lets go of what the kernel holds for the reader as well, which a close would keep until the reader takes it."""
        bound = self.transport.get_extra_info("socket")
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _begin_head(self) -> None:
        self._head_bytes = 0
        if self._late is None:
            self._late = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def _end_head(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
