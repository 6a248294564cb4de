"""`/v1/blocks`."""

from datetime import timedelta

import httpx
import msgspec
import pytest

from services.contracts.flags import FlagState
from services.contracts.problems import PROBLEM_MEDIA_TYPE
from services.contracts.results import Correction, Notice, PendingCorrection
from tests.support.api import FedApi
from tests.support.boards import NOON, UNKNOWN_PACK, BoardBuilder, Clock, build_pack


async def test_the_list_names_every_block_and_says_how_fresh_it_is(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    api.live.apply(api.topics.pack(build_pack("khac", 8, simulated=False)))
    api.feed(board.flag("leader", place=0))
    clock.turn(seconds=7)
    blocks = {block["block"]: block for block in (await client.get("/v1/blocks")).json()}
    ranked, silent = blocks["mau/main"], blocks["khac/main"]
    assert ranked["title"] == {"vi": "khối 34 xã, phường", "en": "block of 34 communes"}
    assert (ranked["units"], ranked["ranked"], ranked["flags"], ranked["seconds"]) == (34, 33, 1, 7)
    assert ranked["simulated"] is True
    assert (silent["units"], silent["ranked"], silent["period"], silent["simulated"]) == (
        8,
        None,
        None,
        False,
    )


async def test_the_list_counts_open_flags(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    states: tuple[FlagState, ...] = ("proposed", "confirmed", "dismissed", "ended")
    api.feed(*(board.flag("leader", place=place, state=state) for place, state in enumerate(states)))
    (block,) = (await client.get("/v1/blocks")).json()
    assert block["flags"] == 2


async def test_a_live_ranking_carries_names_groups_and_the_evidence(
    board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    ranking = (await client.get("/v1/blocks/mau/main/ranking")).json()
    assert ranking["official"] is None
    assert (ranking["ranked"], ranking["scale"], ranking["decimals"]) == (33, 100, 2)
    assert [group["short"]["vi"] for group in ranking["groups"]] == ["KT", "XH", "NT", "CC", "MT"]
    assert [group["points"] for group in ranking["groups"]] == [30, 25, 20, 15, 10]
    first = ranking["units"][0]
    assert first["rank"] == 1
    assert first["name"] == board.names[first["unit"]]
    assert first["criteria"][0]["title"] == {"vi": "Chỉ tiêu kinh tế", "en": "Economy indicator"}
    assert (first["criteria"][0]["source"], first["criteria"][0]["id"]) == ("//u", "r0")


async def test_a_unit_without_enough_coverage_stands_last_without_rank_or_score(
    board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    last = (await client.get("/v1/blocks/mau/main/ranking")).json()["units"][-1]
    assert (last["rank"], last["score"], last["interval"]) == (None, None, None)
    assert last["coverage"] < 0.6


async def test_missing_groups_say_why_they_are_missing(
    board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    units = (await client.get("/v1/blocks/mau/main/ranking")).json()["units"]
    told = {unit["unit"]: unit["states"][1] for unit in units if "states" in unit}
    assert told == {unit: state for unit, state in board.missing.items() if state != "zero"}


async def test_an_etag_spares_the_body_until_the_ranking_changes(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    first = await client.get("/v1/blocks/mau/main/ranking")
    tag = first.headers["etag"]
    again = await client.get("/v1/blocks/mau/main/ranking", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    board.push("u001", 0.99)
    api.feed(board.ranking())
    changed = await client.get("/v1/blocks/mau/main/ranking", headers={"If-None-Match": tag})
    assert changed.status_code == 200


async def test_an_official_ranking_is_found_by_its_id_and_by_its_period(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    first = api.store.add(board.evaluation("2026-10"))
    second = api.store.add(board.evaluation("2026-10", edition=2, as_of=NOON + timedelta(days=1)))
    api.feed(first, second)
    by_id = (await client.get(f"/v1/blocks/mau/main/ranking?evaluation={first.id}")).json()
    by_period = (await client.get("/v1/blocks/mau/main/ranking?period=2026-10")).json()
    assert by_id["official"] == {"id": first.id, "edition": 1, "seed": 1}
    assert by_period["official"]["id"] == second.id
    assert len(by_id["units"]) == 34


async def test_the_list_of_evaluations_is_newest_first_and_needs_no_store(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.store.down = True
    for period in ("2026-08", "2026-09"):
        board.offset += 1
        api.feed(board.evaluation(period))
    listed = (await client.get("/v1/blocks/mau/main/evaluations")).json()
    assert [head["period"] for head in listed] == ["2026-09", "2026-08"]
    assert "units" not in listed[0]


async def test_the_list_of_evaluations_carries_notices_where_the_pack_has_feed_checks(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    notice = Notice("frozen", "2026-09", None, [], 34, 0.96, 0.95)
    api.feed(board.evaluation("2026-09"))
    board.offset += 1
    api.feed(msgspec.structs.replace(board.evaluation("2026-10"), notices=[notice]))
    newest, before = (await client.get("/v1/blocks/mau/main/evaluations")).json()
    assert newest["notices"] == [msgspec.to_builtins(notice)]
    assert "notices" not in before


async def test_the_list_of_evaluations_says_what_one_corrects_and_what_waits_for_its_period(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    first = board.evaluation("2026-09")
    correction = Correction(first.id, 1, "office-1", "A file was lost")
    pending = [PendingCorrection(first.units[0].unit, "kt", 2)]
    api.feed(first)
    board.offset += 1
    second = board.evaluation("2026-09", edition=2)
    api.feed(msgspec.structs.replace(second, correction=correction, closed=True, pending=pending))
    newest, before = (await client.get("/v1/blocks/mau/main/evaluations")).json()
    assert newest["correction"] == msgspec.to_builtins(correction)
    assert (newest["closed"], newest["pending"]) == (True, [[first.units[0].unit, "kt", 2]])
    assert not {"correction", "closed", "pending"} & set(before)


async def test_without_clickhouse_official_rankings_are_503_and_the_live_one_is_not(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.store.down = True
    answer = await client.get("/v1/blocks/mau/main/ranking?evaluation=abc")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["type"] == "urn:thidua:problem:evaluations-unavailable"
    assert (await client.get("/v1/blocks/mau/main/ranking")).status_code == 200
    assert (await client.get("/?block=mau/main")).status_code == 200


@pytest.mark.parametrize(
    ("address", "status", "slug"),
    [
        ("/v1/blocks/mau/nowhere/ranking", 404, "not-found"),
        ("/v1/blocks/mau/main/ranking?evaluation=abc", 404, "not-found"),
        ("/v1/blocks/mau/main/ranking?period=2026-10", 404, "not-found"),
        ("/v1/blocks/mau/main/ranking?period=October", 400, "bad-parameter"),
        ("/v1/blocks/mau/nowhere/evaluations", 404, "not-found"),
        ("/v1/units/mau/nobody", 404, "not-found"),
        ("/v1/flags?state=maybe", 400, "bad-parameter"),
        ("/v1/stream?after=nonsense", 400, "bad-parameter"),
        ("/nothing/here", 404, "not-found"),
    ],
)
async def test_every_refusal_is_a_problem_with_a_next_step(
    board: BoardBuilder, client: httpx.AsyncClient, address: str, status: int, slug: str
) -> None:
    answer = await client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE
    assert answer.json()["type"] == f"urn:thidua:problem:{slug}"
    assert answer.json()["next"]


async def test_a_wrong_method_is_a_problem_too(board: BoardBuilder, client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/blocks")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE


async def test_a_ranking_whose_pack_was_not_read_yet_shows_ids_for_names(
    api: FedApi, client: httpx.AsyncClient
) -> None:
    board = BoardBuilder(build_pack("mau", 8))
    board.pack = board.pack._replace(hash=UNKNOWN_PACK)
    api.feed(board.ranking())
    ranking = (await client.get("/v1/blocks/mau/main/ranking")).json()
    assert ranking["units"][0]["name"] == ranking["units"][0]["unit"]
    assert (await client.get("/?block=mau/main")).status_code == 200


@pytest.mark.parametrize("units", [1, 2, 8, 34, 69, 195])
async def test_rankings_of_any_size_are_served(api: FedApi, client: httpx.AsyncClient, units: int) -> None:
    api.publish(BoardBuilder(build_pack("co", units)))
    assert len((await client.get("/v1/blocks/co/main/ranking")).json()["units"]) == units
    assert (await client.get("/?block=co/main")).text.count('<tr role="row" data-unit') == units + 1


async def test_a_fault_that_nobody_foresaw_is_a_problem(api: FedApi, board: BoardBuilder) -> None:
    def fails(_: object) -> None:
        raise ZeroDivisionError

    api.store.evaluation = fails  # type: ignore[assignment, method-assign]
    transport = httpx.ASGITransport(app=api.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        answer = await client.get(f"/v1/blocks/{board.block}/ranking?evaluation=x")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM_MEDIA_TYPE)
    assert answer.json()["type"] == "urn:thidua:problem:internal-fault"
    assert answer.headers["cache-control"] == "no-store"
