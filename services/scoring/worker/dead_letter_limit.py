"""Stops the worker when so many events are refused that the fault cannot lie in the events."""

from collections import deque

from services.contracts.results import DeadLetter


class TooManyDeadLetters(Exception):  # noqa: N818 - it names what happened
    """The newest events were refused one after the other, or in too large a share. Nothing is committed past them."""

    def __init__(self, message: str, letter: DeadLetter) -> None:
        super().__init__(message)
        self.letter = letter
        """The last of them."""


class DeadLetterLimit:
    """Counts refused events among the newest `window`. `in_a_row` and `share` (of a full window) are the limits."""

    def __init__(self, in_a_row: int, window: int, share: float) -> None:
        self._in_a_row = in_a_row
        self._window = window
        self._share = share
        self._row = 0
        self._refused_at: deque[int] = deque()
        self._seen = 0

    def applied(self, events: int = 1) -> None:
        """So many events were applied. Called for every event, so it only counts."""
        self._row = 0
        self._seen += events

    def refused(self, letter: DeadLetter) -> None:
        """Raises TooManyDeadLetters when a limit is passed."""
        self._seen += 1
        self._row += 1
        self._refused_at.append(self._seen)
        while self._refused_at[0] <= self._seen - self._window:
            self._refused_at.popleft()
        if self._row >= self._in_a_row:
            self._stop(f"{self._row} events in a row", letter)
        if self._seen >= self._window and len(self._refused_at) > self._share * self._window:
            self._stop(f"{len(self._refused_at)} of the newest {self._window} events", letter)

    def _stop(self, how_many: str, letter: DeadLetter) -> None:
        raise TooManyDeadLetters(
            f"{how_many} were refused, the last at {letter.place} because of {letter.reason} ({letter.detail}). "
            "Check the writers, the pack and the version of this worker, or raise the limit in its settings.",
            letter,
        )
