"""One embedded stack: start, stop, kill, look. What `thidua up` uses, and what system tests use.

    stack = Stack(tmp_path / "stack", programs=("kafka", "clickhouse"))   # free ports, no services
    stack.start()
    stack.urls["kafka"], stack.urls["clickhouse"], stack.environment
    stack.kill("kafka")                                                   # kill -9; it is started again
    stack.stop()                                                          # the data stays

Stacks on different folders do not touch each other.
"""

import os
import signal
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from deploy.embedded import kafka, learning, leftovers, preflight
from deploy.embedded.errors import ProgramFailedError, StackError
from deploy.embedded.jars import ensure_jars, jar_folder
from deploy.embedded.launch import Progress, SilentProgress, launch, teardown_order
from deploy.embedded.layout import Layout
from deploy.embedded.ports import Ports
from deploy.embedded.programs import Program, programs_named
from deploy.embedded.settings import EmbeddedSettings
from deploy.embedded.status import StackStatus, read_status
from deploy.embedded.steps import Step, steps_for
from deploy.embedded.supervision import Supervisor

_POLL_S = 0.05
_CRASHES_EVERY = 10  # looks at its health: the supervisor and whoever waits would otherwise take the time that a start needs
_CRASHES_AT_START = 3  # a program that ends this often before it is healthy will not become so


