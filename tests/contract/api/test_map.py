"""The page at `/map`, as the server draws it."""

import re

import httpx

from tests.support.api import FedApi
from tests.support.boards import BoardBuilder, build_pack
from tests.support.maps import mapped_pack


async def test_each_area_bears_the_rank_of_its_unit_and_those_without_one_are_hatched(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    board = BoardBuilder(mapped_pack("ban-do", 20), unranked=2)
    api.publish(board)
    text = (await client.get("/map?block=ban-do/main")).text
    labels = dict(re.findall(r'<text class="l\S+?(?: small)?" data-unit="(\w+)"[^>]*>([^<]*)</text>', text))
    assert labels == {unit.unit: str(unit.rank or "–") for unit in board.units(baseline=False)}
    hatched = set(re.findall(r'<path class="qn" data-unit="(\w+)"', text))
    assert hatched == {unit.unit for unit in board.units(baseline=False) if unit.rank is None}


async def test_the_ends_of_the_table_name_no_unit_twice(api: FedApi, client: httpx.AsyncClient) -> None:
    for units in (1, 2, 5, 20):
        api.publish(BoardBuilder(mapped_pack(f"m{units}", units)))
        text = (await client.get(f"/map?block=m{units}/main")).text
        rows = re.findall(r'<tr role="row" data-unit="(\w+)"', text.split('<template id="row">')[0])
        assert len(rows) == len(set(rows)) == min(units, 11)


async def test_units_that_the_map_does_not_show_are_counted(api: FedApi, client: httpx.AsyncClient) -> None:
    api.publish(BoardBuilder(mapped_pack("ban-do", 20, undrawn=3)))
    assert "3 đơn vị không có trên bản đồ" in (await client.get("/map?block=ban-do/main")).text


async def test_a_block_without_a_map_is_not_found_and_its_board_does_not_lead_there(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    api.publish(BoardBuilder(build_pack("mau", 8)))
    answer = await client.get("/map?block=mau/main")
    assert answer.status_code == 404
    assert "map.geojson" in answer.text
    assert 'href="/map' not in (await client.get("/?block=mau/main")).text


async def test_board_and_map_lead_to_one_another_in_the_same_language(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    api.publish(BoardBuilder(mapped_pack("ban-do", 20)))
    board = (await client.get("/?block=ban-do/main&lang=en")).text
    assert '<a href="/map?block=ban-do/main&amp;lang=en">Map</a>' in board
    assert (
        '<a href="/?block=ban-do/main&amp;lang=en">'
        in (await client.get("/map?block=ban-do/main&lang=en")).text
    )


async def test_the_map_says_that_its_figures_are_invented(api: FedApi, client: httpx.AsyncClient) -> None:
    api.publish(BoardBuilder(mapped_pack("ban-do", 20)))
    text = (await client.get("/map?block=ban-do/main")).text
    assert "số bịa để minh họa" in text
    assert re.search(r'<text class="water"[^>]*>MÔ PHỎNG</text>', text)


async def test_no_script_or_style_stands_inside_the_page(api: FedApi, client: httpx.AsyncClient) -> None:
    api.publish(BoardBuilder(mapped_pack("ban-do", 20)))
    text = (await client.get("/map")).text
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", text) == []
    assert " style=" not in text
