"""How far storage is, for the health port: written by the writer's thread, read by others."""

import time
from dataclasses import dataclass
from threading import Lock

_STALLED_S = 90.0  # one insert may take 30 s and is then tried again; beyond this the loop hangs


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the health port tells. Ready: partitions are assigned, their lag is known, and nothing is in trouble."""

    alive: bool
    ready: bool
    waiting_for: str | None
    lag: dict[str, int]
    rows: int
    last_insert_s: float | None
    """Seconds since 1970."""
    seconds_since_turn: float


class Progress:
    """`turn` is called once a turn of the loop; `waiting_for` names the trouble, None when all is well."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting_for: str | None = "start"
        self._lag: dict[str, int] = {}
        self._rows = 0
        self._last_insert_s: float | None = None
        self._turned_s = time.monotonic()

    def turn(self, waiting_for: str | None = None) -> None:
        with self._lock:
            self._turned_s = time.monotonic()
            self._waiting_for = waiting_for

    def inserted(self, rows: int) -> None:
        with self._lock:
            self._rows += rows
            self._last_insert_s = time.time()

    def measured(self, lag: dict[str, int]) -> None:
        with self._lock:
            self._lag = lag

    def snapshot(self) -> Snapshot:
        with self._lock:
            idle_s = time.monotonic() - self._turned_s
            alive = idle_s < _STALLED_S
            return Snapshot(
                alive=alive,
                ready=alive and self._waiting_for is None and bool(self._lag),
                waiting_for=self._waiting_for,
                lag=dict(self._lag),
                rows=self._rows,
                last_insert_s=self._last_insert_s,
                seconds_since_turn=round(idle_s, 3),
            )
