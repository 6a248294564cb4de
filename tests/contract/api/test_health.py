"""`/livez`, `/readyz`, and what every answer carries."""

from datetime import UTC, datetime

import httpx
import pytest

from services.api.live import Health
from tests.support.api import FedApi
from tests.support.boards import BoardBuilder


async def test_the_service_is_ready_when_it_has_caught_up(api: FedApi, client: httpx.AsyncClient) -> None:
    api.health = Health(live=True, caught_up=False)
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/readyz")).status_code == 503
    assert (await client.get("/v1/stream")).status_code == 503
    api.health = Health(live=True, caught_up=True)
    assert (await client.get("/readyz")).status_code == 200


async def test_a_follower_that_ended_is_told(api: FedApi, client: httpx.AsyncClient) -> None:
    api.health = Health(live=False, caught_up=True, detail="The topics are no longer followed")
    answer = await client.get("/livez")
    assert answer.status_code == 503
    assert "no longer followed" in answer.json()["detail"]


@pytest.mark.parametrize("address", ["/", "/v1/blocks", "/pages/board.js", "/nothing"])
async def test_every_answer_forbids_scripts_and_frames_from_elsewhere(
    board: BoardBuilder, client: httpx.AsyncClient, address: str
) -> None:
    headers = (await client.get(address)).headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_the_description_is_served_and_no_page_that_loads_scripts_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    assert "/v1/blocks/{campaign}/{block}/ranking" in (await client.get("/openapi.json")).json()["paths"]
    assert (await client.get("/docs")).status_code == 404
    assert (await client.get("/redoc")).status_code == 404


async def test_the_metrics_tell_of_streams_records_and_answers(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    before = api.live.metrics.records.labels("campaign.rankings")._value.get()
    api.publish(board)
    await client.get("/v1/blocks")
    text = (await client.get("/metrics")).text
    assert f'thidua_api_records_total{{topic="campaign.rankings"}} {before + 1}' in text
    assert 'thidua_http_requests_total{status="200"} 1.0' in text
    assert "thidua_api_readers 0.0" in text


async def test_while_no_broker_answers_everything_shown_is_said_to_be_stale_since_then(
    api: FedApi, board: BoardBuilder, client: httpx.AsyncClient
) -> None:
    api.feed(board.ranking())
    assert "stale_since" not in (await client.get("/v1/freshness")).json()["blocks"][0]
    since = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
    api.health = Health(live=True, caught_up=True, detail="No broker answers", stale_since=since)
    (fresh,) = (await client.get("/v1/freshness")).json()["blocks"]
    assert fresh["stale_since"] == "2026-11-24T14:05:00Z"
    page = (await client.get(f"/?block={board.block}")).text
    assert 'data-state="stale"' in page
    assert "Số liệu dừng từ 21:05" in page
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["stale_since"]) == (200, "2026-11-24T14:05:00Z")
