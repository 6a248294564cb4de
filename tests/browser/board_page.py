"""The wall board as a test sees it: a page object over a real Chromium."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlencode

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WITHIN_S: Final = 60.0
"""What is waited for comes within a second as a rule: for machines that do much else."""

WALL: Final = {"width": 1920, "height": 1080}

_CLIPPED: Final = """() => [...document.querySelectorAll(
    '.haltbar:not([hidden]), ' +
    'tbody tr:not([hidden]), thead tr, h1, .vitals, .clock, .key > span:not([hidden]), .news, #flags > li, #flags [data-notice] .nm')]
  .filter(e => {
    const box = e.getBoundingClientRect();
    const spills = e.matches('tbody tr') && [...e.querySelectorAll('td, th')].some(c => c.getBoundingClientRect().bottom > box.bottom + 1);
    const cut = e.matches('.news') && [...e.children].some(c => c.getBoundingClientRect().bottom > box.bottom + 1);
    return cut || box.bottom > innerHeight + 1 || box.right > innerWidth + 1 || box.left < -1 || e.scrollWidth > e.clientWidth + 1 || spills;
  })
  .map(e => `${e.tagName}.${e.className}: ${e.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60)}`)"""


expect.set_options(timeout=WITHIN_S * 1000)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The Debian Chromium, headless."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, timeout=3 * WITHIN_S * 1000
        )
        try:
            yield browser
        finally:
            await browser.close()


class BoardPage:
    """One open board. `complaints` are errors of the console and of the page, save those of a connection that a test breaks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(WITHIN_S * 1000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._hear(message.type, message.text))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "ERR_CONNECTION" not in text and "ERR_INCOMPLETE" not in text:
            self.complaints.append(text)

    @staticmethod
    async def on(browser: Browser, **context: object) -> "BoardPage":
        """A fresh page of the size of a wall; `context` as `Browser.new_page` takes it."""
        return BoardPage(await browser.new_page(**{"viewport": WALL, **context}))  # type: ignore[arg-type]

    async def open(self, url: str, block: str | None = None, **query: str | int) -> None:
        """Opens the board of a block at the api's address and waits until it follows the stream."""
        asked = urlencode({**({"block": block} if block else {}), **query})
        await self.page.goto(f"{url}/?{asked}")
        await self.page.wait_for_function(
            "() => document.documentElement.dataset.link === 'up'", timeout=WITHIN_S * 1000
        )

    async def order(self) -> list[str]:
        """Unit ids as they stand on the board, all screens."""
        return await self.page.eval_on_selector_all("#rows > tr", "rows => rows.map(row => row.dataset.unit)")  # type: ignore[no-any-return]

    async def ranks(self) -> dict[str, str]:
        """What stands in the rank column of each unit: a number, or a dash for one that is not ranked."""
        return dict(
            await self.page.eval_on_selector_all(
                "#rows > tr",
                "rows => rows.map(row => [row.dataset.unit, row.querySelector('.rk').textContent])",
            )
        )

    async def score(self, unit: str) -> str:
        return await self._row(unit).locator(".sc").inner_text()

    def _row(self, unit: str) -> Locator:
        return self.page.locator(f'#rows > tr[data-unit="{unit}"]')

    async def wait_for_rank(self, unit: str, rank: int, timeout_s: float = WITHIN_S) -> None:
        await self.page.wait_for_function(
            '([unit, rank]) => document.querySelector(`#rows > tr[data-unit="${unit}"] .rk`)?.textContent === rank',
            arg=[unit, str(rank)],
            timeout=timeout_s * 1000,
        )

    async def is_marked(self, unit: str) -> bool:
        """Whether the row bears the mark of a change."""
        return await self._row(unit).get_attribute("data-changed") is not None

    async def feed(self) -> str:
        """`live`, `slow`, `halted`, `waiting` or `down`."""
        return await self.page.locator("#feed").get_attribute("data-state") or ""

    async def wait_for_feed(self, state: str, timeout_s: float = WITHIN_S) -> None:
        await self.page.wait_for_function(
            "state => document.getElementById('feed').dataset.state === state",
            arg=state,
            timeout=timeout_s * 1000,
        )

    async def feed_words(self) -> str:
        return await self.page.locator("#feed dd").inner_text()

    async def flags(self) -> list[str]:
        """The words of each flag in the list."""
        items = await self.page.locator("#flags > li").all_inner_texts()
        return [" ".join(item.split()) for item in items]

    async def wait_for_flags(self, count: int, timeout_s: float = WITHIN_S) -> None:
        await self.page.wait_for_function(
            "count => document.querySelectorAll('#flags > li').length === count",
            arg=count,
            timeout=timeout_s * 1000,
        )

    async def wait_for_flag(self, unit: str, words: str, timeout_s: float = WITHIN_S) -> None:
        """Waits until the unit's row bears exactly that flag; no words: none."""
        await self.page.wait_for_function(
            """([unit, words]) => [...document.querySelectorAll(`#rows > tr[data-unit="${unit}"] .marks .flag:not([hidden])`)]
                 .map(sign => sign.textContent).join() === words""",
            arg=[unit, words],
            timeout=timeout_s * 1000,
        )

    async def solid(self, unit: str) -> bool:
        """Whether the sign in the unit's row is filled."""
        return await self._row(unit).locator(".marks .flag:not([hidden]) .g--solid").count() == 1

    async def visible_units(self) -> list[str]:
        """Unit ids on the present screen."""
        return await self.page.eval_on_selector_all(  # type: ignore[no-any-return]
            "#rows > tr:not([hidden])", "rows => rows.map(row => row.dataset.unit)"
        )

    async def clipped(self) -> list[str]:
        """What does not fit: rows, heads, masthead, key or flags that leave the screen or their own box."""
        return await self.page.evaluate(_CLIPPED)  # type: ignore[no-any-return]
