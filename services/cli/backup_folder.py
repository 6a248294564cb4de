"""A backup on disk: segments of records, each a compressed file with its sum, and one list of them that is written last."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Self

import msgspec
import zstandard

from services.cli.failures import CalledWrongly, FoundWrong

FORMAT: Final = 1
_CONTENTS: Final = "backup.json"
_LEVEL: Final = 3


class Copied(msgspec.Struct, array_like=True, frozen=True):
    """A record as it stands in its partition."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] = []


class Segment(msgspec.Struct, frozen=True):
    """One file: the records of [first, next) of a partition."""

    topic: str
    partition: int
    first: int
    next: int
    records: int
    file: str
    sha256: str


class Contents(msgspec.Struct):
    """All segments, in the order of their writing. `partitions` is the number of the topics that are kept by block."""

    format: int
    partitions: int
    segments: list[Segment] = []


class BackupFolder:
    """One backup. A segment counts once it is in the list, so a backup that was cut off goes on where the list ends."""

    def __init__(self, path: Path, contents: Contents) -> None:
        self.path = path
        self.contents = contents

    @classmethod
    def create_or_resume(cls, path: Path, partitions: int) -> Self:
        """Raises `CalledWrongly` for a folder that holds something else, or a backup of a log with other partitions."""
        if (path / _CONTENTS).exists():
            folder = cls.open(path)
            if folder.contents.partitions != partitions:
                raise CalledWrongly(
                    f"{path} is of a log with {folder.contents.partitions} partitions, this one has {partitions}.",
                    "Name another folder: this is another log.",
                )
            return folder
        if path.exists() and any(path.iterdir()):
            raise CalledWrongly(f"{path} is not empty and holds no backup.", "Name a new folder.")
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(path, Contents(FORMAT, partitions))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises `CalledWrongly` where there is no backup that this version reads."""
        try:
            contents = msgspec.json.decode((path / _CONTENTS).read_bytes(), type=Contents)
        except (OSError, msgspec.DecodeError) as error:
            raise CalledWrongly(
                f"{path} holds no backup: {error}.", "Name a folder that thidua backup wrote."
            ) from error
        if contents.format != FORMAT:
            raise CalledWrongly(
                f"{path} is of format {contents.format}, this version reads {FORMAT}.",
                "Use the version that wrote it.",
            )
        return cls(path, contents)

    def segments(self, topic: str, partition: int | None = None) -> list[Segment]:
        return [s for s in self.contents.segments if s.topic == topic and partition in (None, s.partition)]

    def next_offset(self, topic: str, partition: int) -> int:
        return max((segment.next for segment in self.segments(topic, partition)), default=0)

    def write(self, topic: str, partition: int, first: int, next: int, records: Sequence[Copied]) -> None:
        """Adds a segment. It is on disk, and then in the list, when this returns."""
        body = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(
            msgspec.msgpack.encode(records)
        )
        name = f"{topic}/{partition:04d}-{first:012d}.zst"
        (self.path / topic).mkdir(exist_ok=True, mode=0o700)
        _write_durably(self.path / name, body)
        digest = hashlib.sha256(body).hexdigest()
        self.contents.segments.append(Segment(topic, partition, first, next, len(records), name, digest))
        self._write_contents()

    def forget(self, topic: str) -> None:
        """Takes the topic's segments away, files too: what is written next stands for all of it."""
        gone = self.segments(topic)
        self.contents.segments = [s for s in self.contents.segments if s.topic != topic]
        self._write_contents()
        for segment in gone:
            (self.path / segment.file).unlink(missing_ok=True)

    def read(self, segment: Segment) -> list[Copied]:
        """Raises `FoundWrong` for a file that is missing or not what was written."""
        try:
            body = (self.path / segment.file).read_bytes()
        except OSError as error:
            raise _damaged(segment, f"cannot be read ({error.strerror})") from error
        if hashlib.sha256(body).hexdigest() != segment.sha256:
            raise _damaged(segment, "has another SHA-256 than the list says")
        records = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body), type=list[Copied])
        if len(records) != segment.records:
            raise _damaged(segment, f"holds {len(records)} records instead of {segment.records}")
        return records

    def check(self, topics: Iterable[str]) -> None:
        """That every segment is whole and that none of a partition is missing before a later one. Raises `FoundWrong`."""
        for topic in topics:
            ends: dict[int, int] = {}
            for segment in self.segments(topic):
                if segment.first != ends.get(segment.partition, 0):
                    raise _damaged(
                        segment,
                        f"begins at {segment.first}, the one before ends at {ends.get(segment.partition, 0)}",
                    )
                ends[segment.partition] = segment.next
                self.read(segment)

    def _write_contents(self) -> None:
        _write_durably(
            self.path / _CONTENTS, msgspec.json.format(msgspec.json.encode(self.contents), indent=1)
        )


def _write_durably(path: Path, body: bytes) -> None:
    """The old file or the new one is there, whenever the power fails."""
    beside = path.with_suffix(path.suffix + ".new")
    with beside.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _damaged(segment: Segment, what: str) -> FoundWrong:
    return FoundWrong(
        f"{segment.file} {what}.",
        "This backup is damaged: restore another one, or make a new one in a new folder.",
    )
