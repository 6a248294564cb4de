"""Compresses response bodies: the HTTP encodings, and ClickHouse's own blocks inside them."""

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import brotli
import lz4.frame
import zstandard


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


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Compressor(quality=1)

    def compress(self, data: bytes, /) -> bytes:
        return bytes(self._stream.process(data))

    def flush(self) -> bytes:
        return bytes(self._stream.finish())


# In the order of preference: loopback is fast, so the cheapest comes first.
ENCODERS: dict[str, Callable[[], Encoder]] = {
    "lz4": _Lz4,
    "zstd": lambda: zstandard.ZstdCompressor(level=1).compressobj(),
    "br": _Brotli,
    "gzip": lambda: zlib.compressobj(level=1, wbits=31),
    "deflate": lambda: zlib.compressobj(level=1),
}


def chosen(accepted: frozenset[str]) -> str | None:
    """The encoding for a client that accepts these."""
    return next((name for name in ENCODERS if name in accepted), None)


async def compressed(pieces: AsyncIterator[bytes], encoder: Encoder) -> AsyncIterator[bytes]:
    """The pieces, encoded as they come."""
    async for piece in pieces:
        if packed := encoder.compress(piece):
            yield packed
    yield encoder.flush()
