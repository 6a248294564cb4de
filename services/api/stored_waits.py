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


Heard = tuple[Mapping[int, Mapping[str, StoredWait]], str | None]


class StoredWaits:
    """The steps that only the store knows, asked for at most once in `ASKED_AGAIN_S`. Threads may share it."""

    def __init__(self, store: EvaluationStore, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic_s = monotonic_s
        self._asked_s = float("-inf")
        self._heard: Heard = ({}, "ClickHouse has not answered yet.")
        self._lock = threading.Lock()

    def now(self) -> Heard:
        """By window in seconds and by block, '' for all; and why it is not known, else None. One caller asks; others take what was heard last,
        so that a store that hangs holds one thread and no more."""
        if self._lock.acquire(blocking=False):
            try:
                if self._monotonic_s() - self._asked_s >= ASKED_AGAIN_S:
                    self._heard = self._ask()
                    self._asked_s = self._monotonic_s()
            finally:
                self._lock.release()
        return self._heard

    def _ask(self) -> Heard:
        try:
            held = {
                seconds: {row.block: row for row in self._store.stored_waits(seconds)}
                for seconds in (MINUTE_S, FIVE_MINUTES_S)
            }
        except EvaluationsUnavailable:
            return {}, "ClickHouse does not answer; it is asked again."
        return held, None
