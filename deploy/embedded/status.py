"""What each process of a stack does now: state, health, age, memory, lag, restarts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from deploy.embedded.disk import Disk, disks
from deploy.embedded.lag import consumer_lag
from deploy.embedded.layout import Layout
from deploy.embedded.programs import Program
from deploy.embedded.settings import EmbeddedSettings
from deploy.embedded.standing import StandingBlock, standing_blocks
from deploy.embedded.supervision import Supervisor


@dataclass(frozen=True)
class ProcessStatus:
    """`state` is the supervisor's word in lower case; `health` is ok, failing, or down without a process.

    `lag` counts records, which hold one to many events each: None when unknown or when it has none.
    """

    name: str
    pid: int | None
    state: str
    health: str
    uptime_s: int | None
    memory_mb: float | None
    lag: int | None
    restarts: int
    log: str


@dataclass(frozen=True)
class StackStatus:
    running: bool
    data_dir: str
    urls: dict[str, str]
    processes: tuple[ProcessStatus, ...]
    disks: tuple[Disk, ...] = ()
    standing: tuple[StandingBlock, ...] = ()

    @property
    def healthy(self) -> bool:
        return self.running and all(process.health == "ok" for process in self.processes)

    @property
    def memory_mb(self) -> float:
        return round(sum(process.memory_mb or 0 for process in self.processes), 1)

    def as_json(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "healthy": self.healthy,
            "data_dir": self.data_dir,
            "urls": self.urls,
            "memory_mb": self.memory_mb,
            "disks": [asdict(disk) | {"low": disk.is_low} for disk in self.disks],
            "halts": [asdict(block) for block in self.standing],
            "processes": [asdict(process) for process in self.processes],
        }


def read_status(
    layout: Layout, programs: tuple[Program, ...], supervisor: Supervisor, *, with_lag: bool
) -> StackStatus:
    """One look at everything, in parallel: a program that hangs costs two seconds, not two each."""
    if not supervisor.answers():
        return StackStatus(False, str(layout.data_dir), layout.urls, ())
    found, restarts = supervisor.processes(), supervisor.restarts()
    with ThreadPoolExecutor(len(programs) + 2) as pool:
        standing = pool.submit(standing_blocks, layout.ports.api)
        groups = [program.group for program in programs if program.group]
        lag = pool.submit(consumer_lag, layout.urls["kafka"], groups if with_lag else [])
        healths = list(pool.map(lambda program: _health(program, layout, found[program.name]), programs))
        lags = lag.result()
    processes = tuple(
        _process(
            program,
            found[program.name],
            health=health,
            lag=lags.get(program.group) if program.group else None,
            restarts=restarts.get(program.name, 0),
            log=str(layout.log(program.name)),
        )
        for program, health in zip(programs, healths, strict=True)
    )
    room = disks(layout, int(EmbeddedSettings().disk_warn_gb * 1e9))
    return StackStatus(True, str(layout.data_dir), layout.urls, processes, room, standing.result())


def _health(program: Program, layout: Layout, info: dict[str, Any]) -> str:
    if not info["pid"]:
        return "down"
    return "ok" if program.healthy is None or program.healthy(layout) else "failing"


def _process(
    program: Program, info: dict[str, Any], *, health: str, lag: int | None, restarts: int, log: str
) -> ProcessStatus:
    pid = info["pid"] or None
    return ProcessStatus(
        name=program.name,
        pid=pid,
        state=info["statename"].lower(),
        health=health,
        uptime_s=max(0, info["now"] - info["start"]) if pid else None,
        memory_mb=_memory_mb(pid) if pid else None,
        lag=lag,
        restarts=restarts,
        log=log,
    )


def _memory_mb(pid: int) -> float | None:
    """Resident memory of the process and its children."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return round(sum(one.memory_info().rss for one in family) / 1e6, 1)
    except psutil.Error:
        return None
