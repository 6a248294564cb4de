"""`system.query_log` and `system.session_log`, as far as this server knows: the engine's own would not hold the ids that
clients give. Rows are kept here and written when somebody asks for them, so that a log costs nothing until then."""

import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from deploy.embedded.clickhouse.engine import Engine
from deploy.embedded.clickhouse.errors import QUERY_WAS_CANCELLED, ClickHouseError
from deploy.embedded.clickhouse.request import QueryRequest
from deploy.embedded.clickhouse.summary import Summary
from deploy.embedded.clickhouse.workers import Workers

KEPT = 2_000  # of each log, in memory: at most 8 MiB before they are asked for, and as much after
QUERY_BYTES = 4096

_ASKED = re.compile(rb"\b(query_log|session_log)\b|\bFLUSH\s+LOGS\b", re.IGNORECASE)
_COUNTS = ("read_rows", "read_bytes", "written_rows", "written_bytes", "result_rows", "result_bytes")
_TABLES = {
    "query_log": "type Enum8('QueryStart' = 1, 'QueryFinish' = 2, 'ExceptionBeforeStart' = 3, "
    "'ExceptionWhileProcessing' = 4), event_date Date, event_time DateTime, event_time_microseconds DateTime64(6), "
    "query_start_time DateTime, query_start_time_microseconds DateTime64(6), query_duration_ms UInt64, "
    + "".join(f"{name} UInt64, " for name in _COUNTS)
    + "current_database String, query String, exception_code Int32, exception String, is_initial_query UInt8, "
    "user String, query_id String, initial_user String, initial_query_id String, interface UInt8",
    "session_log": "type Enum8('LoginFailure' = 0, 'LoginSuccess' = 1, 'Logout' = 2), event_date Date, "
    "event_time DateTime, event_time_microseconds DateTime64(6), session_id String, user String, interface "
    "Enum8('TCP' = 1, 'HTTP' = 2)",
}
_HTTP = 2


@dataclass
class Running:
    """A statement under way; whoever runs it fills in what it did."""

    write: Callable[["Running"], None]
    summary: Summary = field(default_factory=Summary)
    failure: ClickHouseError | None = None
    _ended: bool = False

    def end(self) -> None:
        """Logs it, the first time: before the client has all of the answer, or its next statement would not see it."""
        if not self._ended:
            self._ended = True
            self.write(self)


class QueryLog:
    """The last KEPT statements and sessions."""

    def __init__(self, engine: Engine, workers: Workers) -> None:
        self._engine = engine
        self._workers = workers
        self._rows: dict[str, deque[dict[str, object]]] = {name: deque(maxlen=KEPT) for name in _TABLES}
        self._sessions: deque[tuple[str, str]] = deque(maxlen=KEPT)

    @contextmanager
    def watching(self, request: QueryRequest, sql: bytes) -> Iterator[Running]:
        """Logs the statement that runs in the block."""
        began = time.time()
        running = Running(lambda ended: self._log(request, sql, ended, began))
        try:
            yield running
        except ClickHouseError as failure:
            running.failure = failure
            raise
        except BaseException:
            running.failure = ClickHouseError(QUERY_WAS_CANCELLED, "Query was cancelled.")
            raise
        finally:
            running.end()

    async def write_when_asked(self, sql: bytes) -> None:
        """Brings the tables up to date when `sql` names one of them."""
        if _ASKED.search(sql):
            await self._workers.call(self._write)

    def _log(self, request: QueryRequest, sql: bytes, running: Running, began: float) -> None:
        self._rows["query_log"].append(_statement_row(request, sql, running, began))
        self._log_session(request)

    def _log_session(self, request: QueryRequest) -> None:
        if request.session_id is None or (request.user.name, request.session_id) in self._sessions:
            return
        self._sessions.append((request.user.name, request.session_id))
        row = {
            "type": "LoginSuccess",
            "session_id": request.session_id,
            "user": request.user.name,
            "interface": "HTTP",
        }
        self._rows["session_log"].append(row | _at(time.time()))

    def _write(self) -> None:
        connection = self._engine.connect()
        try:
            for table, columns in _TABLES.items():
                rows = self._rows[table]
                bound = f"ENGINE = Memory SETTINGS max_rows_to_keep = {KEPT}"
                connection.execute(
                    f"CREATE TABLE IF NOT EXISTS system.{table} ({columns}) {bound}".encode(), "Null", {}
                )
                lines = [json.dumps(rows.popleft()) for _ in range(len(rows))]
                if lines:
                    insert = connection.insert(f"INSERT INTO system.{table}".encode(), "JSONEachRow")
                    insert.append("\n".join(lines).encode())
                    insert.finish()
        finally:
            connection.close()


def _statement_row(request: QueryRequest, sql: bytes, running: Running, began: float) -> dict[str, object]:
    ended, failure = time.time(), running.failure
    counts = running.summary.counts
    return _at(ended) | {
        "type": "ExceptionWhileProcessing" if failure else "QueryFinish",
        "query_start_time": int(began),
        "query_start_time_microseconds": f"{began:.6f}",
        "query_duration_ms": int((ended - began) * 1000),
        **{name: counts[name] for name in _COUNTS},
        "current_database": request.database or "default",
        "query": sql[:QUERY_BYTES].decode(errors="replace"),
        "exception_code": failure.code if failure else 0,
        "exception": str(failure) if failure else "",
        "is_initial_query": 1,
        "user": request.user.name,
        "query_id": request.query_id,
        "initial_user": request.user.name,
        "initial_query_id": request.query_id,
        "interface": _HTTP,
    }


def _at(moment: float) -> dict[str, object]:
    return {
        "event_date": time.strftime("%Y-%m-%d", time.gmtime(moment)),
        "event_time": int(moment),
        "event_time_microseconds": f"{moment:.6f}",
    }
