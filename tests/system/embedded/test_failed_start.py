"""A start that fails says which program, where its log is, and leaves nothing running."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.embedded.errors import ProgramFailedError, StackError
from deploy.embedded.launch import TimingProgress
from deploy.embedded.layout import Layout
from deploy.embedded.leftovers import leftovers
from deploy.embedded.ports import HOST
from deploy.embedded.programs import Program
from deploy.embedded.stack import Stack
from deploy.embedded.steps import Step

pytestmark = pytest.mark.system


def _python(name: str, code: str, **options: object) -> Program:
    return Program(name, lambda _layout: [sys.executable, "-c", code], **options)  # type: ignore[arg-type]


_LIVING = _python("living", "import time; time.sleep(600)")

_SLOW_TO_STOP = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(2), sys.exit())); "
    "print('ready', flush=True); time.sleep(600)"
)


def test_a_program_that_crashes_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    crashing = _python("crashing", "raise SystemExit('no such disk')", healthy=lambda _layout: False)
    stack = Stack(tmp_path, programs=(_LIVING, crashing))
    with pytest.raises(ProgramFailedError, match="crashing ends again and again") as failed:
        stack.start()
    assert failed.value.log == tmp_path / "log" / "crashing.log"
    assert "no such disk" in failed.value.tail()
    assert leftovers(tmp_path) == []
    assert not stack.is_running()


def test_a_program_that_never_becomes_healthy_is_given_up(tmp_path: Path) -> None:
    deaf = _python("deaf", "import time; time.sleep(600)", healthy=lambda _layout: False, start_timeout_s=0.5)
    with pytest.raises(ProgramFailedError, match=r"deaf was not ready within 0\.5 s"):
        Stack(tmp_path, programs=(deaf,)).start()
    assert leftovers(tmp_path) == []


def test_a_step_that_fails_is_named_with_what_it_said(tmp_path: Path) -> None:
    def argv(_layout: Layout) -> list[str]:
        return [sys.executable, "-c", "raise SystemExit('pack has no blocks')"]

    with pytest.raises(ProgramFailedError, match="The step packs failed") as failed:
        Stack(tmp_path, programs=(_LIVING,), steps=(Step("packs", argv, after=("living",)),)).start()
    assert failed.value.tail() == ["pack has no blocks"]
    assert leftovers(tmp_path) == []


def test_a_taken_port_is_found_before_anything_starts(tmp_path: Path) -> None:
    stack = Stack(tmp_path, programs=("kafka",))
    with (
        socket.create_server((HOST, stack.layout.ports.kafka)),
        pytest.raises(StackError, match=rf"Port {stack.layout.ports.kafka} \(kafka\) is taken"),
    ):
        stack.start()
    assert not stack.layout.record.exists()


def test_a_start_that_was_cut_is_completed_by_the_next(tmp_path: Path) -> None:
    stack = Stack(tmp_path, programs=(_LIVING, _python("second", "import time; time.sleep(600)")))
    stack.start()
    try:
        first, second = stack.status().processes
        stack._supervisor.stop_program("second")
        stack.start()
        again, restarted = stack.status().processes
        assert again.pid == first.pid
        assert restarted.pid not in (None, second.pid)
    finally:
        stack.stop()


def test_a_program_that_is_being_stopped_is_started_again_when_it_has_stopped(tmp_path: Path) -> None:
    slow = _python("slow", _SLOW_TO_STOP, healthy=lambda layout: "ready" in layout.log("slow").read_text())
    stack = Stack(tmp_path, programs=(slow,))
    stack.start()
    try:
        (before,) = stack.status().processes
        stack._supervisor.stop_program("slow")
        assert stack._supervisor.processes()["slow"]["statename"] == "STOPPING"
        stack.start()
        (after,) = stack.status().processes
        assert after.pid not in (None, before.pid)
    finally:
        stack.stop()


def test_what_a_dead_supervisor_left_is_ended_by_the_next_start(tmp_path: Path) -> None:
    stack = Stack(tmp_path, programs=(_LIVING,))
    orphan = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], env=os.environ | stack.layout.own_environment
    )
    progress = TimingProgress()
    try:
        stack.start(progress)
        assert not psutil.pid_exists(orphan.pid)
        assert any(str(orphan.pid) in name for name in progress.seconds)
    finally:
        stack.stop()
        orphan.kill()
