"""In which members two copies of an evaluation differ, named so that a person can look there."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

MOST_NAMED: Final = 5


def named_differences(expected: bytes, found: bytes) -> list[str]:
    """`/units/3/score: 61.2 instead of 60.9` and so on, at most `MOST_NAMED` of them; empty when the bytes are equal."""
    if expected == found:
        return []
    try:
        differing = _walk("", msgspec.json.decode(expected), msgspec.json.decode(found))
        named = [line for line, _ in zip(differing, range(MOST_NAMED), strict=False)]
    except msgspec.DecodeError as error:
        named = [f"the copy is no JSON: {error}"]
    return named or ["the same members, written in other bytes"]


def _walk(path: str, expected: Any, found: Any) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for member in sorted(expected.keys() | found.keys()):
            yield from _walk(f"{path}/{member}", expected.get(member), found.get(member))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _walk(f"{path}/{index}", one, other)
    elif expected != found:
        yield f"{path or '/'}: {_short(found)} instead of {_short(expected)}"


def _short(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."
