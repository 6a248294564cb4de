"""Logs of every service: one JSON object a line on standard output, with the time in UTC."""

import logging
import sys
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
