"""The engine in this process, and its connections. Every call here blocks: call it from a worker thread.

chdb runs statements of different connections in parallel and outside Python's lock; one connection takes one statement
at a time. A connection costs 0.2 ms, so a request without a session gets one of its own, and settings never leak.
"""

import json
import uuid
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

# chdb's own wrapper drops blocks without rows, so heads and totals would be lost
from chdb._chdb import connect  # type: ignore[attr-defined]

from deploy.embedded.clickhouse.access import READER_ROLE, write_access
from deploy.embedded.clickhouse.errors import ClickHouseError, from_engine
from deploy.embedded.clickhouse.names import quoted, setting_name

Saved = Mapping[str, tuple[str, bool]]
"""Settings as they were: value, and whether it had been changed from the default."""


@dataclass(frozen=True)
class Block:
    """A piece of a result, and what it took to make it."""

    data: bytes
    result_rows: int = 0
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0

    @classmethod
    def of(cls, result: Any) -> "Block":
        return cls(
            data=result.bytes() or b"",
            result_rows=result.rows_read(),
            read_rows=result.storage_rows_read(),
            read_bytes=result.storage_bytes_read(),
            written_rows=result.rows_written(),
            written_bytes=result.bytes_written(),
        )


class Insert:
    """An insert under way: rows are bytes in its format, and count only after `finish`."""

    def __init__(self, raw: Any, sql: bytes, format_name: str) -> None:
        self._raw = raw
        with _engine_errors():
            self._handle = raw.send_insert(sql, format_name)

    def append(self, data: bytes) -> None:
        with _engine_errors():
            self._raw.insert_append(self._handle, data)

    def finish(self) -> Block:
        """Stores the rows; when it returns they survive the end of this process."""
        with _engine_errors():
            return Block.of(self._raw.insert_done(self._handle))

    def cancel(self) -> None:
        """Forgets the rows. Harmless after a failure."""
        try:
            self._raw.insert_cancel(self._handle)
        except RuntimeError:
            return  # the engine had already dropped it


class Connection:
    """One session of the engine: its settings, database and temporary tables. One statement at a time."""

    def __init__(self, raw: Any, tag: str) -> None:
        self._raw = raw
        self.tag = tag

    def configure(self, settings: Mapping[str, str], database: str | None) -> None:
        """Raises what the engine has against a setting (115) or the database (81)."""
        if database:
            self._run(f"USE {quoted(database, '`')}")
        if settings:
            self._run("SET " + ", ".join(f"{setting_name(k)} = {quoted(v)}" for k, v in settings.items()))

    def make_read_only(self) -> None:
        """From now on only queries, their settings and temporary tables: no statement undoes `readonly`, and one that
        sets another role has it until this is called again, before the next."""
        self._run(f"SET ROLE {READER_ROLE}")
        if self._run("SELECT getSetting('readonly')").data == b"0\n":
            self._run("SET readonly = 2")

    def bind(self, parameters: Mapping[str, str]) -> None:
        """Binds `{name:Type}` for inserts, which take no parameters with the call."""
        if parameters:
            self._run(
                "SET " + ", ".join(f"param_{setting_name(k)} = {quoted(v)}" for k, v in parameters.items())
            )

    def save(self, settings: Mapping[str, str]) -> tuple[str, Saved]:
        """The current database, and the current values of these settings."""
        database = self._run("SELECT currentDatabase() FORMAT TSVRaw").data.decode().removesuffix("\n")
        names = ", ".join(quoted(setting_name(name)) for name in settings)
        if not names:
            return database, {}
        rows = self._run(
            f"SELECT name, value, changed FROM system.settings WHERE name IN ({names})", "JSONEachRow"
        )
        values = (json.loads(line) for line in rows.data.splitlines())
        return database, {row["name"]: (row["value"], bool(row["changed"])) for row in values}

    def restore(self, database: str | None, saved: Saved) -> None:
        """Undoes what `configure` did after `save`."""
        self.configure({}, database)
        for name, (value, changed) in saved.items():
            self._run(f"SET {name} = {quoted(value) if changed else 'DEFAULT'}")

    def execute(self, sql: bytes, format_name: str, parameters: Mapping[str, str]) -> Block:
        """Runs a statement to its end and returns the whole result."""
        return self._run(sql, format_name, parameters)

    def stream(self, sql: bytes, format_name: str, parameters: Mapping[str, str]) -> Generator[Block]:
        """Runs a SELECT; the blocks make up the result. Closing the iterator stops the statement."""
        with _engine_errors():
            handle = self._raw.send_query(sql, format_name, params=dict(parameters))
        finished = False
        try:
            yield from self._fetch(handle)
            finished = True
        except ClickHouseError:
            finished = True
            raise
        finally:
            if not finished:
                self._raw.streaming_cancel_query(handle)

    def _fetch(self, handle: Any) -> Iterator[Block]:
        while True:
            with _engine_errors():
                block = Block.of(self._raw.streaming_fetch_result(handle))
            if not block.data:
                return
            yield block

    def insert(self, sql: bytes, format_name: str) -> Insert:
        return Insert(self._raw, sql, format_name)

    def close(self) -> None:
        self._raw.close()

    def _run(
        self, sql: str | bytes, format_name: str = "TabSeparated", parameters: Mapping[str, str] | None = None
    ) -> Block:
        with _engine_errors():
            result = self._raw.query(sql, format_name, params=dict(parameters or {}))
        if result.has_error():
            raise from_engine(RuntimeError(result.error_message()))
        return Block.of(result)


class Engine:
    """The one engine of this process, on one data directory."""

    def __init__(
        self, path: Path, arguments: Mapping[str, int], session_arguments: Mapping[str, int]
    ) -> None:
        self._path = path
        self._session_arguments = dict(session_arguments)
        # Keeps the engine up while no client is connected
        self._main = self._open(dict(arguments), f"&config-file={write_access(path)}")
        facts = self._main.execute(b"SELECT version(), timezone(), hostName()", "TSVRaw", {})
        self.version, self.timezone, self.host_name = facts.data.decode().rstrip("\n").split("\t")

    def connect(self) -> Connection:
        return self._open(self._session_arguments)

    def kill(self, connection: Connection) -> None:
        """Stops the statement that runs on `connection`, if there is one; it then fails with code 394."""
        self._kill(f"Settings['log_comment'] = {quoted(connection.tag)}")

    def kill_all(self) -> None:
        """Stops every statement."""
        self._kill("1")

    def give_back_memory(self) -> None:
        """Returns to the system what the allocator keeps for later: after 8 million rows, 628 MB became 358 MB."""
        self._main.execute(b"SYSTEM JEMALLOC PURGE", "Null", {})

    def close(self) -> None:
        """Closes the data directory, once every other connection is closed."""
        self._main.close()

    def _kill(self, condition: str) -> None:
        killer = self.connect()
        try:
            killer.execute(f"KILL QUERY WHERE {condition} ASYNC".encode(), "Null", {})
        finally:
            killer.close()

    def _open(self, arguments: dict[str, int], unencoded: str = "") -> Connection:
        """Paths go `unencoded`: the engine takes them as they stand."""
        tag = uuid.uuid4().hex
        with _engine_errors():
            return Connection(
                connect(f"{self._path}?{urlencode(arguments | {'log_comment': tag})}{unencoded}"), tag
            )


class _engine_errors:  # noqa: N801 - reads as the statement that it is
    """Turns what chdb raises into ClickHouseError."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, failure: BaseException | None, trace: object) -> None:
        if isinstance(failure, RuntimeError):
            raise from_engine(failure) from failure
