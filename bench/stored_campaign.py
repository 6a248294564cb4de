"""A province's campaign in the store, as storage would have written it: for measuring and testing what reads it.

Results go through storage's own decoding; events are made by the engine, a million in seconds. All of it is invented, and says so.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.stored_log import live_inserts, log_inserts
from bench.stored_results import store_results
from bench.stored_shape import BLOCKS, CAMPAIGN
from services.storage.migration import migrate, shipped_migrations
from services.storage.store import ClickHouseStore


@dataclass(frozen=True, slots=True)
class StoredCampaign:
    """What was stored: `now` is the instant of the newest event."""

    now: datetime
    events: int
    block: str = f"{CAMPAIGN}/{BLOCKS[0]}"
    unit: str = f"{BLOCKS[0]}-u1"
    period: str = "2025-12"


def fill(client: Any, events: int) -> StoredCampaign:
    """Migrate the client's database and store the campaign with so many events in its log. The database must exist and be empty."""
    migrate(client, shipped_migrations())
    now = datetime.now(UTC).replace(microsecond=0)
    store_results(ClickHouseStore(client), now)
    for statement in (*log_inserts(events, now), *live_inserts(now)):
        client.command(statement)
    return StoredCampaign(now, events)
