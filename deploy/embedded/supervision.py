"""The supervisor of one stack: its configuration, its process, and its XML-RPC interface."""

import os
import re
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from deploy.embedded.errors import ProgramFailedError
from deploy.embedded.layout import Layout
from deploy.embedded.programs import Program

_CHILD = Path(__file__).with_name("child.py")
_START_TIMEOUT_S = 60  # half a second as a rule
_QUIT_TIMEOUT_S = 20  # when its programs are stopped already
_SETTLED_S = 5  # a process that ends sooner counts as a crash at start; later, it is started again at once
_POLL_S = 0.02
_RETRIES = 2_000  # waits of 1, 2, 3 ... s without an end: a full disk, or an engine that is away for hours, needs no hand afterwards

_HEAD = """\
[unix_http_server]
file={socket}
chmod=0700
[supervisord]
logfile={log}
logfile_maxbytes=5MB
logfile_backups=1
pidfile={pid}
childlogdir={log_dir}
nodaemon=true
silent=true
user={user}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

_PROGRAM = """\
[program:{name}]
command={command}
directory={directory}
environment={environment}
autostart=false
autorestart=true
startsecs={settled}
startretries={retries}
stopwaitsecs={stop_timeout}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""


def configuration(layout: Layout, programs: tuple[Program, ...]) -> str:
    """supervisord.conf for these programs, none of which starts by itself: the stack decides the order."""
    head = _HEAD.format(
        socket=_escaped(layout.socket),
        log=_escaped(supervisor_log(layout)),
        pid=_escaped(layout.run_dir / "supervisord.pid"),
        log_dir=_escaped(layout.log_dir),
        user=os.getuid(),  # nothing changes: root alone is asked to say that it means it
    )
    return head + "".join(_section(layout, program) for program in programs)


def _section(layout: Layout, program: Program) -> str:
    command = [sys.executable, "-I", "-S", str(_CHILD), *program.argv(layout)]
    return _PROGRAM.format(
        name=program.name,
        command=_escaped(shlex.join(command)),
        directory=_escaped(layout.run_dir),  # not the data folder: its kafka/ would stand in front of imports
        environment=",".join(f'{name}="{_escaped(value)}"' for name, value in layout.own_environment.items()),
        settled=_SETTLED_S,
        retries=_RETRIES,
        stop_timeout=program.stop_timeout_s,
        log=_escaped(layout.log(program.name)),
    )


def _escaped(value: str | Path) -> str:
    """supervisord expands %(...)s in every value."""
    return str(value).replace("%", "%%")


def supervisor_log(layout: Layout) -> Path:
    return layout.log("supervisord")


class Supervisor:
    """One supervisord, spoken to over its socket. A connection a call, so threads may share it."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def start(self, programs: tuple[Program, ...]) -> None:
        """Start supervisord detached from this terminal and wait until it answers. Raises ProgramFailedError."""
        config = self._layout.run_dir / "supervisord.conf"
        config.write_text(configuration(self._layout, programs))
        supervisor_log(self._layout).unlink(missing_ok=True)  # restarts are counted in it, from this start on
        with (self._layout.log_dir / "supervisord.out").open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ProgramFailedError(
                    "The supervisor did not start", self._layout.log_dir / "supervisord.out"
                )
            time.sleep(_POLL_S)

    def answers(self) -> bool:
        try:
            return bool(self._call("getState"))
        except (OSError, xmlrpc.client.Error):
            return False

    def pid(self) -> int:
        return int(self._call("getPID"))

    def processes(self) -> dict[str, dict[str, Any]]:
        """Each program's `statename`, `pid` (0 when there is none), `start`, `now` and `spawnerr`."""
        return {info["name"]: info for info in self._call("getAllProcessInfo")}

    def start_program(self, name: str) -> None:
        """Ask it to start; one that runs already is left alone. The caller waits for its health."""
        while self.processes()[name]["statename"] == "STOPPING":  # a start asked for meanwhile is forgotten
            time.sleep(_POLL_S)  # bounded: the supervisor kills what outlasts its stop timeout
        try:
            self._call("startProcess", name, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != Faults.ALREADY_STARTED:
                raise

    def stop_program(self, name: str) -> None:
        """Ask it to stop; a program that does not run is left alone."""
        try:
            self._call("stopProcess", name, False)
        except xmlrpc.client.Fault:
            return

    def restarts(self) -> dict[str, int]:
        """How often each program ended by itself since the supervisor started."""
        try:
            log = supervisor_log(self._layout).read_text(errors="replace")
        except OSError:
            return {}
        names = re.findall(r"INFO exited: (\S+)|WARN exited: (\S+)", log)
        ended = [calm or alarming for calm, alarming in names]
        return {name: ended.count(name) for name in set(ended)}

    def quit(self) -> None:
        """End supervisord, whose programs are stopped, and wait until it is gone."""
        process = psutil.Process(self.pid())
        self._call("shutdown")
        deadline = time.monotonic() + _QUIT_TIMEOUT_S
        while _lives(process):
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(_POLL_S)

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._layout.socket}")
        proxy = xmlrpc.client.ServerProxy(
            "http://localhost", transport=cast(xmlrpc.client.Transport, transport)
        )
        with closing(transport):
            return getattr(proxy.supervisor, method)(*arguments)


def _lives(process: psutil.Process) -> bool:
    """False for a zombie too: whoever started it may not have looked yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
