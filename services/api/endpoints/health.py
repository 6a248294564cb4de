"""`/livez`, `/readyz` and `/metrics` for whoever keeps the service running."""

from fastapi import APIRouter, Response

from services.api.answers import json_answer
from services.api.endpoints.live_state import LiveState
from services.contracts.metrics import MEDIA_TYPE

router = APIRouter(tags=["health"])


@router.get("/livez")
async def livez(live: LiveState) -> Response:
    """200 while the topics are being followed; 503 when that has ended, and the process wants a restart."""
    return _answer(live, live.health().live)


@router.get("/readyz")
async def readyz(live: LiveState) -> Response:
    """200 when everything that stood in the topics at the start was read. ClickHouse is not needed for that."""
    health = live.health()
    return _answer(live, health.live and health.caught_up)


@router.get("/metrics")
async def metrics(live: LiveState) -> Response:
    """For Prometheus."""
    return Response(live.metrics.exposition(), media_type=MEDIA_TYPE)


def _answer(live: LiveState, good: bool) -> Response:
    health = live.health()
    answer = json_answer(
        {
            "live": health.live,
            "ready": health.live and health.caught_up,
            "detail": health.detail,
            "stale_since": health.stale_since,
            "blocks": len(live.fold.rankings()),
            "readers": len(live.hub),
            "dropped_readers": live.hub.dropped,
            "unreadable_records": live.fold.unreadable,
        }
    )
    answer.status_code = 200 if good else 503
    return answer
