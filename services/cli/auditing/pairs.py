"""Two logs side by side, by offset."""

from collections.abc import Iterator
from typing import NamedTuple

from services.cli.auditing.sides import StoredRecord
from services.cli.backup_folder import Copied


class Pair(NamedTuple):
    """What stands at an offset; None on the side that has nothing there."""

    offset: int
    kafka: Copied | None
    stored: StoredRecord | None


def pairs(kafka: Iterator[Copied], stored: Iterator[StoredRecord]) -> Iterator[Pair]:
    """Both are in the order of offsets, and so are the pairs."""
    one, other = next(kafka, None), next(stored, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one.offset < other.offset):
            assert one is not None
            yield Pair(one.offset, one, None)
            one = next(kafka, None)
        elif one is None or other.offset < one.offset:
            yield Pair(other.offset, None, other)
            other = next(stored, None)
        else:
            yield Pair(one.offset, one, other)
            one, other = next(kafka, None), next(stored, None)
