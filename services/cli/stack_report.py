"""How `thidua up`, `down`, `status` and `doctor` speak to a person."""

import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from deploy.embedded.errors import ProgramFailedError, StackError
from deploy.embedded.invocation import command
from deploy.embedded.jars import KAFKA_VERSION
from deploy.embedded.settings import EmbeddedSettings
from deploy.embedded.stack import Stack
from deploy.embedded.status import ProcessStatus, StackStatus
from services.cli.doctor import Finding

_TITLES = {
    "checks": "disk, folders, ports",
    "jars": "Kafka's jars are the right ones",
    "fetch": f"Kafka {KAFKA_VERSION} fetched (once, 65 MB)",
    "learn": "what every start of the broker needs, written down (once)",
    "topics": "topics",
    "migrate": "tables",
    "packs": "campaign packs",
    "keys": "demonstration keys",
    "feed": "live feed of the simulated campaigns (MÔ PHỎNG / simulated)",
}
_SLOW = {
    "fetch": f"fetching Kafka {KAFKA_VERSION} (once, 65 MB: 10 to 40 s on a good line)",
    "learn": "a first broker runs for some 10 s, once: later ones start in half the time",
}


class ConsoleProgress:
    """A line for each step when it ends, with its time; on a terminal also what is going on now."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._began = time.monotonic()
        self._running: list[str] = []
        self._lock = threading.Lock()
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status = self._console.status("...")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        title = _TITLES.get(name, name)
        began = time.monotonic()
        if name in _SLOW:
            self._console.print(f"  … {_SLOW[name]}")
        self._change(lambda: self._running.append(title))
        try:
            yield
            self._console.print(f"  [green]✔[/] {title:<58} {time.monotonic() - began:6.1f} s")
        finally:
            self._change(lambda: self._running.remove(title))

    def _change(self, change: Callable[[], None]) -> None:
        with self._lock:
            change()
            if self._status:
                self._status.update(
                    f"{time.monotonic() - self._began:.0f} s: {', '.join(self._running) or '...'}"
                )


def say_failure(error: StackError) -> None:
    """One sentence; for a program also where its log is and how it ends."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[red]✘[/] {error}", markup=True)
    if isinstance(error, ProgramFailedError):
        console.print(f"  Log: {error.log}")
        for line in error.tail():
            console.print(f"  | {line}", style="dim", markup=False)


def say_what_next(stack: Stack) -> None:
    """Where everything is, and what to try."""
    console = Console(highlight=False, soft_wrap=True)
    api = stack.urls["api"]
    console.print(f"\n[bold]The board:[/] {api}/\n")
    if stack.layout.data_dir != EmbeddedSettings.default_data_dir():
        console.print(f"  export THIDUA_DATA_DIR={shlex.quote(str(stack.layout.data_dir))}")
    for line, purpose in (
        (command("replay hdi"), "33 years of the Human Development Index through the real door"),
        (command("verify hdi --stored"), "compare with the published values, from ClickHouse"),
        (f"curl -s {api}/v1/blocks", "the same as JSON"),
        (command("status"), "processes, health, lag, memory"),
        (command("down"), "stop everything; the data stays"),
    ):
        console.print(f"  {line:<44} {purpose}")
    console.print(f"\nKeys are in {stack.layout.keys_dir}, logs in {stack.layout.log_dir}")


def say_status(status: StackStatus) -> None:
    console = Console(highlight=False)
    if not status.running:
        console.print(
            f"The stack on {status.data_dir} does not run: start it with {command('up')}.", soft_wrap=True
        )
        return
    table = Table("process", "pid", "state", "health", "up", "MB", "lag", "restarts", box=None)
    for process in status.processes:
        table.add_row(*_cells(process))
    console.print(table)
    for process in status.processes:
        if process.health != "ok":
            console.print(f"[red]{process.name}[/]: see {process.log}", soft_wrap=True)
    for standing in status.standing:
        console.print(
            f"{standing.block} {standing.what}. {standing.advice}", style="red", markup=False, soft_wrap=True
        )
    for disk in status.disks:
        if disk.is_low:
            console.print(f"[red]disk[/]: {disk}: {disk.advice}", soft_wrap=True)
    console.print(f"\n{status.memory_mb:.0f} MB in all; the board: {status.urls['api']}/", soft_wrap=True)


def say_findings(findings: Sequence["Finding"]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        sign = "[green]ok     [/]" if finding.ok else "[red]problem[/]"
        console.print(f"{sign}  {finding.subject:<22}", escape(finding.what), markup=True)
        if not finding.ok:
            console.print(f"{'':9}{'':22} → {finding.next_step}", markup=False)


def _cells(process: ProcessStatus) -> list[str]:
    colour = "green" if process.health == "ok" else "red"
    shown = [process.pid, process.state, f"[{colour}]{process.health}[/]", _age(process.uptime_s)]
    shown += [None if process.memory_mb is None else round(process.memory_mb), process.lag, process.restarts]
    return [process.name, *("-" if value is None else str(value) for value in shown)]


def _age(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
