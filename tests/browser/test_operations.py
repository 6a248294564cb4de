"""The operator's page in a real Chromium: it keeps itself up to date, on a wall without a mouse too."""

import msgspec
import pytest

from services.contracts.event_data import Place
from services.contracts.results import Halt
from tests.browser.board_page import WITHIN_S, BoardPage, chromium
from tests.support.api import FedApi, RunningServer
from tests.support.boards import NOON, BoardBuilder, build_pack

pytestmark = pytest.mark.browser


async def test_a_halt_and_its_end_come_to_the_open_page_by_themselves() -> None:
    api = FedApi()
    board = BoardBuilder(build_pack("mau", 8))
    api.publish(board)
    halt = Halt("engine_crashed", Place(3, 101, 0), NOON, "KeyError: 'x'")
    halted = msgspec.structs.replace(board.ranking(), halted=True, halt=halt)
    going_on = msgspec.structs.replace(board.ranking(), cause=Place(3, 102, 0))
    with RunningServer(api) as server:
        async with chromium() as browser:
            page = await BoardPage.on(browser)
            await page.page.goto(f"{server.url}/operations")
            assert await page.page.locator("h1").inner_text() == "Mọi khối đang chạy"
            api.feed(halted)
            row = page.page.locator(f'tr[data-halt="{board.block}"]')
            await row.wait_for(timeout=WITHIN_S * 1000)
            assert "thidua halts release mau/main" in await row.inner_text()
            assert await page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            api.feed(going_on)
            await row.wait_for(state="detached", timeout=WITHIN_S * 1000)
            assert await page.page.locator("h1").inner_text() == "Mọi khối đang chạy"
            assert page.complaints == []
