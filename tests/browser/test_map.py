"""The map in a real Chromium, over an api that the test feeds."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from services.contracts.ids import UnitId
from tests.browser.board_page import WALL, WITHIN_S, chromium
from tests.support.api import FedApi, RunningServer
from tests.support.boards import BoardBuilder
from tests.support.maps import mapped_pack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

_AS_DRAWN = """() => ({
    areas: [...document.querySelectorAll('.land path')].map(a => [a.dataset.unit, a.getAttribute('class')]),
    labels: [...document.querySelectorAll('.map text[data-unit]')].map(l => [l.dataset.unit, l.getAttribute('class'), l.textContent]),
    marks: [...document.querySelectorAll('.mk')].map(m => [m.dataset.unit, m.hasAttribute('hidden')]),
    rows: [...document.querySelectorAll('.rank--end tbody tr')].map(r => r.innerText.replace(/\\s+/g, ' ')),
    bars: [...document.querySelectorAll('.hist [data-level]')].map(b => [b.dataset.level, b.hasAttribute('hidden'), b.textContent,
        ...['y', 'height'].map(name => Number(b.querySelector('rect').getAttribute(name)))]),
    period: document.getElementById('period').textContent,
})"""

_SPILLS = """() => [...document.querySelectorAll('.rank--end tr, .news li, .news .more, .key > *, h1')]
  .filter(e => !e.hidden && e.getClientRects().length)
  .filter(e => { const b = e.getBoundingClientRect(); return b.bottom > innerHeight + 1 || b.right > innerWidth + 1; })
  .map(e => e.className + ': ' + e.textContent.trim().slice(0, 50))"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as launched:
        yield launched


@pytest.fixture
def api() -> FedApi:
    return FedApi(api_freshness_interval_s=0.5)


@pytest.fixture
def board(api: FedApi) -> BoardBuilder:
    builder = BoardBuilder(mapped_pack("ban-do", 40), unranked=2)
    api.publish(builder)
    return builder


async def opened(browser: Browser, address: str) -> Page:
    page = await browser.new_page(viewport=WALL)
    await page.goto(address)
    await page.wait_for_function(
        "() => document.documentElement.dataset.link === 'up'", timeout=WITHIN_S * 1000
    )
    return page


async def test_an_area_takes_its_new_rank_and_the_script_draws_what_the_server_would(
    api: FedApi, board: BoardBuilder, browser: Browser
) -> None:
    address = f"/map?block={board.block}"
    with RunningServer(api) as server:
        page = await opened(browser, server.url + address)
        last = [unit.unit for unit in board.units(baseline=False) if unit.rank is not None][-1]
        board.push(last, 0.55)
        api.feed(board.ranking(datetime.now(UTC), baseline=False))
        rank = next(unit.rank for unit in board.units(baseline=False) if unit.unit == last)
        await expect(page.locator(f'.map text[data-unit="{last}"]')).to_have_text(str(rank))
        anew = await browser.new_page(viewport=WALL, java_script_enabled=False)
        await anew.goto(server.url + address)
        # Classes keep their cuts while the page stands: a page that is loaded anew may have others.
        by_script, by_server = await page.evaluate(_AS_DRAWN), await anew.evaluate(_AS_DRAWN)
        assert by_script["rows"] == by_server["rows"]
        assert by_script["period"] == by_server["period"]
        assert [label[::2] for label in by_script["labels"]] == [label[::2] for label in by_server["labels"]]


async def test_the_script_changes_nothing_of_what_the_server_drew_when_the_ranking_comes_again(
    api: FedApi, board: BoardBuilder, browser: Browser
) -> None:
    api.feed(board.flag("leader", place=0), board.flag("underperformer", place=-1, state="confirmed"))
    with RunningServer(api) as server:
        page = await opened(browser, f"{server.url}/map?block={board.block}")
        drawn = await page.evaluate(_AS_DRAWN)
        await page.evaluate(
            "() => document.querySelectorAll('.map text[data-unit]').forEach(l => l.textContent = '')"
        )
        board.offset += 1
        api.feed(board.ranking(datetime.now(UTC)))
        await expect(page.locator(".map text[data-unit]").first).not_to_be_empty()
        assert await page.evaluate(_AS_DRAWN) == drawn


async def test_a_flag_marks_its_area_and_leaves_it(
    api: FedApi, board: BoardBuilder, browser: Browser
) -> None:
    with RunningServer(api) as server:
        page = await opened(browser, f"{server.url}/map?block={board.block}")
        flag = board.flag("leader", place=0)
        mark = page.locator(f'.mk[data-unit="{UnitId(flag.unit)}"]')
        assert await mark.get_attribute("hidden") is not None
        api.feed(flag)
        await expect(mark).not_to_have_attribute("hidden", "")
        api.feed(board.flag("leader", place=0, state="ended", cause=51))
        await expect(mark).to_have_attribute("hidden", "")


async def test_everything_fits_on_a_wall(api: FedApi, board: BoardBuilder, browser: Browser) -> None:
    for place in (0, 1, 2):
        api.feed(board.flag("leader", place=place))
    with RunningServer(api) as server:
        page = await opened(browser, f"{server.url}/map?block={board.block}&rotate=20")
        assert await page.evaluate(_SPILLS) == []


async def test_a_rotation_goes_from_the_board_to_the_map_of_the_block(
    api: FedApi, board: BoardBuilder, browser: Browser
) -> None:
    with RunningServer(api) as server:
        page = await opened(browser, f"{server.url}/?block={board.block}&rotate=5")
        await page.wait_for_url("**/map?**", timeout=WITHIN_S * 1000)
        assert "rotate=5" in page.url
