"""Decodes request bodies as they arrive: Content-Encoding lz4, zstd, br, gzip, deflate, in one frame or many."""

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import brotli
import lz4.frame
import zstandard

from deploy.embedded.clickhouse import frames as frames_of
from deploy.embedded.clickhouse.brotli_frames import BrotliFrameDecoder
from deploy.embedded.clickhouse.errors import BAD_ARGUMENTS, CANNOT_DECOMPRESS, refusal


class FrameDecoder(Protocol):
    """Decodes one compressed frame."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...
    def decompress(self, data: bytes, /) -> bytes: ...


_DECODERS: dict[str, Callable[[], FrameDecoder]] = {
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
    "br": BrotliFrameDecoder,
    "gzip": lambda: zlib.decompressobj(wbits=31),
    "deflate": zlib.decompressobj,
}


class Decoder:
    """Decodes a body of one or more frames: clickhouse-connect compresses each block into a frame of its own."""

    def __init__(self, encoding: str) -> None:
        if encoding not in _DECODERS:
            raise refusal(BAD_ARGUMENTS, "BAD_ARGUMENTS", f"Unknown Content-Encoding '{encoding}'.")
        self._encoding = encoding
        self._frame: FrameDecoder | None = None

    def feed(self, data: bytes) -> bytes:
        """What `data` adds to the decoded body."""
        out: list[bytes] = []
        while data:
            frame = self._frame or _DECODERS[self._encoding]()
            try:
                out.append(frame.decompress(data))
            except (RuntimeError, zlib.error, zstandard.ZstdError, brotli.error) as failure:
                raise self._broken(str(failure)) from failure
            data = frame.unused_data or b"" if frame.eof else b""
            self._frame = None if frame.eof else frame
        return b"".join(out)

    def finish(self) -> None:
        """Raises when the body ended inside a frame: it was cut, and must not be taken for a whole."""
        if self._frame is not None:
            raise self._broken("the body ends inside a compressed frame")

    def _broken(self, why: str) -> Exception:
        return refusal(
            CANNOT_DECOMPRESS, "CANNOT_DECOMPRESS", f"Cannot decompress {self._encoding} body: {why}."
        )


async def decoded(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The chunks of a body, decoded; raises code 271 when it is damaged or cut."""
    if encoding in ("", "identity"):
        async for chunk in chunks:
            yield chunk
        return
    decoder = Decoder(encoding)
    async for chunk in chunks:
        yield decoder.feed(chunk)
    decoder.finish()


async def unframed(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks of a body in ClickHouse's own compressed blocks (`decompress=1`), unpacked."""
    frames = frames_of.FrameDecoder()
    async for chunk in chunks:
        yield frames.feed(chunk)
    frames.finish()
