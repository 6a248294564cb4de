"""A door without Kafka: the real application over the log in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import msgspec
import pytest

from services.contracts.events import AnyEvent, decode_record
from services.contracts.validation import EventValidator
from services.ingest.app import create_app
from services.ingest.door import Door
from services.ingest.intake import Intake
from services.ingest.memory_log import InMemoryEventLog
from services.ingest.recent import RecentEvents
from services.ingest.settings import IngestSettings
from services.ingest.tables import Tables
from tests.door_samples import DEPARTMENT_KEY, NOW, UNIT_KEY, principal, small_pack

BATCH = "application/cloudevents-batch+json"
STRUCTURED = "application/cloudevents+json"


@dataclass
class TestDoor:
    """The door, its client, and what has reached the log."""

    __test__ = False

    door: Door
    tables: Tables
    log: InMemoryEventLog
    http: httpx.AsyncClient
    are_tables_known: bool = True
    keys: dict[str, str] = field(default_factory=lambda: {"unit": UNIT_KEY, "department": DEPARTMENT_KEY})

    async def push(
        self, content: object, content_type: str | None = STRUCTURED, key: str = UNIT_KEY, **headers: str
    ) -> httpx.Response:
        """`content` as it is when it is bytes, else as JSON."""
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"authorization": f"Bearer {key}"} | named
        if content_type is not None:
            given["content-type"] = content_type
        return await self.http.post("/v1/events", content=body, headers=given)

    def logged(self) -> list[AnyEvent]:
        return [event for record in self.log.records for event in decode_record(record.value)]


@pytest.fixture
def settings() -> IngestSettings:
    return IngestSettings(
        ingest_max_batch_events=10_000,
        ingest_max_batch_bytes=8 * 1024 * 1024,
        ingest_body_timeout_s=5,
        ingest_key_wait_s=0.05,
    )


@pytest.fixture
async def door(settings: IngestSettings) -> AsyncIterator[TestDoor]:
    tables, log = Tables(), InMemoryEventLog()
    tables.packs.put(small_pack().body)
    for role in ("unit", "department", "office"):
        tables.principals.put(principal(role))
    intake = Intake(EventValidator(tables.packs), log, RecentEvents(1_000))
    door = Door(settings, tables.principals, intake, log, lambda: True, lambda: NOW)
    transport = httpx.ASGITransport(create_app(door), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
        tested = TestDoor(door, tables, log, http)
        door.knows_tables = lambda: tested.are_tables_known
        yield tested
