"""`/v1/freshness`: how long events take to the board, step by step, now and in the last hours, and how far the services are behind."""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from services.api.answers import json_answer
from services.api.freshness_report import FreshnessReport, FreshnessReports
from services.contracts.stored_rows import StoredStep

router = APIRouter(prefix="/v1/freshness", tags=["freshness"])

_STEPS: Final = {
    "door_to_log": {"p50_ms": 6.1, "p95_ms": 9.4, "p99_ms": 14.2},
    "log_to_applied": {"p50_ms": 11.8, "p95_ms": 27.0, "p99_ms": 33.5},
    "applied_to_ranked": {"p50_ms": 96.4, "p95_ms": 190.2, "p99_ms": 201.0},
    "ranked_to_board": {"p50_ms": 7.3, "p95_ms": 15.1, "p99_ms": 24.4},
    "door_to_board": {"p50_ms": 121.8, "p95_ms": 226.2, "p99_ms": 243.7},
    "door_to_stored": {"p50_ms": 331.0, "p95_ms": 580.4, "p99_ms": 640.9},
}
_WINDOW: Final = {
    "events": 29880,
    "steps": _STEPS,
    "repeats": 12,
    "corrections": 340,
    "dead_letters": 2,
    "old": 0,
}
_BEHIND: Final = {"topic": "campaign.events", "partition": 3, "committed": 1041, "end": 1044, "behind": 3}
_EXAMPLE: Final[dict[str, Any]] = {
    "as_of": "2026-11-24T05:00:00Z",
    "last_minute": _WINDOW,
    "last_5_minutes": _WINDOW,
    "unknown": {},
    "lag": {
        "as_of": "2026-11-24T04:59:57Z",
        "groups": [
            {
                "service": "scoring",
                "group": "thidua-scoring",
                "behind": 3,
                "partitions": [_BEHIND],
                "unknown": None,
            }
        ],
    },
    "blocks": [
        {
            "block": "sample/communes",
            "last_event": "2026-11-24T04:59:59.800Z",
            "seconds": 0.2,
            "events": 1290433,
            "per_minute": 29880,
            "minutes": [0] * 58 + [29700, 29880],
            "lag": {"p50": 0.118, "p95": 0.22, "p99": 0.24, "samples": 1490},
            "last_minute": _WINDOW,
            "last_5_minutes": _WINDOW,
        }
    ],
}
_HISTORY: Final = [
    {
        "minute": "2026-11-24T04:59:00Z",
        "step": "door_to_board",
        "p50_ms": 121.8,
        "p95_ms": 226.2,
        "p99_ms": 243.7,
    }
]


def _reports(request: Request) -> FreshnessReports:
    reports: FreshnessReports = request.app.state.freshness
    return reports


Reports = Annotated[FreshnessReports, Depends(_reports)]


def _documented(type: Any, example: object) -> dict[int | str, dict[str, Any]]:
    """The answer's schema, whole in itself, and an example."""
    schema = msgspec.json.schema(type)
    return {200: {"content": {"application/json": {"schema": _in_place(schema), "example": example}}}}


def _in_place(schema: dict[str, Any]) -> dict[str, Any]:
    """References point into the schema itself; a description of the whole api has no such place, so what they name stands there instead."""
    definitions = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolved(definitions[node["$ref"].rpartition("/")[2]])
        return {key: resolved(value) for key, value in node.items()}

    found: dict[str, Any] = resolved(schema)
    return found


@router.get("", responses=_documented(FreshnessReport, _EXAMPLE))
def freshness(
    reports: Reports,
    block: Annotated[
        list[str] | None, Query(description="only these blocks beside the whole; may be repeated")
    ] = None,
) -> Response:
    """The last minute and the last five, in all and by block: milliseconds of each step, and what was repeated, corrected and refused.

    Of a second ago at most (`as_of`), as all who ask meanwhile share an answer. All but `door_to_stored` is measured here and needs no store;
    without ClickHouse that step is null, and `unknown` says why.
    """
    return json_answer(reports.now(None if block is None else frozenset(block)))


@router.get("/history", responses=_documented(list[StoredStep], _HISTORY))
def history(
    reports: Reports,
    scope: Annotated[str, Query(description="a block, or a campaign; left out: all")] = "",
    minutes: Annotated[int, Query(ge=1, le=1440, description="how far back")] = 60,
) -> Response:
    """Each minute's steps from the store, by when the events came at the door. 503 when it does not answer."""
    return json_answer([row._asdict() for row in reports.history(scope, minutes * 60)])
