"""The log in memory: for tests, and for trying the door without a broker. It forgets all at its end."""

from collections.abc import Sequence

from services.contracts.problems import LogUnavailable
from services.contracts.tracing import Trace
from services.ingest.event_log import EventLog, LogRecord


class InMemoryEventLog(EventLog):
    """Acknowledges at once, unless `goes_down` was called."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []
        self.traces: list[Trace | None] = []
        self._available = True

    async def append(self, records: Sequence[LogRecord], trace: Trace | None = None) -> None:
        if not self._available:
            raise LogUnavailable("The log in memory was told to be down.")
        self.records.extend(records)
        self.traces.extend(trace for _ in records)

    @property
    def is_available(self) -> bool:
        return self._available

    @property
    def acknowledges(self) -> bool:
        return self._available

    def goes_down(self) -> None:
        """From now on nothing is acknowledged."""
        self._available = False

    def comes_back(self) -> None:
        self._available = True

    async def close(self) -> None:
        self._available = False
