"""The page at `/`, as the server draws it."""

import re
from datetime import timedelta

import httpx
import msgspec
import pytest

from services.api.live import Health
from services.contracts.flags import FlagHold, FlagKind, FlagState
from services.contracts.ids import UnitId
from services.contracts.results import Notice
from tests.support.api import FedApi
from tests.support.boards import NOON, BoardBuilder, build_pack


async def test_the_board_shows_the_block_that_heard_of_an_event_last(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    other = BoardBuilder(build_pack("khac", 8))
    api.publish(other)
    api.feed(other.ranking(NOON - timedelta(hours=1)))
    board.push("u001", 0.4)
    api.feed(board.ranking(NOON + timedelta(seconds=1)))
    assert "khối 34 xã, phường" in (await client.get("/")).text
    assert "khối 8 xã, phường" in (await client.get("/?block=khac/main")).text


async def test_no_script_or_style_stands_inside_the_page_but_data_and_the_grid(
    board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    answer = await client.get("/")
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", answer.text) == []
    assert " style=" not in answer.text
    assert not re.search(r"\son[a-z]+=", answer.text)
    (nonce,) = re.findall(r'<style nonce="([^"]+)"', answer.text)
    assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
    assert "http://" not in re.sub(r"http://www\.w3\.org\S*", "", answer.text)


async def test_names_are_escaped(api: FedApi, client: httpx.AsyncClient) -> None:
    board = BoardBuilder(build_pack("mau", 8, title="</script><script>alert(1)</script>"))
    api.publish(board)
    text = (await client.get("/")).text
    assert "<script>alert" not in text


async def test_simulated_figures_are_marked_and_published_ones_attributed(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    assert "số bịa để minh họa" in (await client.get("/?block=mau/main")).text
    api.publish(BoardBuilder(build_pack("that", 8, simulated=False)))
    assert "số bịa để minh họa" not in (await client.get("/?block=that/main")).text


async def test_a_block_that_is_not_there_lists_those_that_are(
    board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    answer = await client.get("/?block=mau/none")
    assert answer.status_code == 404
    assert '<a href="/?block=mau/main' in answer.text


async def test_without_any_campaign_the_page_says_what_to_do(client: httpx.AsyncClient) -> None:
    assert "thidua pack publish" in (await client.get("/")).text


async def test_while_the_topics_are_read_the_page_says_loading_not_empty(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    api.health = Health(live=True, caught_up=False)
    text = (await client.get("/")).text
    assert 'aria-busy="true"' in text
    assert "Đang đọc số liệu" in text


async def test_without_a_baseline_there_is_no_movement(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    board.push("u001", 0.4)
    api.feed(board.ranking(baseline=False))
    text = (await client.get("/")).text
    assert "không có mốc so sánh" in text
    assert re.findall(r'<span class="mv [^"]*">', text) == []


@pytest.mark.parametrize("query", ["lang=xx", "theme=pink", "rotate=1", "page=0"])
async def test_a_wrong_parameter_is_refused(
    board: BoardBuilder, client: httpx.AsyncClient, query: str
) -> None:
    assert (await client.get(f"/?{query}")).status_code == 400


@pytest.mark.parametrize(
    ("kind", "proposed", "confirmed"),
    [
        ("leader", "Đề xuất: dẫn đầu", "Đã xác nhận: dẫn đầu"),
        ("underperformer", "Đề xuất: cần đôn đốc", "Đã xác nhận: cần đôn đốc"),
        ("off_path", "Đề xuất: chậm tiến độ", "Đã xác nhận: chậm tiến độ"),
        ("silent", "Đề xuất: chậm báo cáo", "Đã xác nhận: chậm báo cáo"),
        ("sudden_change", "Đề xuất: biến động đột ngột", "Đã xác nhận: biến động đột ngột"),
        ("frozen", "Đề xuất: số liệu lặp lại", "Đã xác nhận: số liệu lặp lại"),
        ("review", "Đề xuất: số liệu cần rà soát", "Đã xác nhận: số liệu cần rà soát"),
    ],
)
async def test_a_proposal_is_hollow_a_confirmed_flag_solid_and_a_word_says_it_again(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, kind: FlagKind, proposed: str, confirmed: str
) -> None:
    api.feed(board.flag(kind, place=0))
    assert _signs((await client.get("/")).text) == [("g", proposed)] * 2
    api.feed(board.flag(kind, place=0, state="confirmed", cause=60))
    text = (await client.get("/")).text
    assert _signs(text) == [("g g--solid", confirmed)] * 2
    assert '<span id="key-solid">' in text


async def test_the_key_explains_solid_signs_only_when_there_is_one(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.feed(board.flag("leader", place=0))
    assert '<span id="key-solid" hidden>' in (await client.get("/")).text


@pytest.mark.parametrize("state", ["dismissed", "ended"])
async def test_a_flag_that_was_dismissed_or_has_ended_is_not_on_the_board(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, state: FlagState
) -> None:
    api.feed(board.flag("leader", place=0, state=state))
    text = (await client.get("/")).text
    assert _signs(text) == []
    assert "data-flag=" not in text


async def test_what_the_unit_answered_and_what_a_hold_mutes_is_said_in_a_word(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    hold = FlagHold("/mau/council", "h1", NOON, "inspection 12")
    muted = msgspec.structs.replace(board.flag("leader", place=0, state="confirmed"), hold=hold)
    api.feed(muted, board.flag("underperformer", place=-1, state="replied"))
    signs = set(_signs((await client.get("/")).text))
    assert signs == {("g", "Tạm dừng xét: đang thanh tra, xem xét"), ("g", "Đã giải trình: cần đôn đốc")}


async def test_the_english_board_says_who_decided_too(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.feed(board.flag("leader", place=0, state="confirmed"), board.flag("underperformer", place=-1))
    words = {word for _, word in _signs((await client.get("/?lang=en")).text)}
    assert words == {"Confirmed: leader", "Proposed: needs a push"}


async def test_the_newest_evaluations_notices_stand_on_the_panel_in_words_and_name_no_unit(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    frozen = Notice("frozen", "2026-09", None, [UnitId("u001"), UnitId("u002")], 34, 0.975, 0.95)
    jump = Notice("jump", "2026-09", "xh", [UnitId("u003")], 33, -8.2, 7.5)
    api.feed(msgspec.structs.replace(board.evaluation("2026-10"), notices=[frozen, jump]))
    text = (await client.get("/")).text
    assert "97% số liệu trùng tháng 9/2026, trùng hết ở 2 trên 34 đơn vị</p>" in text
    assert "Xã hội: 1 trên 33 đơn vị đổi quá 7,50 điểm so với tháng 9/2026</p>" in text
    assert _signs(text) == [("g", "Luồng số liệu")] * 2

    board.offset += 1
    api.feed(board.evaluation("2026-11"))
    assert "data-notice=" not in (await client.get("/")).text


def _signs(html: str) -> list[tuple[str, str]]:
    """(class of the glyph, word) of each flag that is shown: in the rows, then in the list."""
    drawn = html.partition("<template")[0]
    shown = re.findall(r'<span class="flag [^"]*"(?: data-tone="\w+")?>(.*?)</span>', drawn)
    return [(re.findall(r'<svg class="([^"]+)"', sign)[0], re.sub(r"<[^>]+>", "", sign)) for sign in shown]
