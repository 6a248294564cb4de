"""The command finds the running stack by itself; the environment has the last word."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.settings import settings


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("THIDUA_INGEST_URL", "THIDUA_KAFKA_BOOTSTRAP", "THIDUA_CLICKHOUSE_URL", "THIDUA_FEED_RATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("THIDUA_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def write_record(folder: Path, **environment: str) -> None:
    (folder / "run").mkdir()
    (folder / "run" / "stack.json").write_text(json.dumps({"environment": environment}))


def test_without_a_stack_the_defaults_hold(tmp_path: Path) -> None:
    assert settings().ingest_url == "http://127.0.0.1:18080"
    assert settings().keys_dir == tmp_path / "keys"


def test_a_running_stack_says_where_it_is(tmp_path: Path) -> None:
    write_record(
        tmp_path, THIDUA_INGEST_URL="http://127.0.0.1:29180", THIDUA_KAFKA_BOOTSTRAP="127.0.0.1:30192"
    )
    assert settings().ingest_url == "http://127.0.0.1:29180"
    assert settings().kafka_servers() == ["127.0.0.1:30192"]


def test_the_environment_comes_before_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_record(tmp_path, THIDUA_INGEST_URL="http://127.0.0.1:29180")
    monkeypatch.setenv("THIDUA_INGEST_URL", "http://door.example")
    assert settings().ingest_url == "http://door.example"


def test_a_record_that_cannot_be_read_is_no_stack(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "stack.json").write_text("{")
    assert settings().ingest_url == "http://127.0.0.1:18080"
