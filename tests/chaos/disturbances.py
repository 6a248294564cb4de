"""What happens to the stack: processes are killed, stopped and woken, told to end; engines restart. All drawn from the seed."""

import os
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psutil

from deploy.embedded.layout import Layout
from deploy.embedded.programs import Program
from deploy.embedded.stack import Stack
from services.contracts.checkpoints import CONFIRMED_GROUP


def _second_worker(_layout: Layout) -> list[str]:
    return ["env", "THIDUA_SCORING_PORT=0", sys.executable, "-m", "services.scoring"]


SECOND_WORKER = Program("scoring-2", _second_worker, after=("kafka", "topics"), group=CONFIRMED_GROUP)

SERVICES = ("scoring", "scoring-2", "storage", "ingest", "api")
WORKERS = ("scoring", "scoring-2")


class Disturbances:
    """One after another until stopped. A stopped process is always woken again."""

    def __init__(self, stack: Stack, seed: int, tell: Callable[[str], None]) -> None:
        self._stack = stack
        self._rng = random.Random(f"{seed}/disturbances")
        self._tell = tell
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._asleep: set[int] = set()
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No more of them; everything that was stopped goes on."""
        self._stopping.set()
        self._thread.join(60)
        for pid in self._asleep:
            _signal(pid, signal.SIGCONT)

    def _run(self) -> None:
        while not self._stopping.wait(self._rng.uniform(1.5, 4.0)):
            kind, disturb = self._drawn()
            if disturb():
                self.done[kind] += 1

    def _drawn(self) -> tuple[str, Callable[[], bool]]:
        rng, chance = self._rng, self._rng.random()
        if chance < 0.45:
            name = rng.choice((*SERVICES, *WORKERS))
            return f"kill -9 {name}", lambda: self._send(name, signal.SIGKILL)
        if chance < 0.60:
            name = rng.choice((*WORKERS, "storage", "ingest"))
            return f"end {name}", lambda: self._send(name, signal.SIGTERM)
        if chance < 0.82:
            name, seconds = rng.choice((*WORKERS, "storage", "ingest")), rng.choice((1.0, 3.0, 8.0))
            return f"stop {name} and continue", lambda: self._sleep(name, seconds)
        if chance < 0.92:
            return "restart clickhouse", lambda: self._send(
                "clickhouse", rng.choice((signal.SIGKILL, signal.SIGTERM))
            )
        return "restart kafka", lambda: self._send("kafka", rng.choice((signal.SIGKILL, signal.SIGTERM)))

    def _send(self, name: str, how: signal.Signals) -> bool:
        pid = self._pid(name)
        if pid is None or pid in self._asleep:
            return False
        self._tell(f"{how.name} to {name}")
        return _signal(pid, how)

    def _sleep(self, name: str, seconds: float) -> bool:
        """SIGSTOP, and SIGCONT after a while; a worker that slept beyond its session wakes as a zombie."""
        pid = self._pid(name)
        if pid is None or pid in self._asleep or not _signal(pid, signal.SIGSTOP):
            return False
        self._tell(f"{name} stands still for {seconds:g} s")
        self._asleep.add(pid)

        def wake() -> None:
            _signal(pid, signal.SIGCONT)
            self._asleep.discard(pid)

        threading.Timer(seconds, wake).start()
        return True

    def _pid(self, name: str) -> int | None:
        return next((one.pid for one in self._stack.status().processes if one.name == name), None)


def _signal(pid: int, how: signal.Signals) -> bool:
    """False when the process is gone."""
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        os.kill(pid, how)
        return True
    return False
