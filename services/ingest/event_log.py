"""The port through which the door writes to `campaign.events`."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from services.contracts.ids import BlockId
from services.contracts.tracing import Trace


class LogRecord(NamedTuple):
    """One record: a JSON array of events that all belong to the block."""

    block: BlockId
    value: bytes


class EventLog(ABC):
    """An append-only log that says when what it was given is durable."""

    @abstractmethod
    async def append(self, records: Sequence[LogRecord], trace: Trace | None = None) -> None:
        """Returns when every record is acknowledged by all replicas in sync.

        Records of one call and one block keep their order; each carries the trace. Raises `LogUnavailable` when that did not come about in
        time, at once when the log is known to be down: each record may then be in the log or not, and the caller may append all of them again.
        """

    @property
    @abstractmethod
    def is_available(self) -> bool:
        """Whether an append has a chance now."""

    @property
    @abstractmethod
    def acknowledges(self) -> bool:
        """Whether it is available, and what it was given is acknowledged in about the usual time."""

    @abstractmethod
    async def close(self) -> None:
        """Waits for what was appended, within the delivery timeout; every later append raises `LogUnavailable`."""
