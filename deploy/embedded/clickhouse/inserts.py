"""Stores the rows of an insert as they arrive: nothing of it is there before all of it is."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from deploy.embedded.clickhouse.engine import Connection
from deploy.embedded.clickhouse.errors import CANNOT_DECOMPRESS, refusal
from deploy.embedded.clickhouse.incoming import LZ4, DataInsert
from deploy.embedded.clickhouse.lz4_frames import is_cut
from deploy.embedded.clickhouse.names import quoted
from deploy.embedded.clickhouse.summary import Summary
from deploy.embedded.clickhouse.workers import Workers

# A hop to a worker thread costs 0.1 ms: not one for every 64 KiB that the socket gives
APPEND_BYTES = 256 * 1024


async def store(
    workers: Workers,
    connection: Connection,
    incoming: DataInsert,
    parameters: Mapping[str, str],
    summary: Summary,
) -> None:
    """Returns when the rows are stored; when cancelled or failed before, there are none."""
    if incoming.head.input_call or incoming.head.fits_file:
        await _through_file(workers, connection, incoming, parameters, summary)
        return
    await workers.call(connection.bind, parameters)
    insert = await workers.call(connection.insert, incoming.head.sql, incoming.head.format)
    try:
        async for piece in _pieces(incoming):
            await workers.call(insert.append, piece)
        summary.add(await workers.call(insert.finish))
    except BaseException:
        await workers.call(insert.cancel)
        raise


async def _through_file(
    workers: Workers,
    connection: Connection,
    incoming: DataInsert,
    parameters: Mapping[str, str],
    summary: Summary,
) -> None:
    """The rows go to a file that the engine reads.

    It accepts `input()` and silently reads nothing from it. And an insert that it is given piece by piece it calls done where it met its
    memory limit and has stored nothing (seen: 50,000 of 600,000 rows gone without an error); the same insert from a file fails, or is stored.
    """
    with tempfile.NamedTemporaryFile(prefix="thidua-input-") as rows:
        rows.write(incoming.first)
        async for chunk in incoming.rest:
            rows.write(chunk)
        rows.flush()
        if incoming.encoding == LZ4 and is_cut(rows.file):
            raise refusal(CANNOT_DECOMPRESS, "CANNOT_DECOMPRESS", "The body ends inside an lz4 frame.")
        sql = incoming.head.from_file(quoted(rows.name), incoming.encoding)
        done = await workers.call(connection.execute, sql, "Null", parameters)
        summary.add(replace(done, result_rows=0))  # those it has written count already


async def _pieces(incoming: DataInsert) -> AsyncIterator[bytes]:
    pending = bytearray(incoming.first)
    async for chunk in incoming.rest:
        pending += chunk
        if len(pending) >= APPEND_BYTES:
            yield bytes(pending)
            pending.clear()
    if pending:
        yield bytes(pending)
