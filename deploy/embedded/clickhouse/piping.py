"""Streams results that chdb would build whole (JSON, Parquet, Arrow ...): the engine writes them into a pipe as it goes."""

import fcntl
import os
import select
import threading
import time
from collections.abc import Callable, Generator, Mapping

from deploy.embedded.clickhouse.engine import Block, Connection
from deploy.embedded.clickhouse.statement import Statement

PIECE_BYTES = 256 * 1024
_PIPE_BYTES = 1024 * 1024  # what the engine may be ahead of the client
_KILL_AGAIN_S = 0.5  # a statement that has only just begun may not be there yet to be killed


class _Writing(threading.Thread):
    """A statement that runs to its end and writes to `target`, which is closed then."""

    def __init__(self, run: Callable[[], Block], target: int) -> None:
        super().__init__(name="piping", daemon=True)
        self._run = run
        self._target = target
        self._counts: Block | None = None
        self._failure: Exception | None = None

    def run(self) -> None:
        try:
            self._counts = self._run()
        except Exception as failure:  # raised again where it is waited for
            self._failure = failure
        finally:
            os.close(self._target)

    def ended(self) -> Block:
        """What it took, once it has ended; raises what it failed with."""
        self.join()
        if self._failure is not None:
            raise self._failure
        return self._counts or Block(b"")


def piped(
    connection: Connection,
    statement: Statement,
    format_name: str,
    parameters: Mapping[str, str],
    kill: Callable[[], None],
) -> Generator[Block]:
    """The result in pieces, and a last block without data that has its counts. Closing the iterator early stops the
    statement with `kill`, because the engine does not notice that nobody reads."""
    reading, target = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    sql = statement.written_to(f"/dev/fd/{target}", format_name)
    writing = _Writing(lambda: connection.execute(sql, format_name, parameters), target)
    writing.start()
    try:
        while piece := os.read(reading, PIECE_BYTES):
            yield Block(piece)
        yield writing.ended()
    finally:
        if writing.is_alive():
            _stop(reading, kill)
            writing.join()
        os.close(reading)


def _stop(reading: int, kill: Callable[[], None]) -> None:
    """Ends the statement. What it writes until it notices is read, or it would wait for ever to write it."""
    while True:
        kill()
        until = time.monotonic() + _KILL_AGAIN_S
        while (left := until - time.monotonic()) > 0:
            if select.select([reading], [], [], left)[0] and not os.read(reading, PIECE_BYTES):
                return
