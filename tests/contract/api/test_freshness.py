"""`/v1/freshness`: each step of the events' way, in all and by block, with and without the store."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from services.api.freshness_report import FreshnessReport
from services.api.lag import GroupLag, Lag, PartitionLag
from services.contracts.spread import RESOLUTION
from services.contracts.steps import STEPS, Showing, Stretch, Tally, micros_of
from services.contracts.stored_rows import StoredStep, StoredWait
from tests.support.api import FedApi
from tests.support.boards import NOON, BoardBuilder, Clock, build_pack

MILLISECOND = 1_000


def show(api: FedApi, board: BoardBuilder, clock: Clock, *, events: int = 10, tally: Tally = Tally()) -> None:
    """A record passes the door now, and is logged, applied, ranked and on the board after 5, 20, 100 and 120 ms."""
    door = micros_of(clock())
    board.push("u001", 0.5)
    stretch = Stretch(board.offset, events, door, door + 5 * MILLISECOND, door + 20 * MILLISECOND)
    showing = Showing(door + 100 * MILLISECOND, (stretch,), tally)
    clock.turn(milliseconds=120)
    api.live.apply(api.topics.showing(board.ranking(clock()), showing))


async def report(client: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await client.get("/v1/freshness")).json())


def about(milliseconds: float) -> object:
    return pytest.approx(milliseconds, rel=RESOLUTION - 1)


async def test_each_step_has_its_percentiles_in_all_and_by_block(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    show(api, board, clock, tally=Tally(repeats=2, corrections=3, old=1))
    api.store.waits[60] = [
        StoredWait("", 10, 400.0, 500.0, 600.0),
        StoredWait(board.block, 10, 4.0, 5.0, 6.0),
    ]
    found = await report(client)
    (block,) = found["blocks"]
    for window in (found["last_minute"], found["last_5_minutes"], block["last_minute"]):
        assert (window["events"], window["repeats"], window["corrections"], window["old"]) == (10, 2, 3, 1)
        p95 = {step: times and times["p95_ms"] for step, times in window["steps"].items()}
        p95.pop("door_to_stored")
        assert p95 == {
            "door_to_log": about(5),
            "log_to_applied": about(15),
            "applied_to_ranked": about(80),
            "ranked_to_board": about(20),
            "door_to_board": about(120),
        }
    assert found["last_minute"]["steps"]["door_to_stored"] == {
        "p50_ms": 400.0,
        "p95_ms": 500.0,
        "p99_ms": 600.0,
    }
    assert found["last_5_minutes"]["steps"]["door_to_stored"] is None
    assert block["last_minute"]["steps"]["door_to_stored"]["p99_ms"] == 6.0
    assert set(found["last_minute"]["steps"]) == set(STEPS)


async def test_a_block_keeps_its_seconds_rate_and_lag(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    as_of = clock()
    clock.turn(milliseconds=120)
    board.push("u001", 0.5)
    api.feed(board.ranking(as_of.replace(microsecond=1)))
    clock.turn(seconds=2)
    (fresh,) = (await report(client))["blocks"]
    assert fresh["block"] == "mau/main"
    assert fresh["seconds"] == pytest.approx(2.12, abs=0.001)
    assert fresh["lag"]["p95"] == pytest.approx(0.12, abs=0.001)
    assert fresh["events"] == board.events
    assert fresh["last_minute"]["steps"]["door_to_board"] is None


async def test_without_the_store_the_rest_is_told_and_the_reason(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    api.store.down = True
    show(api, board, clock)
    found = await report(client)
    assert found["last_minute"]["steps"]["door_to_stored"] is None
    assert "ClickHouse" in found["unknown"]["door_to_stored"]
    assert found["last_minute"]["steps"]["door_to_board"]["p50_ms"] == about(120)
    assert (await client.get("/v1/freshness/history")).status_code == 503


async def test_the_last_minute_forgets_what_five_minutes_still_know(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    show(api, board, clock)
    clock.turn(seconds=90)
    found = await report(client)
    assert (found["last_minute"]["events"], found["last_5_minutes"]["events"]) == (0, 10)
    clock.turn(seconds=300)
    assert (await report(client))["last_5_minutes"]["events"] == 0


async def test_the_whole_is_of_all_blocks(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    other = BoardBuilder(build_pack("khac", 8))
    api.publish(other)
    show(api, board, clock, events=10)
    show(api, other, clock, events=30)
    found = await report(client)
    assert found["last_minute"]["events"] == 40
    assert sorted(block["last_minute"]["events"] for block in found["blocks"]) == [10, 30]
    one = (await client.get(f"/v1/freshness?block={other.block}")).json()
    assert (one["last_minute"]["events"], [block["block"] for block in one["blocks"]]) == (40, [other.block])


async def test_what_is_read_while_catching_up_is_not_measured(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    api.health = type(api.health)(live=True, caught_up=False)
    show(api, board, clock)
    assert (await report(client))["last_minute"]["events"] == 0
    assert api.sightings == []


async def test_a_sighting_tells_the_store_when_the_board_had_it(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    show(api, board, clock)
    (sighting,) = api.sightings
    assert (sighting.block, sighting.offset) == (board.block, board.offset)
    assert sighting.board == micros_of(clock())
    assert json.loads(sighting.shows)[0] == 1


async def test_a_header_that_nobody_can_read_costs_the_ranking_nothing(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient, clock: Clock
) -> None:
    board.push("u001", 0.9)
    of = api.topics.result(board.ranking(clock()))
    api.live.apply(of._replace(headers=(*of.headers, ("shows", b"[9]"))))
    assert (await client.get(f"/v1/blocks/{board.block}/ranking")).json()["cause"][1] == board.offset
    assert (await report(client))["last_minute"]["events"] == 0


async def test_the_lag_of_each_service_is_told_by_partition(api: FedApi, client: httpx.AsyncClient) -> None:
    behind = PartitionLag("campaign.events", 3, 1041, 1044, 3)
    api.lag = Lag(NOON, [GroupLag("scoring", "thidua-scoring", 3, [behind])])
    (group,) = (await report(client))["lag"]["groups"]
    assert (group["service"], group["behind"], group["unknown"]) == ("scoring", 3, None)
    assert group["partitions"] == [
        {"topic": "campaign.events", "partition": 3, "committed": 1041, "end": 1044, "behind": 3}
    ]


async def test_history_is_the_stores(api: FedApi, client: httpx.AsyncClient) -> None:
    at = datetime(2026, 11, 24, 4, 59, tzinfo=UTC)
    api.store.minutes["mau/main", 600] = [StoredStep(at, "door_to_board", 120.0, 220.0, 240.0)]
    found = (await client.get("/v1/freshness/history?scope=mau/main&minutes=10")).json()
    assert found == [
        {
            "minute": "2026-11-24T04:59:00Z",
            "step": "door_to_board",
            "p50_ms": 120.0,
            "p95_ms": 220.0,
            "p99_ms": 240.0,
        }
    ]
    assert (await client.get("/v1/freshness/history?minutes=0")).status_code == 400


async def test_the_description_has_its_schema_and_an_example_that_fits(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/openapi.json")).json()["paths"]["/v1/freshness"]["get"]["responses"]["200"]
    described = answer["content"]["application/json"]
    assert "$ref" not in json.dumps(described["schema"])
    assert {"last_minute", "last_5_minutes", "unknown", "lag", "blocks"} <= set(
        described["schema"]["properties"]
    )
    assert msgspec.convert(described["example"], FreshnessReport).lag.groups[0].behind == 3


async def test_whoever_polls_asks_the_store_once_in_five_seconds(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    asked: list[int] = []
    api.store.stored_waits = lambda seconds: asked.append(seconds) or []  # type: ignore[assignment]
    await asyncio.gather(*(report(client) for _ in range(5)))
    assert asked == [60, 300]


async def test_whoever_asks_within_a_second_shares_the_answers(clock: Clock) -> None:
    api = FedApi(now=clock, api_freshness_kept_s=60)
    board = BoardBuilder(build_pack("mau", 34))
    api.publish(board)
    asked: list[tuple[str, int]] = []
    api.store.steps = lambda scope, seconds: asked.append((scope, seconds)) or []  # type: ignore[assignment]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api.app), base_url="http://board") as client:
        first = await report(client)
        show(api, board, clock)
        assert await report(client) == first
        of_one = (await client.get(f"/v1/freshness?block={board.block}")).json()
        assert (of_one, (await client.get("/v1/freshness?block=no/such")).json()["blocks"]) == (first, [])
        for scope in ("", "mau", ""):
            assert (await client.get(f"/v1/freshness/history?scope={scope}")).json() == []
    assert asked == [("", 3600), ("mau", 3600)]
