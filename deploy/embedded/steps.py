"""What a deployment does between the engines and the services: topics, tables, packs, keys.

Every step may be run again: it finds its work done and changes nothing. Others add their commands here.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.errors import ProgramFailedError
from deploy.embedded.layout import Layout
from deploy.embedded.settings import PROJECT

_STEP_TIMEOUT_S = 120  # seconds as a rule; bounds a command that waits for an engine that has died


@dataclass(frozen=True)
class Step:
    """A command that must succeed before whatever names it in `after` starts."""

    name: str
    argv: Callable[[Layout], list[str]]
    after: tuple[str, ...] = ()

    def run(self, layout: Layout) -> None:
        """Raises ProgramFailedError, with what the command said in its log."""
        log = layout.log(self.name)
        with log.open("w") as output:
            try:
                code = subprocess.run(
                    self.argv(layout),
                    env=os.environ | layout.own_environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=_STEP_TIMEOUT_S,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                raise ProgramFailedError(f"The step {self.name} took over {_STEP_TIMEOUT_S} s", log) from None
        if code != 0:
            raise ProgramFailedError(f"The step {self.name} failed (exit code {code})", log)


def thidua(*arguments: str) -> Callable[[Layout], list[str]]:
    """A command of the `thidua` program, run by this very Python."""
    return lambda _layout: [sys.executable, "-m", "services.cli.main", *arguments]


def _with_packs(*arguments: str) -> Callable[[Layout], list[str]]:
    """A command over every pack that comes with the program."""
    return lambda layout: [*thidua(*arguments)(layout), *map(str, shipped_packs())]


def shipped_packs() -> list[Path]:
    return sorted(file.parent for file in (PROJECT / "campaigns").glob("*/campaign.yaml"))


def _migrate(_layout: Layout) -> list[str]:
    return [sys.executable, "-m", "services.storage", "migrate"]


STEPS = (
    Step("topics", thidua("topics", "create"), after=("kafka",)),
    Step("migrate", _migrate, after=("clickhouse",)),
    Step("packs", _with_packs("pack", "publish"), after=("topics",)),
    Step("keys", _with_packs("keys", "demo"), after=("topics",)),
)


def steps_for(programs: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps whose engines are among these programs, when any service is: engines alone are left bare."""
    if set(programs) <= {"kafka", "clickhouse"}:
        return ()
    missing = {"kafka", "clickhouse"} - set(programs)
    chosen: list[Step] = []
    for step in STEPS:  # in an order in which each stands behind what it needs
        if missing.isdisjoint(step.after):
            chosen.append(step)
        else:
            missing.add(step.name)
    return tuple(chosen)
