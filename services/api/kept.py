"""An answer that serves everybody who asks for a while: whoever polls shares it with the others."""

import time
from collections.abc import Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

_MOST: Final = 64
"""Answers that are held: more different questions than that at a time are asked by nobody who polls."""


class _Held(NamedTuple, Generic[Answer]):
    made_s: float
    answer: Answer


class Kept(Generic[Key, Answer]):
    """Answers by question, each made at most once in `kept_s`. Threads may share it.

    While one makes an answer anew the others get the one before, so that a store that hangs holds one of them. What `make` raises is raised
    to who asked, and nothing is held of it.
    """

    def __init__(
        self,
        make: Callable[[Key], Answer],
        kept_s: float,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._kept_s = kept_s
        self._monotonic_s = monotonic_s
        self._held: dict[Key, _Held[Answer]] = {}
        self._making: set[Key] = set()

    def of(self, key: Key) -> Answer:
        now_s, held = self._monotonic_s(), self._held.get(key)
        if held is not None and (now_s - held.made_s < self._kept_s or key in self._making):
            return held.answer
        self._making.add(key)
        try:
            answer = self._make(key)
        finally:
            self._making.discard(key)
        if len(self._held) >= _MOST:
            self._held.clear()
        self._held[key] = _Held(now_s, answer)
        return answer
