"""What `thidua doctor` looks at: the machine, the stack's files, and, when it runs, every part of it."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil

from deploy.embedded import leftovers, preflight
from deploy.embedded.errors import StackError
from deploy.embedded.health import told, why_not_ready
from deploy.embedded.invocation import command
from deploy.embedded.jars import check_jars, jar_folder
from deploy.embedded.java import java
from deploy.embedded.layout import LISTENING
from deploy.embedded.stack import Stack
from deploy.embedded.status import ProcessStatus, StackStatus
from services.cli.broker import KafkaBroker
from services.cli.counted import counted
from services.cli.failures import CommandFailure
from services.cli.log_errors import last_error
from services.cli.topics import differences
from services.contracts.routing import DEFAULT_PARTITIONS
from services.contracts.topics import TOPICS

_MEMORY_TO_START: Final = 2.5e9  # what the whole stack may take
_MEMORY_TO_RUN: Final = 0.3e9
_RECENT_S: Final = 900
_BOARD_WITHIN_MS: Final = 1000  # what is promised at p95
_NEVER_BEFORE: Final = datetime(2026, 1, 1, tzinfo=UTC)  # a clock behind this code's own date is wrong


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `next_step` is empty when it is well."""

    subject: str
    what: str
    next_step: str = ""

    @property
    def ok(self) -> bool:
        return not self.next_step

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}


