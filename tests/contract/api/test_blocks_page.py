"""The page at `/blocks`, from which every board and map can be reached."""

import re

import httpx

from services.api.live import Health
from tests.support.api import FedApi
from tests.support.boards import BoardBuilder, build_pack
from tests.support.maps import mapped_pack


async def test_every_block_leads_to_its_board_and_to_its_map_where_it_has_one(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    api.publish(BoardBuilder(mapped_pack("ban-do", 20, undrawn=1), unranked=2))
    api.publish(BoardBuilder(build_pack("mau", 8, simulated=False)))
    text = (await client.get("/blocks")).text
    assert re.findall(r'href="(/(?:map)?\?[^"]+)"', text) == [
        "/?block=ban-do/main",
        "/map?block=ban-do/main",
        "/?block=mau/main",
    ]
    assert "18 / 20" in text
    assert text.count("MÔ PHỎNG") == 1


async def test_a_block_without_a_ranking_is_listed_too(api: FedApi, client: httpx.AsyncClient) -> None:
    api.live.apply(api.topics.pack(build_pack("mau", 8)))
    text = (await client.get("/blocks?lang=en")).text
    assert "– / 8" in text
    assert "none yet" in text


async def test_the_way_from_a_board_keeps_the_language(api: FedApi, client: httpx.AsyncClient) -> None:
    api.publish(BoardBuilder(build_pack("mau", 8)))
    assert 'href="/blocks?lang=en"' in (await client.get("/?lang=en")).text
    assert 'href="/?block=mau/main&amp;lang=vi"' in (await client.get("/?lang=en")).text


async def test_without_a_campaign_the_page_says_what_to_do_or_that_it_is_reading(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    assert "thidua pack publish" in (await client.get("/blocks")).text
    api.health = Health(live=True, caught_up=False)
    assert "Đang đọc số liệu" in (await client.get("/blocks")).text
