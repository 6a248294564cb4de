"""From a report pushed over HTTP to a row that moves on a board in a real Chromium, through every real part."""

from datetime import UTC, datetime

import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.door import DoorClient
from services.cli.publishing import publish_packs
from services.contracts.event_data import ReportData
from services.contracts.events import Report
from services.contracts.ids import CampaignId
from services.contracts.principals import PRINCIPAL_SCHEMA, Principal, encode_principal, issue_key
from services.contracts.topics import PRINCIPALS
from tests.browser.board_page import BoardPage, chromium
from tests.support.packs import small_pack

pytestmark = [pytest.mark.system, pytest.mark.browser]

CAMPAIGN = CampaignId("live")
PERIOD = f"{datetime.now(UTC):%Y-%m}"


@pytest.fixture
def door(services: Stack) -> DoorClient:
    """A department's client of a campaign of its own, published and keyed."""
    broker, key = KafkaBroker([services.urls["kafka"]]), issue_key()
    publish_packs(broker, [small_pack(CAMPAIGN, units=8)])
    principal = Principal(
        id=key.id,
        name="Sở thử",
        campaign=CAMPAIGN,
        role="department",
        origin="department",
        source_prefix="/live/department",
        key_hash=key.key_hash,
        issued=datetime.now(UTC),
    )
    broker.append(PRINCIPALS, [Outgoing(key.id, encode_principal(principal), PRINCIPAL_SCHEMA)])
    return DoorClient(services.urls["ingest"], key.key)


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
