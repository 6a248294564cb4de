"""`thidua status`, `doctor` and `down`, asked of a running broker by the real command."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.stack import Stack

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("commands"), programs=("kafka",)) as running:
        yield running


def _thidua(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "services.cli.main", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)


def _at(stack: Stack) -> tuple[str, str]:
    return "--data-dir", str(stack.layout.data_dir)


def test_status_of_a_healthy_stack_is_0_with_urls_and_processes(stack: Stack) -> None:
    deadline = time.monotonic() + 90
    while (done := _thidua("status", "--json", *_at(stack))).returncode != 0:
        assert time.monotonic() < deadline, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["urls"] == stack.urls
    assert set(said["processes"][0]) >= {
        *("name", "pid", "state", "health", "uptime_s", "memory_mb", "lag", "restarts"),
    }


def test_status_of_a_stack_that_never_ran_is_3(tmp_path: Path) -> None:
    assert _thidua("status", "--data-dir", str(tmp_path)).returncode == 3


def test_up_of_a_running_stack_says_so_and_is_0(stack: Stack) -> None:
    done = _thidua("up", *_at(stack))
    assert (done.returncode, "runs already" in done.stdout) == (0, True)


def test_the_doctor_finds_the_missing_topics_and_says_the_command(stack: Stack) -> None:
    done = _thidua("doctor", "--json", *_at(stack))
    (topics,) = [finding for finding in json.loads(done.stdout) if finding["subject"] == "topics"]
    assert done.returncode == 1
    assert not topics["ok"]
    assert topics["next_step"] == "thidua topics create"


def test_the_doctor_works_on_a_stack_that_is_down(tmp_path: Path) -> None:
    done = _thidua("doctor", "--json", "--data-dir", str(tmp_path))
    subjects = {finding["subject"] for finding in json.loads(done.stdout)}
    assert {"Python", "memory", "data folder", "clock", "Kafka's jars", "stack"} <= subjects


def test_down_of_nothing_is_no_error(tmp_path: Path) -> None:
    done = _thidua("down", "--data-dir", str(tmp_path))
    assert (done.returncode, "Nothing runs" in done.stdout) == (0, True)


def test_down_ends_the_stack_that_another_process_started(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "data", programs=("kafka",))
    stack.start()
    try:
        assert _thidua("down", *_at(stack)).returncode == 0
        assert not stack.is_running()
        assert _thidua("status", *_at(stack)).returncode == 3
    finally:
        stack.stop()
