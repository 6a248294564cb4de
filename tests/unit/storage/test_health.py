"""The health port says whether storage lives, whether it works, and how far it is; in numbers too."""

from collections.abc import Iterator

import httpx
import pytest

from services.contracts.health import HealthServer
from services.contracts.metrics import StorageMetrics
from services.storage.health import health_of, watch_progress
from services.storage.progress import Progress


@pytest.fixture
def progress() -> Progress:
    return Progress()


@pytest.fixture
def client(progress: Progress) -> Iterator[httpx.Client]:
    metrics = StorageMetrics()
    watch_progress(metrics, progress)
    server = HealthServer("127.0.0.1", 0, lambda: health_of(progress), metrics)
    server.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield client
    server.stop()


def test_it_is_alive_but_not_ready_while_it_waits(progress: Progress, client: httpx.Client) -> None:
    progress.turn(waiting_for="ClickHouse: refused")
    assert client.get("/livez").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["waiting_for"]) == (503, "ClickHouse: refused")


def test_it_is_ready_once_it_works_and_tells_lag_and_last_insert(
    progress: Progress, client: httpx.Client
) -> None:
    progress.turn()
    progress.measured({"campaign.events": 3})
    progress.inserted(20)
    ready = client.get("/readyz")
    body = ready.json()
    assert (ready.status_code, body["ready"], body["lag"], body["rows"]) == (
        200,
        True,
        {"campaign.events": 3},
        20,
    )
    assert body["last_insert_s"] > 1_700_000_000


def test_the_metrics_tell_the_lag_of_now_and_the_process(progress: Progress, client: httpx.Client) -> None:
    progress.measured({"campaign.events": 3, "campaign.flags": 0})
    text = client.get("/metrics").text
    assert 'thidua_storage_behind_records{topic="campaign.events"} 3.0' in text
    assert "process_resident_memory_bytes" in text
    progress.measured({"campaign.events": 0})
    assert "campaign.flags" not in client.get("/metrics").text


def test_a_loop_that_hangs_is_not_alive(client: httpx.Client, progress: Progress) -> None:
    progress._turned_s -= 1_000
    assert client.get("/livez").status_code == 503


def test_other_addresses_are_not_found(client: httpx.Client) -> None:
    assert client.get("/").status_code == 404
