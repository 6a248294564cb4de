"""How far into the topics a reader of the stream has come: the id of a server-sent event.

An id names, for each followed partition, the offset after the newest record that the reader has seen: `e:0=4;r:0=12,3=45`. Offsets
outlive the api, so an id given by one process resumes on another.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Letter = Literal["r", "f", "e"]
"""Rankings, flags, evaluations."""

_PART: Final = re.compile(r"([rfe]):((?:\d{1,6}=\d{1,19})(?:,\d{1,6}=\d{1,19})*)")


class Position(NamedTuple):
    """A record's place in its topic."""

    letter: Letter
    partition: int
    offset: int


class Positions:
    """The next offset of each followed partition. Immutable."""

    def __init__(self, following: Mapping[tuple[str, int], int] | None = None) -> None:
        self._following = dict(following or {})

    def after(self, position: Position) -> "Positions":
        """These, with one record more."""
        return Positions({**self._following, (position.letter, position.partition): position.offset + 1})

    def within(self, known: "Positions") -> "Positions":
        """These, without what lies beyond `known`: a topic that was created anew begins again at 0, and an id from before it names nothing."""
        return Positions({k: n for k, n in self._following.items() if n <= known._following.get(k, 0)})

    def cover(self, position: Position) -> bool:
        """Whether a reader that came this far has seen the record."""
        return position.offset < self._following.get((position.letter, position.partition), 0)

    def encode(self) -> str:
        parts: dict[str, list[str]] = {}
        for (letter, partition), offset in sorted(self._following.items()):
            parts.setdefault(letter, []).append(f"{partition}={offset}")
        return ";".join(f"{letter}:{','.join(offsets)}" for letter, offsets in parts.items())

    @staticmethod
    def decode(text: str) -> "Positions":
        """Raises `ValueError` when the text is no id of this stream."""
        following: dict[tuple[str, int], int] = {}
        for part in filter(None, text.split(";")):
            match = _PART.fullmatch(part)
            if match is None:
                raise ValueError(f"{part!r} is no part of an id of this stream")
            for pair in match[2].split(","):
                partition, _, offset = pair.partition("=")
                following[match[1], int(partition)] = int(offset)
        return Positions(following)
