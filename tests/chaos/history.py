"""What was sent and what was answered, event by event."""

import threading
from dataclasses import dataclass, field
from typing import Literal

from services.contracts.events import AnyEvent

Key = tuple[str, str]
"""(source, id)."""

Answer = Literal["accepted", "rejected", "unknown"]


@dataclass
class History:
    """Filled by many threads. An event that was sent again keeps the best that was ever said of it: accepted, else rejected."""

    events: dict[Key, AnyEvent] = field(default_factory=dict)
    answers: dict[Key, Answer] = field(default_factory=dict)
    poison: list[bytes] = field(default_factory=list)
    """Values of records that were put into the log past the door, and are there."""
    unknown_poison: list[bytes] = field(default_factory=list)
    """Values that may be there: the broker did not answer."""
    sent: int = 0
    """Events in all requests, those sent again among them."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, event: AnyEvent, answer: Answer) -> None:
        key = (event.source, event.id)
        with self._lock:
            self.sent += 1
            self.events[key] = event
            if answer == "accepted" or self.answers.get(key) != "accepted":
                self.answers[key] = answer

    def note_poison(self, value: bytes, *, is_there: bool) -> None:
        with self._lock:
            (self.poison if is_there else self.unknown_poison).append(value)

    def answered(self, answer: Answer) -> set[Key]:
        return {key for key, own in self.answers.items() if own == answer}
