"""ClickHouse's own compressed blocks, which `compress=1` and `decompress=1` put into HTTP bodies.

A block is a checksum of 16 bytes over the rest, a byte for the method, the sizes of what follows (with these 9 bytes)
and of what it decompresses to, and the data. https://clickhouse.com/docs/native-protocol/compression
"""

import struct

import lz4.block
import zstandard

from deploy.embedded.clickhouse.cityhash import city_hash_128
from deploy.embedded.clickhouse.errors import CANNOT_DECOMPRESS, CHECKSUM_DOESNT_MATCH, refusal

BLOCK_BYTES = 1024 * 1024
MAX_BLOCK_BYTES = 1024 * 1024 * 1024  # ClickHouse's own bound: a size above it is damage

_CHECKSUM_BYTES = 16
_HEAD = struct.Struct("<BII")
_NONE, _LZ4, _ZSTD = 0x02, 0x82, 0x90


class FrameEncoder:
    """Packs a stream into blocks, one at least for each piece: what was given can be read at once."""

    def compress(self, data: bytes, /) -> bytes:
        return b"".join(_packed(data[at : at + BLOCK_BYTES]) for at in range(0, len(data), BLOCK_BYTES))

    def flush(self) -> bytes:
        return b""


class FrameDecoder:
    """Unpacks a stream of blocks that comes in pieces of any size."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> bytes:
        """What `data` adds to the unpacked stream. Raises code 40 when a checksum is wrong, 271 for other damage."""
        self._pending += data
        out: list[bytes] = []
        while (size := self._complete()) is not None:
            out.append(_unpacked(bytes(self._pending[:size])))
            del self._pending[:size]
        return b"".join(out)

    def finish(self) -> None:
        """Raises when the stream ended inside a block."""
        if self._pending:
            raise _damaged("the body ends inside a block")

    def _complete(self) -> int | None:
        """Length of the first block when all of it is there."""
        if len(self._pending) < _CHECKSUM_BYTES + _HEAD.size:
            return None
        _, packed, unpacked = _HEAD.unpack_from(self._pending, _CHECKSUM_BYTES)
        if not _HEAD.size <= packed <= MAX_BLOCK_BYTES or unpacked > MAX_BLOCK_BYTES:
            raise _damaged("a block has no possible size")
        size = _CHECKSUM_BYTES + int(packed)
        return size if len(self._pending) >= size else None


def _packed(data: bytes) -> bytes:
    body = bytes(lz4.block.compress(data, store_size=False))
    rest = _HEAD.pack(_LZ4, len(body) + _HEAD.size, len(data)) + body
    return city_hash_128(rest) + rest


def _unpacked(block: bytes) -> bytes:
    checksum, rest = block[:_CHECKSUM_BYTES], block[_CHECKSUM_BYTES:]
    if city_hash_128(rest) != checksum:
        raise refusal(
            CHECKSUM_DOESNT_MATCH, "CHECKSUM_DOESNT_MATCH", "Checksum doesn't match: corrupted data."
        )
    method, _, size = _HEAD.unpack_from(rest)
    body = rest[_HEAD.size :]
    try:
        if method == _LZ4:
            return bytes(lz4.block.decompress(body, uncompressed_size=size))
        if method == _ZSTD:
            return zstandard.ZstdDecompressor().decompress(body, max_output_size=size)
    except (lz4.block.LZ4BlockError, zstandard.ZstdError) as failure:
        raise _damaged(str(failure)) from failure
    if method == _NONE:
        return body
    raise _damaged(f"unknown method {method:#x}")


def _damaged(why: str) -> Exception:
    return refusal(CANNOT_DECOMPRESS, "CANNOT_DECOMPRESS", f"Cannot decompress the body's blocks: {why}.")
