"""Reads the body of a push within its limits, and finds the events in it: one structured, one binary, or a batch."""

import asyncio
from typing import Final, Literal
from urllib.parse import unquote

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request

from services.contracts.problems import (
    BatchTooLarge,
    EventProblem,
    MalformedJson,
    SlowBody,
    UnsupportedMediaType,
)

Mode = Literal["structured", "batch", "binary"]

_MODES: Final[dict[str, Mode]] = {
    "application/cloudevents+json": "structured",
    "application/cloudevents-batch+json": "batch",
    "application/json": "binary",
}
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})
_ATTRIBUTE: Final = "ce-"

_decode_array: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_raw: Final = msgspec.json.Decoder(msgspec.Raw).decode


def mode_of(headers: Headers) -> Mode:
    """How the events stand in the body. Raises `UnsupportedMediaType`."""
    given = headers.get("content-type", "")
    media_type, _, parameters = given.partition(";")
    mode = _MODES.get(media_type.strip().lower())
    if mode is None or (mode == "binary" and not _has_attributes(headers)):
        raise UnsupportedMediaType(
            f"The content type is {given!r}." if given else "There is no content type."
        )
    if _charset(parameters) not in _CHARSETS:
        raise UnsupportedMediaType(f"JSON is read as UTF-8 only; the content type is {given!r}.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must come uncompressed.", next="Leave Content-Encoding out.")
    return mode


def announced_bytes(headers: Headers, unknown: int) -> int:
    """How long the body says it is; `unknown` when it comes in pieces of any number."""
    announced = headers.get("content-length", "")
    return int(announced) if announced.isdecimal() else unknown


async def read_body(request: Request, max_bytes: int, timeout_s: float) -> bytes:
    """The whole body. Stops reading at the limit, and at the time. Raises `BatchTooLarge` or `SlowBody`."""
    announced = announced_bytes(request.headers, max_bytes)
    if announced > max_bytes:
        raise BatchTooLarge(f"{announced} bytes are announced; {max_bytes} are allowed.")
    parts: list[bytes] = []
    left = max_bytes
    try:
        async with asyncio.timeout(timeout_s):
            async for part in request.stream():
                left -= len(part)
                if left < 0:
                    raise BatchTooLarge(f"The body has more than {max_bytes} bytes.")
                parts.append(part)
    except TimeoutError:
        raise SlowBody(f"The body was not complete after {timeout_s:g} s.") from None
    return parts[0] if len(parts) == 1 else b"".join(parts)


def events_in(body: bytes, mode: Mode, headers: Headers, max_events: int) -> list[bytes]:
    """The events as bytes of JSON, undecoded. Raises `MalformedJson`, `BatchTooLarge`, or `EventProblem` for a missing `ce-type`."""
    if not body or body.isspace():
        raise MalformedJson("The body is empty.")
    if mode == "batch":
        return _batch(body, max_events)
    return [_from_headers(body, headers)] if mode == "binary" else [body]


def _batch(body: bytes, max_events: int) -> list[bytes]:
    try:
        raws = _decode_array(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedJson(f"The body is not a JSON array of events: {error}.") from None
    if len(raws) > max_events:
        raise BatchTooLarge(f"The batch has {len(raws)} events; {max_events} are allowed.")
    return [bytes(raw) for raw in raws]


def _from_headers(body: bytes, headers: Headers) -> bytes:
    """The event in structured form, made of the `ce-` headers and of the body as its data."""
    attributes: dict[str, object] = {
        name.removeprefix(_ATTRIBUTE): unquote(value)
        for name, value in headers.items()
        if name.startswith(_ATTRIBUTE)
    }
    if "type" not in attributes:
        raise EventProblem("The header ce-type is missing.", pointer="/type")
    try:
        return msgspec.json.encode(attributes | {"data": _decode_raw(body)})
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedJson(f"The body is not JSON: {error}.") from None


def _has_attributes(headers: Headers) -> bool:
    return any(name.startswith(_ATTRIBUTE) for name in headers)


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return "utf-8"
