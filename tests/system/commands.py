"""Runs `thidua` against a stack, as a person would."""

import json
import os
import subprocess
import sys
from typing import Any

from deploy.embedded.stack import Stack

PATIENT_WORKER = {"THIDUA_SCORING_SESSION_S": "60", "THIDUA_SCORING_HEARTBEAT_S": "5"}
"""For a scoring worker that no supervisor starts again: it ends itself when the machine lets it stand still for two thirds of its session."""


def start(stack: Stack, *arguments: str) -> "subprocess.Popen[str]":
    """The command, running; its output is piped."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli.main", *arguments],
        env={**os.environ, **stack.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(stack: Stack, *arguments: str, timeout_s: float = 400) -> "subprocess.CompletedProcess[str]":
    """The command, ended."""
    process = start(stack, *arguments)
    try:
        out, err = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"{arguments} did not end within {timeout_s} s:\n{out}{err}") from None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run_json(stack: Stack, *arguments: str, timeout_s: float = 400) -> Any:
    """What the command prints with `--json`; it must succeed."""
    done = run(stack, *arguments, "--json", timeout_s=timeout_s)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)
