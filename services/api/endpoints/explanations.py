"""`/v1/evaluations`: why a unit has the score that it has in an official evaluation."""

from fastapi import APIRouter, Request, Response

from services.api.answers import tagged_answer
from services.api.endpoints.live_state import LiveState
from services.api.explaining import before, explained, official
from services.contracts.ids import EvaluationId, UnitId

router = APIRouter(prefix="/v1/evaluations", tags=["evaluations"])


@router.get("/{evaluation}/units/{unit}/explanation")
def explanation(request: Request, live: LiveState, evaluation: str, unit: str) -> Response:
    """`contracts.explanation.Explanation`: the parts add up to the score, to the gaps around it and to its change. Not on the event loop:
    the store blocks."""
    result = official(live, EvaluationId(evaluation))
    return tagged_answer(request, explained(live, result, UnitId(unit), before(live, result)))
