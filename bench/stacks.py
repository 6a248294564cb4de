"""The stacks of the benchmarks: each in a temporary folder that is gone afterwards, also when a benchmark is told to end."""

import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.programs import Program
from deploy.embedded.stack import Stack
from deploy.embedded.steps import Step


@contextmanager
def temporary_stack(
    programs: Sequence[str] | Sequence[Program], steps: Sequence[Step] | None = None
) -> Iterator[Stack]:
    """A started stack on free ports. `steps` as `Stack` takes them."""
    with (
        ended_in_order(),
        tempfile.TemporaryDirectory(prefix="thidua-bench-") as folder,
        Stack(Path(folder), programs=programs, steps=steps) as stack,
    ):
        yield stack


@contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM leaves the block as an exception does, so that what was started in it is ended: the process itself would leave it behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)
