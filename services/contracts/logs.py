"""Logs of every service: one JSON object a line on standard output, with the time in UTC."""

import logging
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_request: Final[ContextVar[tuple[str, str] | None]] = ContextVar("request", default=None)


def bind_request(request_id: str, trace_id: str) -> None:
    """From here on the lines of this task name the request and its trace. One variable: structlog's own cost 10 us a request."""
    _request.set((request_id, trace_id))


def _name_request(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    if (bound := _request.get()) is not None:
        line.setdefault("request", bound[0])
        line.setdefault("trace", bound[1])
    return line


class Sparing(logging.Filter):
    """Passes our own lines, and each kind of a library's at most once in `every_s`: the clients of Kafka say the same many times a second
    while no broker is there, and a full disk must not be filled by that. A kind is what stands in the library's code."""

    MOST_KINDS: Final = 1_000

    def __init__(self, every_s: float = 5.0, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._every_s = every_s
        self._monotonic_s = monotonic_s
        self._said_s: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] == "thidua":
            return True
        kind, now_s = (record.pathname, record.lineno), self._monotonic_s()
        if now_s - self._said_s.get(kind, float("-inf")) < self._every_s:
            return False
        if len(self._said_s) >= self.MOST_KINDS:
            self._said_s.clear()
        self._said_s[kind] = now_s
        return True


def configure_logs(level: str) -> None:
    """Called once, by a service's `main`. Libraries' own records pass through the same lines, from WARNING on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_request,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(Sparing())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *shared,
                structlog.stdlib.add_logger_name,
                structlog.processors.format_exc_info,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("thidua").setLevel(level)
