"""Finds the newest error in a program's log: the message alone, and only when it was written after a given instant."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_TAIL_BYTES: Final = 64 * 1024
_ERROR_SIGNS: Final = (
    " ERROR ",
    "[error",
    '"level": "error"',
    '"level":"error"',
    "CRITICAL",
    "Traceback (most recent",
    " FATAL ",
)
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)?)")


def last_error(log: Path, since: datetime) -> str | None:
    """The message of the newest error written at `since` or later. A line without a time is as old as the one above it."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    found = next((n for n in reversed(range(len(lines))) if _is_error(lines[n])), None)
    if found is None or _written(lines[: found + 1]) < since:
        return None
    return _message(lines, found)


def _is_error(line: str) -> bool:
    return any(sign in line for sign in _ERROR_SIGNS)


def _written(lines: Sequence[str]) -> datetime:
    """Times without an offset are local; where none stands, the end of time: rather told once too often."""
    for line in reversed(lines):
        if match := _TIME.search(line):
            return datetime.fromisoformat(match[1].replace(",", ".")).astimezone(UTC)
    return datetime.max.replace(tzinfo=UTC)


def _message(lines: Sequence[str], at: int) -> str:
    line = lines[at]
    if line.startswith("Traceback"):  # below it the first line that is not indented says what it was
        return next((said for said in lines[at + 1 :] if not said.startswith(" ")), line)
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict):
        return line
    cause = str(entry.get("exception", "")).strip().rpartition("\n")[2]
    return ": ".join(part for part in (str(entry.get("event", line)), cause) if part)
