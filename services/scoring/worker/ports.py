"""What the worker needs from outside, as contracts. `main` builds the real ones; tests have their own."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from services.contracts.event_data import Place
from services.contracts.ids import BlockId, PackHash
from services.contracts.pack.model import Pack
from services.contracts.tracing import Trace


class LogRecord(NamedTuple):
    """One record of `campaign.events`. `timestamp_ms` is the broker's, milliseconds since 1970. Headers are read when an output follows."""

    offset: int
    key: bytes
    value: bytes
    timestamp_ms: int
    headers: tuple[tuple[str, bytes], ...] = ()


class Output(NamedTuple):
    """One record that follows from the log of `block`, for the partition of the same number unless it names another."""

    topic: str
    key: bytes
    value: bytes
    schema: bytes
    cause: Place
    block: BlockId
    trace: Trace | None = None
    """Of the request that caused it, for its header. Live values have none: they follow from many requests."""
    partition: int | None = None
    """Of what goes into the log of another block."""
    shows: bytes | None = None
    """Of a live ranking, for its header: the events that it is the first to show. A copy that is written again says the same."""


class ReadStalled(Exception):  # noqa: N818 - it names what happened
    """A direct read gave nothing for too long. The process must end: the partition would stay owned and silent."""


class LogReader(ABC):
    """Reads `campaign.events` straight from the broker, whatever the consumer group delivers."""

    @abstractmethod
    async def high_watermarks(self, partitions: Sequence[int]) -> dict[int, int]:
        """The offset after the last record of each partition, asked from the broker now."""

    @abstractmethod
    def read(self, partition: int, start: int, end: int) -> AsyncIterator[list[LogRecord]]:
        """Records of [start, end) in order, in lists. Offsets that hold no record are left out. Raises `ReadStalled`.

        The caller closes the iterator (`contextlib.aclosing`) when it stops early.
        """


class OutputLog(ABC):
    """Publishes outputs."""

    @abstractmethod
    async def publish(self, partition: int, outputs: Sequence[Output]) -> None:
        """Returns when the broker has acknowledged all of them (acks=all). Raises when it did not: the process must then end."""

    @abstractmethod
    def publish_soon(self, partition: int, output: Output) -> None:
        """Sends a live value without waiting; a failure is logged, and the value is written again within seconds anyhow."""


class EventLog(ABC):
    """Appends the worker's own events (ticks, evaluations due) to `campaign.events`."""

    @abstractmethod
    async def append(self, partition: int, key: bytes, value: bytes) -> None:
        """Returns when the broker has acknowledged the record. Raises when it did not; asking again is harmless."""


class Confirmed(NamedTuple):
    """What is committed of a partition: the next offset whose outputs are not known to be acknowledged, and where the manifest of the
    newest checkpoint stands on the same partition of `campaign.checkpoints`."""

    offset: int = 0
    checkpoint: int | None = None


class ConfirmedOffsets(ABC):
    """The worker's own committed offsets."""

    @abstractmethod
    async def load(self, partition: int) -> Confirmed:
        """Nothing confirmed and no checkpoint when nothing was committed yet."""

    @abstractmethod
    async def commit(self, offsets: Mapping[int, Confirmed]) -> None:
        """By partition. A late or repeated commit is harmless: outputs are written again, as equal copies."""


class CheckpointLog(ABC):
    """`campaign.checkpoints`, whose partitions are those of the log."""

    @abstractmethod
    async def append(self, partition: int, records: Sequence[tuple[bytes, bytes]]) -> list[int]:
        """Keys and values; returns their offsets when the broker has acknowledged all of them. Raises `NotSaved`."""

    @abstractmethod
    async def read(self, partition: int, offsets: Sequence[int]) -> dict[int, bytes]:
        """The values that stand at these offsets; what was compacted away or cut off is left out. Raises `ReadStalled`."""


class NotSaved(Exception):  # noqa: N818 - it names what happened
    """A checkpoint could not be written. Nothing is lost: the log is read from further back."""


class Packs(ABC):
    """Published packs by hash."""

    @abstractmethod
    def get(self, pack: PackHash) -> Pack | None: ...

    @abstractmethod
    async def wait_for(self, pack: PackHash) -> None:
        """Returns when the pack is there. Raises `PackNeverCame` after a deadline."""


class PackNeverCame(Exception):  # noqa: N818 - it names what happened
    """The log activates a pack that is not on `campaign.packs`."""
