"""The waits that only the store knows, for whoever asks how fresh things are."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from services.api.evaluation_store import EvaluationStore
from services.api.problems import EvaluationsUnavailable
from services.contracts.stored_rows import StoredWait

MINUTE_S: Final = 60
FIVE_MINUTES_S: Final = 300

ASKED_AGAIN_S: Final = 5.0
"""How long an answer of the store serves, and a refusal too: whoever polls asks the api, not ClickHouse."""


class StoredWaits:
    """The steps that only the store knows, asked for at most once in `ASKED_AGAIN_S`. Threads may share it."""

    def __init__(self, store: EvaluationStore, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic_s = monotonic_s
        self._asked_s = float("-inf")
        self._held: dict[int, dict[str, StoredWait]] = {}
        self._unknown: str | None = None
        self._lock = threading.Lock()

    def now(self) -> tuple[Mapping[int, Mapping[str, StoredWait]], str | None]:
        """By window in seconds and by block, '' for all; and why it is not known, else None."""
        with self._lock:
            if self._monotonic_s() - self._asked_s >= ASKED_AGAIN_S:
                self._ask()
                self._asked_s = self._monotonic_s()
            return self._held, self._unknown

    def _ask(self) -> None:
        try:
            self._held = {
                seconds: {row.block: row for row in self._store.stored_waits(seconds)}
                for seconds in (MINUTE_S, FIVE_MINUTES_S)
            }
            self._unknown = None
        except EvaluationsUnavailable:
            self._held, self._unknown = {}, "ClickHouse does not answer; it is asked again."
