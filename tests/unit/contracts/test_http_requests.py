"""Every request has an id and a trace in the log lines that it causes, and counts once."""

import json

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.contracts.http_requests import HttpRequests, instance_of, trace_of_request
from services.contracts.logs import configure_logs
from services.contracts.metrics import HttpMetrics

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def metrics() -> HttpMetrics:
    return HttpMetrics()


@pytest.fixture
def client(metrics: HttpMetrics) -> httpx.AsyncClient:
    async def answer(request: Request) -> Response:
        structlog.get_logger("thidua.test").info("asked", block="a/b", offset=7)
        return Response(f"{instance_of(request)} {trace_of_request(request).trace_id}")

    app = Starlette(routes=[Route("/", answer)])
    app.add_middleware(HttpRequests, metrics=metrics)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


async def test_a_log_line_names_request_trace_block_and_offset(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO")
    await client.get("/", headers={"x-request-id": "r-1", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    line = json.loads(capsys.readouterr().out)
    wanted = {
        "event": "asked",
        "request": "r-1",
        "trace": TRACE,
        "block": "a/b",
        "offset": 7,
        "level": "info",
    }
    assert wanted.items() <= line.items()


async def test_two_requests_without_headers_are_told_apart(client: httpx.AsyncClient) -> None:
    first, second = await client.get("/"), await client.get("/")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert set(first.text.split()).isdisjoint(second.text.split())


async def test_answers_are_counted_by_status(client: httpx.AsyncClient, metrics: HttpMetrics) -> None:
    await client.get("/")
    await client.get("/nowhere")
    text = metrics.exposition().decode()
    assert 'thidua_http_requests_total{status="200"} 1.0' in text
    assert 'thidua_http_requests_total{status="404"} 1.0' in text
    assert "thidua_http_answer_seconds_count 2.0" in text
