"""`/v1/halts`: the blocks that stand still."""

from typing import Final

from fastapi import APIRouter, Response

from services.api.answers import json_answer
from services.api.endpoints.live_state import LiveState
from services.api.halts import WHAT_TO_DO, halts

router = APIRouter(prefix="/v1/halts", tags=["halts"])

_EXAMPLE: Final = [
    {
        "block": "sample/communes",
        "title": {"vi": "Khối xã", "en": "Communes"},
        "why": "engine_crashed",
        "since": "2026-11-24T05:00:00Z",
        "place": [3, 1041, 0],
        "error": "ZeroDivisionError: float division by zero",
        "engine": "2",
        "shown": "2026-11-24T04:59:58Z",
        "next": WHAT_TO_DO["engine_crashed"].format(block="sample/communes"),
    }
]


@router.get("", responses={200: {"content": {"application/json": {"example": _EXAMPLE}}}})
def all_halts(live: LiveState) -> Response:
    """Each block that stands still: since when, at which place of the log, why, and what to do. Empty when all go on."""
    return json_answer(halts(live))
