"""Start programs and deploy steps in the order of their needs, as many at a time as those allow."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from graphlib import TopologicalSorter
from typing import Protocol

from deploy.embedded.programs import Program
from deploy.embedded.steps import Step


class Progress(Protocol):
    """Told of each thing that begins and ends; may be called from several threads."""

    def step(self, name: str) -> AbstractContextManager[None]: ...


class SilentProgress:
    def step(self, _name: str) -> AbstractContextManager[None]:
        return nullcontext()


class TimingProgress:
    """Keeps (name, seconds) of what has ended, for measurements and tests."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began


def launch(
    programs: Sequence[Program],
    steps: Sequence[Step],
    run_program: Callable[[Program], None],
    run_step: Callable[[Step], None],
    progress: Progress,
) -> None:
    """Run each as soon as all that its `after` names is done. Raises the first failure, starting nothing more."""
    actions: dict[str, Callable[[], None]] = {p.name: partial(run_program, p) for p in programs}
    actions |= {step.name: partial(run_step, step) for step in steps}
    order = _graph([*programs, *steps])
    order.prepare()
    pool = ThreadPoolExecutor(len(actions) or 1)
    running: dict[Future[None], str] = {}
    try:
        while order.is_active():
            for name in order.get_ready():
                running[pool.submit(_run, name, actions[name], progress)] = name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
                order.done(running.pop(future))
    finally:
        pool.shutdown(wait=False)  # after a failure the caller stops what the others still wait for


def teardown_order(programs: Sequence[Program]) -> list[tuple[str, ...]]:
    """Groups of programs that stop together, each before whatever it stands on."""
    order = _graph(programs)
    order.prepare()
    groups: list[tuple[str, ...]] = []
    while order.is_active():
        ready = order.get_ready()
        groups.insert(0, tuple(ready))
        order.done(*ready)
    return groups


def _graph(nodes: Sequence[Program | Step]) -> TopologicalSorter[str]:
    names = {node.name for node in nodes}
    return TopologicalSorter({node.name: [need for need in node.after if need in names] for node in nodes})


def _run(name: str, action: Callable[[], None], progress: Progress) -> None:
    with progress.step(name):
        action()
