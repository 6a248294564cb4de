"""Processes of a stack whose supervisor died: found by the mark in their environment, and ended.

Linux ends them by itself (child.py); this is for what was not ended, or does not end.
"""

import os
from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.embedded.layout import STACK_MARK

_TERM_TIMEOUT_S = 30  # a broker that flushes its logs


def leftovers(data_dir: Path, spare: set[int] | None = None) -> list[psutil.Process]:
    """Living processes that carry this stack's mark: not this one, not those to spare."""
    spared = (spare or set()) | {os.getpid()}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in spared and _is_of(process, data_dir)
    ]


def _is_of(process: psutil.Process, data_dir: Path) -> bool:
    try:
        return bool(
            process.environ().get(STACK_MARK) == str(data_dir) and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:  # gone meanwhile, or another user's
        return False


def end(processes: list[psutil.Process]) -> None:
    """SIGTERM, then SIGKILL for what is left after 30 s. Returns when all are gone."""
    for process in processes:
        _ignoring_gone(process.terminate)
    _gone, alive = psutil.wait_procs(processes, timeout=_TERM_TIMEOUT_S)
    for process in alive:
        _ignoring_gone(process.kill)
    psutil.wait_procs(alive, timeout=_TERM_TIMEOUT_S)


def _ignoring_gone(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.NoSuchProcess:
        return


def describe(processes: list[psutil.Process]) -> str:
    names = []
    for process in processes:
        try:
            names.append(f"{process.name()} (pid {process.pid})")
        except psutil.NoSuchProcess:
            continue
    return ", ".join(names)
