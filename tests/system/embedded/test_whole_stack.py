"""`thidua up` from nothing: every program healthy, the board answering, crashes mended, data kept."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.launch import TimingProgress
from deploy.embedded.leftovers import leftovers
from deploy.embedded.ports import Ports, is_free
from deploy.embedded.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.alone, pytest.mark.timeout(900)]

_BOARD_WITHIN_S = 20  # of a warm start: what the README promises
_MEMORY_MB = 2500
_HEALTHY_WITHIN_S = 150


def _thidua(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "services.cli.main", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=400, check=False)


def _up(data_dir: Path) -> subprocess.CompletedProcess[str]:
    """On a base of free ports, as somebody would who runs a second stack."""
    return _thidua("up", "--data-dir", str(data_dir), "--port-base", str(_free_base()))


def _free_base() -> int:
    bases = range(20_000, 30_000, 2_000)
    return next(base for base in bases if all(is_free(port) for _, port in Ports.from_base(base).items()))


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("whole")
    done = _up(folder)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield folder
    finally:
        _thidua("down", "--data-dir", str(folder))
        assert leftovers(folder) == []


@pytest.fixture
def stack(data_dir: Path) -> Stack:
    found = Stack.recorded(data_dir)
    assert found is not None
    return found


def _healthy(data_dir: Path) -> dict[str, Any]:
    """The status once all is well; the last one when that does not come."""
    deadline = time.monotonic() + _HEALTHY_WITHIN_S
    while True:
        done = _thidua("status", "--json", "--data-dir", str(data_dir))
        if done.returncode == 0 or time.monotonic() > deadline:
            return dict(json.loads(done.stdout))
        time.sleep(0.2)


def test_every_process_is_healthy_and_the_board_is_there(data_dir: Path, stack: Stack) -> None:
    status = _healthy(data_dir)
    assert {process["name"]: process["health"] for process in status["processes"]} == dict.fromkeys(
        ("kafka", "clickhouse", "storage", "scoring", "ingest", "api", "alerting", "feed"), "ok"
    )
    assert status["memory_mb"] < _MEMORY_MB
    assert httpx.get(stack.urls["api"] + "/", timeout=60).status_code == 200


def test_the_lag_of_scoring_and_storage_is_told(data_dir: Path) -> None:
    deadline = time.monotonic() + _HEALTHY_WITHIN_S
    lags: dict[str, int | None] = {"scoring": None}
    while None in lags.values() and time.monotonic() < deadline:
        lags = {
            p["name"]: p["lag"]
            for p in _healthy(data_dir)["processes"]
            if p["name"] in ("scoring", "storage")
        }
    assert all(isinstance(lag, int) for lag in lags.values()), lags


def test_demonstration_keys_are_for_their_owner_alone(data_dir: Path) -> None:
    keys = list((data_dir / "keys").iterdir())
    assert keys
    assert {oct(key.stat().st_mode & 0o777) for key in keys} == {"0o600"}


@pytest.mark.parametrize("program", ["ingest", "api", "storage", "scoring", "alerting"])
def test_a_service_that_is_killed_is_back_and_counted(data_dir: Path, stack: Stack, program: str) -> None:
    _healthy(data_dir)
    killed = stack.kill(program)
    deadline = time.monotonic() + _HEALTHY_WITHIN_S
    while time.monotonic() < deadline:
        (now,) = [process for process in stack.status().processes if process.name == program]
        if now.pid not in (None, killed) and now.health == "ok":
            break
        time.sleep(0.1)
    assert now.health == "ok"
    assert now.restarts >= 1


def test_a_warm_start_has_the_board_answering_within_20_s(data_dir: Path, stack: Stack) -> None:
    assert stack.stop()
    progress = TimingProgress()
    began = time.monotonic()
    stack.start(progress)
    took = time.monotonic() - began
    assert httpx.get(stack.urls["api"] + "/readyz", timeout=60).status_code == 200
    others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # on a machine that does nothing else: 1
    assert took < _BOARD_WITHIN_S * others, progress.seconds