class Doctor:
    """Examines one stack, running or not. Changes nothing."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._layout = stack.layout

    def examine(self) -> list[Finding]:
        """Every finding, in the order in which one would look. A check that fails itself is a finding too."""
        status = self._stack.status(lag=True)
        checks: list[Callable[[], Iterator[Finding]]] = [
            self._python,
            self._java,
            lambda: self._memory(status),
            lambda: self._folder(status),
            self._clock,
            self._jars,
            lambda: self._ports(status),
            lambda: self._supervisor(status),
        ]
        if status.running:
            checks += [
                lambda: self._processes(status),
                lambda: self._readiness(status),
                lambda: self._blocks(status),
                self._freshness,
                self._topics,
            ]
        checks.append(lambda: self._logs(status))
        return [finding for check in checks for finding in _surely(check)]

    def _python(self) -> Iterator[Finding]:
        version = sys.version.split()[0]
        fits = (3, 11) <= sys.version_info[:2] < (3, 13)
        yield Finding("Python", version, "" if fits else "install Python 3.11 or 3.12 and run make up again")

    def _java(self) -> Iterator[Finding]:
        found = java()
        step = "" if found.exists() else "set up the environment again: remove .venv, then make up"
        yield Finding("Java runtime", str(found), step)

    def _memory(self, status: StackStatus) -> Iterator[Finding]:
        free = psutil.virtual_memory().available
        needed = _MEMORY_TO_RUN if status.running else _MEMORY_TO_START
        step = "" if free >= needed else f"at least {needed / 1e9:.1f} GB are needed: end other programs"
        yield Finding("memory", f"{free / 1e9:.1f} GB available", step)

    def _folder(self, status: StackStatus) -> Iterator[Finding]:
        preflight.check_writable(self._layout)
        if status.running:
            yield from (Finding("disk", str(disk), disk.advice) for disk in status.disks)
            return
        preflight.check_disk(self._layout)
        free = shutil.disk_usage(preflight.nearest_folder(self._layout.data_dir)).free
        yield Finding("data folder", f"{self._layout.data_dir}, {free / 1e9:.1f} GB free")

    def _clock(self) -> Iterator[Finding]:
        now = datetime.now(UTC)
        newest = max((path.stat().st_mtime for path in self._layout.log_dir.glob("*.log")), default=0.0)
        backwards = newest > now.timestamp() + 60
        step = (
            "set the clock: the door refuses events more than 10 minutes ahead of it"
            if (backwards or now < _NEVER_BEFORE)
            else ""
        )
        yield Finding("clock", now.astimezone().isoformat(timespec="seconds"), step)

    def _jars(self) -> Iterator[Finding]:
        folder = jar_folder(self._layout.cache_dir)
        if folder.exists():
            check_jars(folder)
        yield Finding(
            "Kafka's jars",
            f"{folder}" if folder.exists() else f"not fetched yet: {command('up')} does it, once",
        )

    def _ports(self, status: StackStatus) -> Iterator[Finding]:
        if not status.running:
            names = preflight.ports_of(tuple(program.name for program in self._stack.programs))
            preflight.check_ports(self._layout.ports, names)
        shown = ", ".join(f"{name} {port}" for name, port in self._layout.ports.items())
        yield Finding("ports", shown + ("" if status.running else " (free)"))

    def _supervisor(self, status: StackStatus) -> Iterator[Finding]:
        if status.running:
            yield Finding("stack", f"runs, {status.memory_mb:.0f} MB")
            return
        found = leftovers.leftovers(self._layout.data_dir)
        if found:
            yield Finding(
                "stack", f"its supervisor died, these are left: {leftovers.describe(found)}", command("down")
            )
        elif (self._layout.run_dir / "supervisord.pid").exists():
            yield Finding(
                "stack", "ended without being stopped", f"{command('up')} starts it again; its data is kept"
            )
        else:
            yield Finding("stack", f"does not run ({command('up')} starts it)")

    def _processes(self, status: StackStatus) -> Iterator[Finding]:
        for process in status.processes:
            yield Finding(
                process.name, _described(process), "" if process.health == "ok" else f"read {process.log}"
            )

    def _readiness(self, status: StackStatus) -> Iterator[Finding]:
        """Of the services that listen: storage that is not migrated, scoring that still loads, say so here."""
        for process in status.processes:
            if process.name not in LISTENING or process.health != "ok":
                continue
            reason = why_not_ready(getattr(self._layout.ports, process.name))
            if reason is not None:
                yield Finding(
                    process.name, f"not ready: {reason[:300]}", f"wait a little, then read {process.log}"
                )

    def _blocks(self, status: StackStatus) -> Iterator[Finding]:
        """A worker that dead letters stopped says so here too: its process may be up again, and down in a moment."""
        for standing in status.standing:
            yield Finding(standing.block, standing.what, standing.advice)

    def _freshness(self) -> Iterator[Finding]:
        """Nothing where the api does not answer: that is a finding of its own."""
        if (report := told(self._layout.ports.api, "/v1/freshness")) is not None:
            yield freshness_finding(report)

    def _topics(self) -> Iterator[Finding]:
        existing = KafkaBroker([self._stack.urls["kafka"]]).existing(TOPICS)
        missing = [topic.name for topic in TOPICS if topic.name not in existing]
        if missing:
            yield Finding("topics", f"missing: {', '.join(missing)}", command("topics create"))
        for topic in TOPICS:
            if topic.name in existing:
                for line in differences(topic, existing[topic.name], DEFAULT_PARTITIONS):
                    yield Finding(
                        "topics", line, "partitions are fixed at creation: see docs, or start on a new folder"
                    )
        if not missing:
            yield Finding("topics", f"{len(existing)} there")

    def _logs(self, status: StackStatus) -> Iterator[Finding]:
        """Errors that may still matter: of a program that is well now none do, of another those since its start."""
        recent = [log for log in sorted(self._layout.log_dir.glob("*.log")) if _age_s(log) < _RECENT_S]
        processes = {process.name: process for process in status.processes}
        for log in recent:
            process = processes.get(log.stem)
            is_well = status.healthy if process is None else process.health == "ok"
            if is_well:
                continue
            age_s = _RECENT_S if process is None or process.uptime_s is None else process.uptime_s
            if (line := last_error(log, datetime.now(UTC) - timedelta(seconds=age_s))) is not None:
                yield Finding(f"{log.name}", line[:200], f"read {log}")
        yield Finding(
            "logs", f"{self._layout.log_dir}, {len(recent)} written in the last {_RECENT_S // 60} min"
        )


def freshness_finding(report: dict[str, Any]) -> Finding:
    """Of the api's `/v1/freshness`: how long events of the last five minutes took to the board."""
    window = report["last_5_minutes"]
    times = window["steps"]["door_to_board"]
    if times is None:
        return Finding("freshness", "no event came to the board in the last 5 minutes")
    what = (
        f"door to board: p95 {times['p95_ms']:.0f} ms over {counted(window['events'], 'event')} of 5 minutes"
    )
    slow = (
        "" if times["p95_ms"] < _BOARD_WITHIN_MS else "which step takes long: docs/operations.md, Freshness"
    )
    return Finding("freshness", what, slow)


def _surely(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except CommandFailure as failure:
        yield Finding("reachability", failure.what, failure.next_step)
    except StackError as error:
        what, _, step = str(error).partition(": ")
        yield Finding("preparation", what, step or "see the README")


def _described(process: ProcessStatus) -> str:
    parts = [process.state, process.health]
    parts += [counted(process.restarts, "restart")] if process.restarts else []
    parts += [f"{counted(process.lag, 'record')} behind"] if process.lag else []
    return ", ".join(parts)


def _age_s(path: Path) -> float:
    return time.time() - path.stat().st_mtime