class Stack:
    """A stack on a data folder. Several objects, in several processes, may speak of the same one."""

    def __init__(
        self,
        data_dir: Path,
        port_base: int | None = None,
        programs: Sequence[str] | Sequence[Program] | None = None,
        steps: Sequence[Step] | None = None,
        *,
        ports: Ports | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        """Free ports when neither a base nor ports are given; all programs when none are named or given.

        Steps: those of the deployment when a service is among the programs, none for engines alone.
        """
        if ports is None:
            ports = Ports.free() if port_base is None else Ports.from_base(port_base)
        self.layout = Layout(data_dir.absolute(), cache_dir or EmbeddedSettings().cache_dir, ports)
        self.programs = _programs(programs)
        self.steps = tuple(steps) if steps is not None else steps_for(self._names)
        self._supervisor = Supervisor(self.layout)

    @classmethod
    def recorded(cls, data_dir: Path) -> Self | None:
        """The stack last started on this folder, running or not; None when none ever was."""
        if (found := Layout.recorded(data_dir.absolute())) is None:
            return None
        layout, names = found
        return cls(layout.data_dir, programs=names, ports=layout.ports, cache_dir=layout.cache_dir)

    @property
    def urls(self) -> dict[str, str]:
        """`ingest`, `api`, `clickhouse` as http addresses, `kafka` as host:port."""
        return self.layout.urls

    @property
    def environment(self) -> dict[str, str]:
        """The THIDUA_* variables that point services and commands at this stack."""
        return self.layout.environment

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(program.name for program in self.programs)

    def is_running(self) -> bool:
        return self._supervisor.answers()

    def is_complete(self) -> bool:
        """Every program has a process that is to stay, be it healthy or not."""
        return self.is_running() and all(map(_has_process, self._supervisor.processes().values()))

    def start(self, progress: Progress | None = None) -> None:
        """Return when everything is ready. On failure stop what was started, and raise StackError.

        A stack that runs is left as it is; one that runs in part (its start was killed) is completed.
        """
        preflight.check_writable(self.layout)
        self.layout.create_folders()
        with self._lock():
            if self.is_complete():
                return
            try:
                self._start(progress or SilentProgress())
            except BaseException:  # an interrupt too: half a stack is of no use
                self._stop_all(SilentProgress())
                raise

    def stop(self, progress: Progress | None = None) -> bool:
        """End everything of this stack and wait; the data stays. False when nothing was running."""
        if not self.layout.run_dir.exists():
            return False
        with self._lock():
            return self._stop_all(progress or SilentProgress())

    def kill(self, program: str) -> int:
        """SIGKILL the program's process, as a crash would; the supervisor starts it again. The pid that died."""
        pid = int(self._supervisor.processes()[program]["pid"])
        if pid == 0:
            raise StackError(f"{program} does not run, so it cannot be killed")
        os.kill(pid, signal.SIGKILL)
        return pid

    def halt(self, program: str) -> None:
        """End one program in order, and leave it ended until `resume`: an outage. Returns when its process is gone."""
        self._stop_group((program,))

    def resume(self, program: str) -> None:
        """Start what was halted; `wait_healthy` waits for it."""
        self._supervisor.start_program(program)

    def wait_healthy(self, program: str, timeout_s: float | None = None) -> None:
        """Return when the program runs and is ready. Raises ProgramFailedError when it crashes again and again."""
        self._wait(next(one for one in self.programs if one.name == program), timeout_s)

    def status(self, *, lag: bool = False) -> StackStatus:
        """What each process does now. The lag costs a question to the broker."""
        return read_status(self.layout, self.programs, self._supervisor, with_lag=lag)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, progress: Progress) -> None:
        if not self.is_running():
            self._prepare(progress)
            self._supervisor.start(self.programs)
            self.layout.write_record(list(self._names))
        launch(self.programs, self.steps, self._run_program, self._run_step, progress)

    def _prepare(self, progress: Progress) -> None:
        """Everything that can fail before a process is started."""
        if orphans := leftovers.leftovers(self.layout.data_dir):
            with progress.step(f"ended what a dead supervisor left: {leftovers.describe(orphans)}"):
                leftovers.end(orphans)
        with progress.step("checks"):
            preflight.check_disk(self.layout)
            preflight.check_ports(self.layout.ports, preflight.ports_of(self._names))
        if "kafka" in self._names:
            with progress.step("jars" if jar_folder(self.layout.cache_dir).exists() else "fetch"):
                ensure_jars(self.layout.cache_dir)
            if not learning.is_learned(self.layout.cache_dir):
                with progress.step("learn"):
                    learning.learn(self.layout.cache_dir)
            kafka.prepare(self.layout)

    def _run_step(self, step: Step) -> None:
        step.run(self.layout)

    def _run_program(self, program: Program) -> None:
        self._supervisor.start_program(program.name)
        self._wait(program)

    def _wait(self, program: Program, timeout_s: float | None = None) -> None:
        timeout_s = timeout_s or program.start_timeout_s
        began, log = time.monotonic(), self.layout.log(program.name)
        crashed_before = self._supervisor.restarts().get(program.name, 0)
        looks = count()
        while not (self._is_ready(program) and self._has_process(program)):
            if next(looks) % _CRASHES_EVERY == 0 and self._crashes(program, crashed_before):
                raise ProgramFailedError(f"{program.name} ends again and again", log)
            if time.monotonic() > began + timeout_s:
                raise ProgramFailedError(f"{program.name} was not ready within {timeout_s:g} s", log)
            time.sleep(_POLL_S)

    def _has_process(self, program: Program) -> bool:
        return _has_process(self._supervisor.processes()[program.name])

    def _crashes(self, program: Program, crashed_before: int) -> bool:
        """It was given up, or has ended so often meanwhile that it will not become healthy."""
        crashes = self._supervisor.restarts().get(program.name, 0) - crashed_before
        given_up = self._supervisor.processes()[program.name]["statename"] == "FATAL"
        return given_up or crashes >= _CRASHES_AT_START

    def _is_ready(self, program: Program) -> bool:
        check = program.ready or program.healthy
        return check is None or check(self.layout)

    def _stop_all(self, progress: Progress) -> bool:
        was_running = self.is_running()
        if was_running:
            for group in teardown_order(self.programs):
                with progress.step("stop " + ", ".join(group)):
                    self._stop_group(group)
            self._supervisor.quit()
        orphans = leftovers.leftovers(self.layout.data_dir)
        leftovers.end(orphans)
        return was_running or bool(orphans)

    def _stop_group(self, names: tuple[str, ...]) -> None:
        for name in names:
            self._supervisor.stop_program(name)
        while any(self._supervisor.processes()[name]["pid"] for name in names):
            time.sleep(_POLL_S)  # bounded: the supervisor kills what outlasts its stop timeout

    def _lock(self) -> FileLock:
        """Two commands at a time would undo each other's work."""
        lock = FileLock(self.layout.run_dir / "stack.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise StackError(
                f"Another command is starting or stopping the stack on {self.layout.data_dir}: wait for it"
            ) from None
        return lock


def _has_process(info: dict[str, Any]) -> bool:
    """False for one that is being stopped, too."""
    return bool(info["pid"]) and info["statename"] != "STOPPING"


def _programs(wanted: Sequence[str] | Sequence[Program] | None) -> tuple[Program, ...]:
    given = tuple(program for program in wanted or () if isinstance(program, Program))
    return given or programs_named([str(name) for name in wanted] if wanted is not None else None)
