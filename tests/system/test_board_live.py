"""From a report pushed over HTTP to a row that moves on a board in a real Chromium, through every real part, and how long that took."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker
from services.cli.door import DoorClient
from services.cli.publishing import publish_packs
from services.contracts import stored
from services.contracts.clickhouse import ClickHouseSettings, connect
from services.contracts.event_data import ReportData
from services.contracts.events import Report
from services.contracts.ids import CampaignId
from services.contracts.steps import STEPS
from services.contracts.stored import StoreReader
from services.contracts.stored_rows import StoredWay
from services.contracts.topics import EVENTS
from tests.browser.board_page import BoardPage, chromium
from tests.support import asking
from tests.support.keys import new_key, wait_known
from tests.support.packs import small_pack

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(600)]

CAMPAIGN = CampaignId("live")
DEADLINE_S = 180.0
PERIOD = f"{datetime.now(ZoneInfo('Asia/Ho_Chi_Minh')):%Y-%m}"
"""The month that the live ranking is of: at the end of one it is the next in Vietnam while it is not by UTC."""


@pytest.fixture
def door(services: Stack) -> DoorClient:
    """A department's client of a campaign of its own, published and keyed."""
    broker, url = KafkaBroker([services.urls["kafka"]]), services.urls["ingest"]
    publish_packs(broker, [small_pack(CAMPAIGN, units=8)])
    return DoorClient(url, wait_known(url, new_key(broker, CAMPAIGN, "department")))


def report(unit: str, value: float, revision: int = 0) -> Report:
    return Report(
        specversion="1.0",
        id=f"{unit}-{revision}",
        source="/live/department/test",
        subject=unit,
        time=datetime.now(UTC),
        data=ReportData(indicator="x", period=PERIOD, value=value, revision=revision),
    )


async def test_a_pushed_report_moves_its_row_on_the_board(services: Stack, door: DoorClient):
    units = [f"a-u{number}" for number in range(1, 9)]
    _push(door, [report(unit, 90.0 - 10 * place) for place, unit in enumerate(units)])
    wait_for("a ranking", lambda: _get(services, "/v1/blocks/live/a/ranking").status_code == 200)
    async with chromium() as browser:
        page = await BoardPage.on(browser)
        await page.open(services.urls["api"], "live/a")
        await page.wait_for_rank("a-u8", 8)
        assert await page.order() == units

        _push(door, [report("a-u8", 95.0, revision=1)])

        await page.wait_for_rank("a-u8", 1)
        assert await page.order() == ["a-u8", *units[:-1]]
        assert await page.score("a-u8") == "95,00"
        assert page.complaints == []


def _push(door: DoorClient, reports: list[Report]) -> None:
    assert [result.status for result in door.push(reports)] == ["accepted"] * len(reports)


def test_each_step_of_the_events_way_has_its_times_and_they_are_in_order(
    services: Stack, door: DoorClient
) -> None:
    """At the api, and in the store: at the door, in the log, applied, ranked, on the board, stored."""
    _push(door, [report("a-u1", 40.0, revision=7)])
    reader = StoreReader(connect(ClickHouseSettings(clickhouse_url=services.urls["clickhouse"])))

    def window() -> dict[str, Any]:
        blocks = _get(services, "/v1/freshness").json()["blocks"]
        return next(
            (one["last_5_minutes"] for one in blocks if one["block"] == "live/a"), {"steps": {"": None}}
        )

    def has_every_step() -> bool:
        steps = window()["steps"]
        return set(steps) == set(STEPS) and all(steps.values())

    wait_for("percentiles of every step", has_every_step)
    for times in window()["steps"].values():
        assert 0 < times["p50_ms"] <= times["p95_ms"] <= times["p99_ms"]

    offset = _newest_offset(services)
    wait_for("the sighting in the store", lambda: any(way.board for way in _way(reader, offset)))
    (way,) = _way(reader, offset)
    assert way.door <= way.logged <= way.applied <= way.ranked <= way.board  # type: ignore[operator]
    assert way.stored >= way.logged
    wait_for(
        "percentiles of every step in the store",
        lambda: {row.step for row in reader.rows(stored.STEPS, scope="live/a", seconds=600)} == set(STEPS),
    )


def wait_for(what: str, done: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not done():
        assert time.monotonic() < deadline_s, f"not within {DEADLINE_S:g} s: {what}"
        time.sleep(0.1)


def _get(services: Stack, address: str) -> httpx.Response:
    return asking.get(services.urls["api"] + address, timeout=30)


def _newest_offset(services: Stack) -> int:
    records = KafkaBroker([services.urls["kafka"]]).read(EVENTS)
    return max(
        record.offset for record in records if record.key == "live/a" and b"a-u1-7" in (record.value or b"")
    )


def _way(reader: StoreReader, offset: int) -> list[StoredWay]:
    return reader.rows(stored.WAY, block="live/a", offset=offset)
