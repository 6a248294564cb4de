"""`/v1/units` and `/v1/flags`."""

import httpx
import msgspec

from services.contracts.flags import FlagHold, FlagReply
from tests.support.api import FedApi
from tests.support.boards import NOON, BoardBuilder, build_pack


async def test_a_unit_shows_its_place_its_criteria_its_flags_and_its_history(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    flag = board.flag("leader", place=0)
    api.feed(flag)
    api.store.add(board.evaluation("2026-09"))
    unit = (await client.get(f"/v1/units/mau/{flag.unit}")).json()
    assert unit["name"] == board.names[flag.unit]
    (placement,) = unit["placements"]
    assert (placement["block"], placement["of"], placement["unit"]["rank"]) == ("mau/main", 33, 1)
    assert len(placement["unit"]["criteria"]) == 5
    assert [f["id"] for f in unit["flags"]] == [flag.id]
    assert [point["period"] for point in unit["history"]] == ["2026-09"]


async def test_without_clickhouse_only_the_history_is_missing(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.store.down = True
    answer = await client.get("/v1/units/mau/u001")
    assert answer.status_code == 200
    assert answer.json()["history"] is None
    assert answer.json()["placements"]


async def test_flags_are_newest_first_with_names_and_movers(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.feed(board.flag("leader", place=0), board.flag("underperformer", place=-1))
    flags = (await client.get("/v1/flags")).json()
    assert {flag["kind"] for flag in flags} == {"leader", "underperformer"}
    assert all(flag["name"] == board.names[flag["unit"]] for flag in flags)
    assert all(flag["simulated"] for flag in flags)
    assert flags[0]["movers"][0]["title"]["vi"] == "Chỉ tiêu kinh tế"


async def test_a_flag_carries_the_units_answer_and_the_hold_that_mutes_it(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    reply = FlagReply("/mau/u1", "r1", NOON, "Late.", ["CV-1"])
    hold = FlagHold("/mau/council", "h1", NOON, "inspection 12")
    plain = board.flag("underperformer", place=-1)
    api.feed(msgspec.structs.replace(board.flag("leader", place=0), reply=reply, hold=hold), plain)
    by_id = {flag["kind"]: flag for flag in (await client.get("/v1/flags")).json()}
    assert by_id["leader"]["reply"] == msgspec.to_builtins(reply)
    assert by_id["leader"]["hold"] == msgspec.to_builtins(hold)
    assert not {"reply", "hold"} & set(by_id["underperformer"])


async def test_flags_are_chosen_by_campaign_block_unit_and_state(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    other = BoardBuilder(build_pack("khac", 8))
    api.publish(other)
    leader, pushed = board.flag("leader", place=0), board.flag("underperformer", place=-1, state="ended")
    api.feed(leader, pushed, other.flag("leader", place=0))

    async def ids(query: str) -> set[str]:
        return {flag["id"] for flag in (await client.get(f"/v1/flags?{query}")).json()}

    assert len(await ids("")) == 3
    assert await ids("campaign=mau") == {leader.id, pushed.id}
    assert await ids("block=mau/main&state=proposed") == {leader.id}
    assert await ids("campaign=mau&block=main&state=ended") == {pushed.id}
    assert await ids(f"unit={pushed.unit}&campaign=mau") == {pushed.id}
