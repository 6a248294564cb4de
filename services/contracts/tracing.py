"""W3C trace context: which request a log line, a record and a result follow from. It stands in headers, never in a result's bytes."""

import hashlib
import random
import re
import secrets
from collections.abc import Iterable
from typing import Final, NamedTuple

from services.contracts.event_data import Place
from services.contracts.records import header

TRACEPARENT: Final = "traceparent"
"""Name of the HTTP header and of the record header."""

_HEADER: Final = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_NO_TRACE: Final = "0" * 32
_NO_PARENT: Final = "0" * 16


class Trace(NamedTuple):
    """`trace_id` names the whole path, `parent_id` the step that wrote this; lower-case hexadecimal."""

    trace_id: str
    parent_id: str
    flags: str = "01"

    def encode(self) -> bytes:
        """As a header's value, version 00."""
        return f"00-{self.trace_id}-{self.parent_id}-{self.flags}".encode()


class TraceSource:
    """Begins traces, and goes on with those that callers begin. Not for two threads at once."""

    def __init__(self) -> None:
        # seeded once: asking the system for each request would give the interpreter lock away each time
        self._random = random.Random(secrets.randbits(128))

    def begin(self) -> Trace:
        both = f"{self._random.getrandbits(192):048x}"
        return Trace(both[:32], both[32:])

    def follow(self, given: str) -> Trace:
        """The caller's trace with a step of our own; a new one when the header is missing or not well formed."""
        caller = parse_trace(given) if given else None
        return self.begin() if caller is None else caller._replace(parent_id=self.begin().parent_id)


def parse_trace(value: str) -> Trace | None:
    """None for what is no `traceparent`. Versions after 00 are read by their first four parts, as the standard asks; 00 has no more."""
    found = _HEADER.fullmatch(value)
    if found is None or found[1] == _NO_TRACE or found[2] == _NO_PARENT:
        return None
    if value.startswith("00") and found.end(3) != len(value):
        return None
    return Trace(found[1], found[2], found[3])


def trace_of(headers: Iterable[tuple[str, bytes]]) -> Trace | None:
    """The trace of a record; None when its writer had none."""
    value = header(headers, TRACEPARENT)
    return None if value is None else parse_trace(value.decode(errors="replace"))


def trace_at(trace: Trace, place: Place) -> Trace:
    """The trace as an output carries it. The step follows from the place, so that an output written again is an equal copy."""
    step = hashlib.blake2b(f"{trace.parent_id} {place}".encode(), digest_size=8).hexdigest()
    return trace._replace(parent_id=step)
