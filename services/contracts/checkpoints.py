"""What the scoring worker says of its checkpoints beside its committed offsets, so that commands can tell where they stand."""

from typing import Final

import msgspec

CONFIRMED_GROUP: Final = "thidua-scoring"
"""The consumer group, without members, in which the worker commits what is confirmed. Its lag is the worker's lag."""


class Note(msgspec.Struct, omit_defaults=True):
    """The metadata of a committed offset of `campaign.events`."""

    checkpoint: int | None = None
    """Where the manifest of the newest checkpoint stands, on the same partition of `campaign.checkpoints`."""


def write_note(note: Note) -> str:
    return msgspec.json.encode(note).decode()


def read_note(metadata: str | None) -> Note:
    """What an older version wrote, or nobody, reads as nothing known."""
    try:
        return msgspec.json.decode(metadata or "{}", type=Note)
    except msgspec.DecodeError:
        return Note()
