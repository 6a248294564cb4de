"""The newest error of a log is told by its message, and only when it is recent enough."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.cli.log_errors import last_error

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BEFORE, AFTER = AT - timedelta(seconds=1), AT + timedelta(seconds=1)
JSON = '{"event": "request failed", "exception": "Traceback ...\\nOSError: disk full", "level": "error", "at": "2026-11-24T09:00:00.0Z"}'


def written(folder: Path, *lines: str) -> Path:
    log = folder / "x.log"
    log.write_text("\n".join(lines) + "\n")
    return log


def test_json_is_told_by_its_event_and_cause(tmp_path: Path) -> None:
    assert last_error(written(tmp_path, JSON), BEFORE) == "request failed: OSError: disk full"


def test_an_error_from_before_is_none(tmp_path: Path) -> None:
    log = written(tmp_path, JSON, '{"event": "started", "level": "info", "at": "2026-11-24T10:00:00Z"}')
    assert last_error(log, AFTER) is None


def test_a_traceback_is_as_old_as_the_line_above_and_told_by_its_end(tmp_path: Path) -> None:
    lines = ("2026-11-24T09:00:00.507Z INFO  starts", "Traceback (most recent call last):", "  File", "E: no")
    assert last_error(written(tmp_path, *lines), BEFORE) == "E: no"
    assert last_error(written(tmp_path, *lines), AFTER) is None


def test_an_error_of_no_known_time_is_told(tmp_path: Path) -> None:
    assert last_error(written(tmp_path, "[error] no"), AFTER) == "[error] no"


def test_a_log_without_errors_has_none(tmp_path: Path) -> None:
    assert last_error(written(tmp_path, "2026-11-24T09:00:00Z INFO fine"), BEFORE) is None
