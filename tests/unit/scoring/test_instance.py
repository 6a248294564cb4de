"""Twins of one name would take partitions from one another for ever, so no two live processes of a machine have one."""

import signal
import subprocess
import sys
from pathlib import Path

from services.scoring.instance import Instance

HOLDS_ONE = """
import sys, pathlib
from services.scoring.instance import Instance
held = Instance(pathlib.Path(sys.argv[1]))
print(held.id, flush=True)
sys.stdin.read()
"""


def holder(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_of_one_folder_have_different_names(tmp_path: Path) -> None:
    one, other = Instance(tmp_path), Instance(tmp_path)
    assert (one.number, other.number) == (0, 1)
    assert one.id != other.id


def test_the_name_of_a_process_that_was_killed_is_taken_by_the_next_and_by_nobody_before(
    tmp_path: Path,
) -> None:
    process = holder(tmp_path)
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    assert Instance(tmp_path).id != name
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    process.stdout.close()
    assert Instance(tmp_path).id == name
