"""What is remembered of the place at which the engine crashes, and what is told of a block that stands still there."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from services.contracts.event_data import Place
from services.contracts.results import Halt
from services.scoring.worker.ports import LogRecord

ERROR_CHARACTERS: Final = 300
"""A message may quote a whole event."""


class Crash(NamedTuple):
    """The event at which the engine crashed, and with what."""

    place: Place
    error: str


def error_text(error: BaseException | None) -> str:
    """The error's class and message in one line of bounded length."""
    said = "unknown" if error is None else f"{type(error).__name__}: {error}"
    return " ".join(said.split())[:ERROR_CHARACTERS]


def halt_at(record: LogRecord, crash: Crash) -> Halt:
    """The halt of a block whose first record at or after the crash is `record`."""
    return Halt(
        "engine_crashed", crash.place, datetime.fromtimestamp(record.timestamp_ms / 1000, UTC), crash.error
    )
