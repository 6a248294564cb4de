"""The wall board in a real Chromium, over an api that the test feeds."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from services.contracts.event_data import Place
from services.contracts.flags import FlagState
from services.contracts.ids import UnitId
from services.contracts.results import Halt, Notice
from tests.browser.board_page import WITHIN_S, BoardPage, chromium
from tests.support.api import FedApi, RunningServer
from tests.support.boards import NOON, BoardBuilder, build_pack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as launched:
        yield launched


@pytest.fixture
def api() -> FedApi:
    return FedApi(api_freshness_interval_s=0.5)


def feed_board(
    api: FedApi, units: int, *, flags: bool = True, unranked: int = 0, missing: bool = False
) -> BoardBuilder:
    board = BoardBuilder(build_pack(f"mau{units}", units, flags=flags), unranked=unranked, missing=missing)
    api.publish(board)
    return board


async def test_a_row_moves_when_a_report_changes_the_ranking(api: FedApi, browser: Browser) -> None:
    board = feed_board(api, 34)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        last = (await page.order())[-1]

        board.push(last, 0.999)
        api.feed(board.ranking(datetime.now(UTC)))

        await page.wait_for_rank(last, 1)
        assert (await page.order())[0] == last
        assert await page.score(last) == "99,90"
        assert await page.is_marked(last)
        assert page.complaints == []


async def test_changes_within_a_second_are_shown_as_one_move_to_the_newest(
    api: FedApi, browser: Browser
) -> None:
    board = feed_board(api, 12)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        await page.page.evaluate(
            """() => { window.moves = 0;
              new MutationObserver(() => { window.moves += 1; }).observe(document.getElementById('rows'), { childList: true }); }"""
        )
        unit = (await page.order())[-1]
        rankings = []
        for score in (0.5, 0.6, 0.7, 0.8, 0.999):
            board.push(unit, score)
            rankings.append(board.ranking(datetime.now(UTC)))
        api.feed(*rankings)
        await page.wait_for_rank(unit, 1)
        assert await page.page.evaluate("window.moves") <= 2


async def test_every_name_leads_to_the_units_scorecard_also_after_rows_have_moved(
    api: FedApi, browser: Browser
) -> None:
    board = feed_board(api, 12)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        unit = (await page.order())[-1]
        board.push(unit, 0.999)
        api.feed(board.ranking(datetime.now(UTC)))
        await page.wait_for_rank(unit, 1)
        links = await page.page.evaluate(
            "() => [...document.querySelectorAll('#rows tr')].map(row => [row.dataset.unit, row.querySelector('a.nm').getAttribute('href')])"
        )
        campaign = board.block.partition("/")[0]
        assert links == [[one, f"/units/{campaign}/{one}?block={board.block}"] for one in await page.order()]


async def test_the_board_says_that_it_is_disconnected_and_catches_up_when_the_server_is_back(
    api: FedApi, browser: Browser
) -> None:
    board = feed_board(api, 12)
    server = RunningServer(api).start()
    page = await BoardPage.on(browser)
    await page.open(server.url, board.block)
    unit = (await page.order())[-1]

    await asyncio.to_thread(server.stop)
    await page.wait_for_feed("down")
    assert "Mất kết nối từ" in await page.feed_words()

    restarted = FedApi(api_freshness_interval_s=0.5)
    restarted.publish(board)
    board.push(unit, 0.999)
    restarted.feed(board.ranking(datetime.now(UTC)))
    with RunningServer(restarted, server.port):
        await page.wait_for_feed("live")
        await page.wait_for_rank(unit, 1)
    assert page.complaints == []


async def test_a_flag_appears_and_leaves(api: FedApi, browser: Browser) -> None:
    board = feed_board(api, 12)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        assert await page.flags() == []

        api.feed(board.flag("underperformer", place=-1))
        await page.wait_for_flags(1)
        (words,) = await page.flags()
        assert "cần đôn đốc" in words
        assert "MÔ PHỎNG" in words
        assert "4 trên 5 lần đánh giá gần nhất, từ tháng 7/2026" in words

        api.feed(board.flag("underperformer", place=-1, state="ended", cause=60))
        await page.wait_for_flags(0)


async def test_a_proposal_that_is_confirmed_is_redrawn_solid_and_leaves_when_it_ends(
    api: FedApi, browser: Browser
) -> None:
    board = feed_board(api, 12)
    proposed = board.flag("leader", place=0)
    api.feed(proposed)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        await page.wait_for_flag(proposed.unit, "Đề xuất: dẫn đầu")
        assert not await page.solid(proposed.unit)
        await expect(page.page.locator("#key-solid")).to_be_hidden()

        api.feed(msgspec.structs.replace(proposed, state="confirmed", cause=Place(3, 60, 0)))
        await page.wait_for_flag(proposed.unit, "Đã xác nhận: dẫn đầu")
        assert await page.solid(proposed.unit)
        (words,) = await page.flags()
        assert words.startswith("Đã xác nhận: dẫn đầu")
        await expect(page.page.locator("#flags > li .g--solid")).to_have_count(1)
        await expect(page.page.locator("#key-solid")).to_be_visible()
        assert await page.clipped() == []

        api.feed(msgspec.structs.replace(proposed, state="ended", cause=Place(3, 70, 0)))
        await page.wait_for_flag(proposed.unit, "")
        assert await page.flags() == []
        await expect(page.page.locator("#key-solid")).to_be_hidden()
        assert page.complaints == []


async def test_what_a_person_confirmed_stands_before_proposals_of_the_same_time(
    api: FedApi, browser: Browser
) -> None:
    board = feed_board(api, 12)
    api.feed(*(board.flag("leader", place=place) for place in (0, 1, 2)))
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        confirmed = board.flag("leader", place=1, state="confirmed", cause=60)
        api.feed(confirmed)
        await page.wait_for_flag(confirmed.unit, "Đã xác nhận: dẫn đầu")
        live = await page.flags()
        assert board.names[confirmed.unit] in live[0]
        await page.page.reload()
        assert await page.flags() == live


@pytest.mark.parametrize("units", [34, 69])
async def test_notices_and_the_count_of_flags_left_out_fit_beside_each_other(
    api: FedApi, browser: Browser, units: int
) -> None:
    board = feed_board(api, units)
    api.feed(*(board.flag("leader", place=place) for place in range(7)))
    frozen = Notice("frozen", "2026-09", None, [UnitId("u001")] * 33, units, 0.97, 0.95)
    jump = Notice("jump", "2026-09", "cc", [UnitId("u001")] * 11, units, -8.0, 7.25)
    api.feed(msgspec.structs.replace(board.evaluation("2026-10"), notices=[frozen, jump]))
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        for lang in ("vi", "en"):
            await page.open(server.url, board.block, lang=lang)
            assert len(await page.flags()) == (5 if units == 34 else 3)
            assert await page.clipped() == []


@pytest.mark.parametrize("flags", [True, False])
async def test_a_frozen_feed_is_told_live_as_the_server_draws_it(
    api: FedApi, browser: Browser, flags: bool
) -> None:
    board = feed_board(api, 12, flags=flags)
    frozen = Notice("frozen", "2026-09", None, [UnitId("u001")], 12, 0.97, 0.95)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        api.feed(msgspec.structs.replace(board.evaluation("2026-10"), notices=[frozen]))
        await page.wait_for_flags(1)
        (words,) = await page.flags()
        assert (
            words == "Luồng số liệu Số liệu đứng MÔ PHỎNG "
            "97% số liệu trùng tháng 9/2026, trùng hết ở 1 trên 12 đơn vị"
        )
        assert await page.clipped() == []
        await page.page.reload()
        assert await page.flags() == [words]
        assert page.complaints == []


async def test_the_feed_is_called_slow_when_nothing_comes(browser: Browser) -> None:
    api = FedApi(api_freshness_interval_s=0.5, api_stale_after_s=8)
    board = feed_board(api, 8)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        await page.wait_for_feed("slow")
        assert "Chưa có sự kiện mới" in await page.feed_words()
        api.feed(board.ranking(datetime.now(UTC)))
        await page.wait_for_feed("live")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("units", [8, 34, 69, 195])
async def test_everything_fits_on_a_wall(api: FedApi, browser: Browser, units: int, theme: str) -> None:
    board = feed_board(api, units, unranked=2, missing=True)
    for place in (0, 1, 2, -1, -2, -3, -4):
        state: FlagState = "confirmed" if place in (0, -1) else "proposed"
        api.feed(board.flag("leader" if place >= 0 else "underperformer", place=place, state=state))
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block, theme=theme)
        assert await page.clipped() == []
        assert len(await page.visible_units()) == (units if units < 195 else 49)
        assert page.complaints == []


async def test_screens_of_a_large_block_take_turns_and_show_every_unit(api: FedApi, browser: Browser) -> None:
    board = feed_board(api, 195, flags=False)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.page.clock.install()
        await page.open(server.url, board.block)
        seen: list[str] = []
        for _ in range(4):
            seen += await page.visible_units()
            await page.page.clock.run_for(20_000)
        assert seen == await page.order()


async def test_a_rotation_goes_on_to_the_next_block(api: FedApi, browser: Browser) -> None:
    first, second = feed_board(api, 8), feed_board(api, 12)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, first.block, rotate=5)
        await page.page.wait_for_url(f"**block={quote(second.block, safe='')}*", timeout=WITHIN_S * 1000)
        await expect(page.page.locator("#rows > tr")).to_have_count(12)
        assert "rotate=5" in page.page.url


async def test_a_halted_block_says_so(api: FedApi, browser: Browser) -> None:
    board = feed_board(api, 8)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        board.push("u001", 0.5)
        ranking = board.ranking(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
        halt = Halt("engine_crashed", ranking.cause, datetime(2026, 1, 2, 3, 5, tzinfo=UTC), "KeyError: 'x'")
        strip = page.page.locator("#halt")
        assert not await strip.is_visible()
        api.feed(msgspec.structs.replace(ranking, halted=True, halt=halt))
        await page.wait_for_feed("halted")
        assert "Khối tạm dừng" in await page.feed_words()
        assert (await strip.inner_text()).startswith("Bảng đứng yên từ 03:05 02/01.")
        assert "Thứ hạng đang hiện là của 03:04 02/01." in await strip.inner_text()
        assert "KeyError" not in await page.page.content()
        api.feed(ranking)  # a mended engine goes on from the same place
        await strip.wait_for(state="hidden", timeout=WITHIN_S * 1000)
        assert page.complaints == []


@pytest.mark.parametrize("units", [8, 34, 45, 69])
async def test_the_strip_of_a_halted_block_leaves_room_for_everything_else(
    api: FedApi, browser: Browser, units: int
) -> None:
    board = feed_board(api, units)
    halt = Halt("engine_crashed", Place(3, 101, 0), NOON, "KeyError: 'x'")
    api.feed(msgspec.structs.replace(board.ranking(), halted=True, halt=halt))
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        assert await page.page.locator("#halt").is_visible()
        assert await page.clipped() == []


async def test_the_first_picture_is_whole_without_a_script(api: FedApi, browser: Browser) -> None:
    board = feed_board(api, 34, missing=True)
    api.feed(board.flag("leader", place=0))
    with RunningServer(api) as server:
        page = await BoardPage.on(browser, java_script_enabled=False)
        await page.page.goto(f"{server.url}/?block={board.block}")
        assert len(await page.page.locator("#rows > tr").all()) == 34
        assert len(await page.flags()) == 1
        assert await page.page.locator("#rows > tr").first.locator(".rk").inner_text() == "1"


async def test_the_script_draws_what_the_server_drew(api: FedApi, browser: Browser) -> None:
    board = feed_board(api, 34, unranked=1, missing=True)
    api.feed(board.flag("leader", place=0), board.flag("leader", place=1, state="confirmed"))
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block)
        drawn = await page.page.locator("#rows").inner_html()
        api.feed(board.ranking(datetime.now(UTC), period="2026-12"))
        await page.page.wait_for_function(
            "() => document.getElementById('period').textContent.startsWith('tháng 12/2026')"
        )
        assert _bare(await page.page.locator("#rows").inner_html()) == _bare(drawn)


async def test_a_viewer_who_asked_for_less_motion_sees_rows_jump(api: FedApi, browser: Browser) -> None:
    board = feed_board(api, 12)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser, reduced_motion="reduce")
        await page.open(server.url, board.block)
        last = (await page.order())[-1]
        await page.page.evaluate(
            "() => { Element.prototype.animate = () => { throw new Error('it moved'); }; }"
        )
        board.push(last, 0.999)
        api.feed(board.ranking(datetime.now(UTC)))
        await page.wait_for_rank(last, 1)
        assert await page.is_marked(last)
        assert page.complaints == []


async def test_an_empty_block_says_why_and_shows_the_board_when_the_first_report_comes(
    api: FedApi, browser: Browser
) -> None:
    board = BoardBuilder(build_pack("mau12", 12))
    api.live.apply(api.topics.pack(board.pack))
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.page.goto(f"{server.url}/?block={board.block}")
        assert "Chưa có bảng xếp hạng" in await page.page.locator("main").inner_text()
        api.feed(board.ranking(datetime.now(UTC)))
        await page.page.wait_for_selector("#rows > tr", timeout=WITHIN_S * 1000)
        assert page.complaints == []


async def test_the_english_board_is_english(api: FedApi, browser: Browser) -> None:
    board = feed_board(api, 8)
    with RunningServer(api) as server:
        page = await BoardPage.on(browser)
        await page.open(server.url, board.block, lang="en")
        assert await page.page.get_attribute("html", "lang") == "en"
        assert "Campaign 2026: block of 8 communes" in await page.page.locator("h1").inner_text()
        assert "." in await page.score((await page.order())[0])


def _bare(html: str) -> str:
    """Without what only says that something moved, and with numbers and spaces in one form."""
    html = re.sub(r' data-(?:changed|moving)=""', "", html)
    html = re.sub(r"(\d)\.0(?=[\" ])", r"\1", html)
    return re.sub(r"\s+", " ", html).replace("> <", "><")
