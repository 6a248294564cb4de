"""Which worker of this machine a process is: a number held by a lock file for as long as the process lives."""

import socket
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_MOST: Final = 64


class Instance:
    """A static group member. Twins of one name would alternate rebalances for ever, so the number is taken under a lock."""

    def __init__(self, folder: Path) -> None:
        """Takes the lowest free number. Raises `RuntimeError` when all are taken."""
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(_MOST):
            lock = FileLock(folder / f"scoring-{number}.lock", is_singleton=False)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            self.number, self._lock = number, lock
            return
        raise RuntimeError(
            f"all {_MOST} worker numbers in {folder} are taken; end workers that are not needed"
        )

    @property
    def id(self) -> str:
        return f"scoring-{socket.gethostname()}-{self.number}"

    def release(self) -> None:
        self._lock.release()
