"""The health port says whether storage lives, whether it works, and how far it is."""

from collections.abc import Iterator

import httpx
import pytest

from services.storage.health import HealthServer
from services.storage.progress import Progress


@pytest.fixture
def progress() -> Progress:
    return Progress()


@pytest.fixture
def client(progress: Progress) -> Iterator[httpx.Client]:
    server = HealthServer("127.0.0.1", 0, progress)
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
    assert (ready.status_code, body["status"], body["lag"], body["rows"]) == (
        200,
        "ok",
        {"campaign.events": 3},
        20,
    )
    assert body["last_insert_s"] > 1_700_000_000


def test_a_loop_that_hangs_is_not_alive(client: httpx.Client, progress: Progress) -> None:
    progress._turned_s -= 1_000
    assert client.get("/livez").status_code == 503


def test_other_addresses_are_not_found(client: httpx.Client) -> None:
    assert client.get("/").status_code == 404
