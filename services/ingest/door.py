"""The door as its endpoints see it: what they need for a request, built by `main` or by a test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.contracts.metrics import IngestMetrics
from services.contracts.principals import Principals
from services.contracts.problems import NotReady
from services.ingest.event_log import EventLog
from services.ingest.gathering import Gathering
from services.ingest.intake import Intake
from services.ingest.settings import IngestSettings
from services.ingest.shares import Shares


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Door:
    """`knows_tables` says whether packs and principals are read to their end; before, every key would seem unknown."""

    settings: IngestSettings
    principals: Principals
    intake: Intake
    log: EventLog
    knows_tables: Callable[[], bool]
    now: Callable[[], datetime] = utc_now
    metrics: IngestMetrics = field(default_factory=IngestMetrics)
    shares: Shares = field(init=False)
    gathering: Gathering = field(init=False)

    def __post_init__(self) -> None:
        self.shares = Shares(self.settings, self.metrics, self.log)
        self.gathering = Gathering(self.settings.ingest_linger_ms / 1000)

    def require_tables(self) -> None:
        """Raises `NotReady`."""
        if not self.knows_tables():
            raise NotReady("The published packs and the keys are not read to their end yet.")

    def require_ready(self) -> None:
        """Raises `NotReady` with what is waited for."""
        waiting = {"packs and keys": self.knows_tables(), "the log": self.log.is_available}
        if missing := [name for name, is_there in waiting.items() if not is_there]:
            raise NotReady(f"The door waits for {' and '.join(missing)}.")
