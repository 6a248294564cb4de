"""Explanations of published results, from what the api holds: the pack, and the evaluation before."""

from services.api.live import Live
from services.api.problems import ResultUnexplained
from services.contracts.explanation import Explanation, NotExplained, explain
from services.contracts.explanation.previous import previous_of
from services.contracts.ids import BlockId, EvaluationId, UnitId
from services.contracts.pack.model import Pack
from services.contracts.problems import NotFound
from services.contracts.results import Evaluation, Ranking


def official(live: Live, evaluation: EvaluationId) -> Evaluation:
    """The stored evaluation. Raises `NotFound`, and `EvaluationsUnavailable` when the store does not answer."""
    found = live.store.evaluation(evaluation)
    if found is None:
        raise NotFound(
            f"There is no official evaluation {evaluation}.",
            next="GET /v1/blocks/<block>/evaluations lists them; one made just now is stored within seconds.",
        )
    return found


def explained(
    live: Live, result: Evaluation | Ranking, unit: UnitId, previous: Evaluation | None
) -> Explanation:
    """Raises `NotFound` for a unit that is not in the result, and `ResultUnexplained`."""
    if all(row.unit != unit for row in result.units):
        raise NotFound(f"{unit} is not in {result.block} in {result.period}.")
    own = _pack(live, result)
    before = None if previous is None else _pack(live, previous)
    try:
        return explain(result, unit, own, previous, before)
    except NotExplained as error:
        raise ResultUnexplained(f"{str(error).capitalize()}.") from error


def before(live: Live, result: Evaluation | Ranking) -> Evaluation | None:
    """The evaluation that the result's change is told against. Raises `EvaluationsUnavailable`."""
    head = previous_of(result, live.fold.evaluations(BlockId(result.block)))
    return None if head is None else live.store.evaluation(head.id)


def _pack(live: Live, result: Evaluation | Ranking) -> Pack:
    compiled = live.fold.pack(result.block, result.pack)
    if compiled is None or compiled.hash != result.pack:
        raise ResultUnexplained(f"The pack {result.pack} is not known here.")
    return compiled.pack
