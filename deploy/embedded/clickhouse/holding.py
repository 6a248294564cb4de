"""Holds a result back for a while: an error that comes soon then has a status of its own."""

import tempfile
import time
from collections.abc import AsyncIterator
from typing import IO

HOLD_BYTES = 1024 * 1024  # ClickHouse's buffer_size
MAX_HOLD_BYTES = 16 * 1024 * 1024  # a client may ask for more than is good for everybody's memory
# A client that reads a slow stream row by row sees it begin, and a failure late in it breaks the stream
HOLD_S = 0.5
PIECE_BYTES = 256 * 1024


async def held(
    blocks: AsyncIterator[bytes], hold_bytes: int = HOLD_BYTES, hold_s: float = HOLD_S
) -> AsyncIterator[bytes]:
    """The same blocks, of which those of the first `hold_bytes` or `hold_s` are already made."""
    ready: list[bytes] = []
    size, until = 0, time.monotonic() + hold_s
    async for block in blocks:
        ready.append(block)
        size += len(block)
        if size >= hold_bytes or time.monotonic() >= until:
            break
    return _followed(ready, blocks)


async def _followed(ready: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for block in ready:
        yield block
    ready.clear()
    async for block in rest:
        yield block


async def spooled(blocks: AsyncIterator[bytes], spool_bytes: int) -> AsyncIterator[bytes]:
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
