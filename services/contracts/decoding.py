"""One event from its bytes, with every fault of its form told as a problem that points at the field."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from services.contracts.events import EVENT_TYPES, MAX_EVENT_BYTES, AnyEvent, decode_record, type_of
from services.contracts.problems import EventProblem, EventTooLarge, MalformedJson, UnknownEventType

KNOWN_TYPES: Final = frozenset(type_of(event_class) for event_class in EVENT_TYPES)

_decoder: Final[msgspec.json.Decoder[AnyEvent]] = msgspec.json.Decoder(AnyEvent)
_decode: Final = _decoder.decode  # without a function around it: this runs for every event

_PATH: Final = re.compile(r" - at `\$(.*)`$")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_NAMED_FIELD: Final = re.compile(r"(?:missing required|contains unknown) field `([^`]+)`")


def decode_checked(raw: bytes | msgspec.Raw) -> AnyEvent:
    """The event, of the right form for its type.

    Where a key stands twice in an object the last one counts, and only that one goes on. Raises `EventTooLarge`,
    `MalformedJson`, `UnknownEventType` or `EventProblem`.
    """
    size = len(raw) if isinstance(raw, bytes) else memoryview(raw).nbytes
    if size > MAX_EVENT_BYTES:
        raise EventTooLarge(f"The event has {size} bytes; {MAX_EVENT_BYTES} are allowed.")
    try:
        return _decode(raw)
    except msgspec.ValidationError as error:
        raise _form_problem(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedJson(f"{error}.") from None
    except RecursionError:
        raise MalformedJson("The event is nested too deeply.") from None


def decode_all(raws: Sequence[bytes]) -> list[AnyEvent] | None:
    """The events, each one JSON value, if all are as `decode_checked` wants them; None when one is not, or there are none."""
    if not raws or max(map(len, raws)) > MAX_EVENT_BYTES:
        return None
    try:
        events = decode_record(b"[%s]" % b",".join(raws))
    except (msgspec.MsgspecError, RecursionError):
        return None
    return events if len(events) == len(raws) else None


def _form_problem(message: str) -> EventProblem:
    pointer = json_pointer(message)
    said = _PATH.sub("", message)
    if pointer == "/type" and said.startswith("Invalid value"):
        return UnknownEventType(f"{said}; known types are {', '.join(sorted(KNOWN_TYPES))}.", pointer=pointer)
    return EventProblem(f"{said}.", pointer=pointer)


def json_pointer(message: str) -> str:
    """The JSON pointer (RFC 6901) of the field that a message of msgspec speaks of; of a missing or unknown one, where it would stand."""
    path = _PATH.search(message)
    steps = [name or index for name, index in _STEP.findall(path.group(1))] if path else []
    if named := _NAMED_FIELD.search(message):
        steps.append(named.group(1))
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)
