"""`/operations`: what the operator and the office look at, whole without a script."""

import re
from datetime import timedelta

import httpx
import msgspec

from services.api.lag import GroupLag, Lag
from services.api.live import Health
from services.contracts.event_data import Place
from services.contracts.results import DeadLetter, Halt
from tests.support.api import FedApi
from tests.support.boards import NOON, BoardBuilder, Clock

EVENT = b'{"id":"r1","source":"//u","subject":"u001","data":{"note":"secret"}}'


def letter(n: int, reason: str = "unknown-unit", body: bytes = EVENT) -> DeadLetter:
    at = NOON - timedelta(seconds=100 - n)
    return DeadLetter(
        "campaign.events", Place(3, n, 0), "mau/main", reason, "no <unit>", "Mend it.", body, at
    )


def rows(html: str, name: str) -> list[str]:
    """The words of each table row that carries that attribute."""
    found = re.findall(rf"<tr data-{name}=.*?</tr>", html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


async def test_without_trouble_the_page_says_so(board: BoardBuilder, client: httpx.AsyncClient) -> None:
    text = (await client.get("/operations")).text
    assert "Mọi khối đang chạy" in text
    assert "Không khối nào đứng yên." in text
    assert "Không có thư chết nào." in text


async def test_a_page_of_before_says_since_when_nothing_new_comes(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.health = Health(live=True, caught_up=False, stale_since=NOON - timedelta(minutes=3))
    text = (await client.get("/operations")).text
    assert "11:57" in text
    assert "số dưới đây chưa đủ" in text


async def test_what_waits_to_be_stored_is_counted_and_said_to_be_no_trouble_of_the_boards(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    assert "data-unstored>–</dd>" in (await client.get("/operations")).text
    api.lag = Lag(NOON, [GroupLag("storage", "storage", 0, [])])
    text = (await client.get("/operations")).text
    assert "data-unstored>0</dd>" in text
    assert "đầy đĩa" not in text
    api.lag = Lag(NOON, [GroupLag("scoring", "scoring", 7, []), GroupLag("storage", "storage", 1_234, [])])
    text = (await client.get("/operations")).text
    assert "data-unstored>1.234</dd>" in text
    assert "đầy đĩa; bảng xếp hạng vẫn chạy" in text


async def test_letters_stand_by_reason_with_the_remedy_and_the_command_that_replays_them(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.feed(letter(1), letter(2), letter(3, "bad-event", b"{"), letter(4, "new-reason"))
    vietnamese = (await client.get("/operations")).text
    new, bad, unknown = rows(vietnamese, "reason")
    assert unknown.startswith("Đơn vị không có trong gói unknown-unit 2 ")
    assert unknown.endswith("thidua dead-letters replay --reason unknown-unit")
    assert "đơn vị đã sáp nhập thì đơn vị kế thừa báo cáo" in unknown
    assert "Sửa trường mà phần chi tiết nêu" in bad
    assert new.startswith("new-reason new-reason 1 ")
    assert "Mend it." in new
    assert "Mend it." in rows((await client.get("/operations?lang=en")).text, "reason")[2]
    assert "secret" not in vietnamese
    assert "no &lt;unit&gt;" in vietnamese


async def test_the_units_with_most_letters_of_a_day_stand_first(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    api.feed(letter(1), letter(2), letter(3, "bad-event", b"{"))
    text = (await client.get("/operations")).text
    assert re.findall(r"<td>u001</td><td class=\"num\"><b>(\d)</b>", text) == ["2"]
    assert re.findall(r"không đọc được</span></td><td class=\"num\"><b>(\d)</b>", text) == ["1"]
    clock.turn(hours=25)
    assert "Theo khối và đơn vị" not in (await client.get("/operations")).text


async def test_a_halted_block_stands_there_with_place_fault_and_remedy(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    halt = Halt("engine_crashed", Place(3, 101, 2), NOON, "ZeroDivisionError: by <zero>")
    api.feed(msgspec.structs.replace(board.ranking(), halted=True, halt=halt))
    text = (await client.get("/operations")).text
    assert "1 khối đứng yên" in text
    (row,) = rows(text, "halt")
    assert "khối 34 xã, phường mau/main 12:00 12:00 Bộ tính điểm hỏng ba lần" in row
    assert "ZeroDivisionError: by &lt;zero&gt;" in row
    assert "3:101:2" in row
    assert row.endswith("thidua halts release mau/main")


async def test_the_public_board_says_it_without_technical_words(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    halt = Halt("engine_crashed", Place(3, 101, 2), NOON - timedelta(days=1), "ZeroDivisionError")
    assert _strip((await client.get("/")).text) == ""
    api.feed(msgspec.structs.replace(board.ranking(), halted=True, halt=halt))
    text = (await client.get("/")).text
    assert "Bảng đứng yên từ 12:00 23/11." in _strip(text)
    assert "Thứ hạng đang hiện là của 12:00." in _strip(text)
    assert "ZeroDivisionError" not in text
    english = (await client.get("/?lang=en")).text
    assert "This board stands still since 12:00 23/11." in _strip(english)


def _strip(html: str) -> str:
    """The strip, where it is shown."""
    return "".join(re.findall(r'<p class="haltbar" id="halt">.*?</p>', html, re.DOTALL))
