"""`/v1/blocks`: the blocks, their rankings, their official evaluations."""

from collections import Counter
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from services.api.answers import json_answer, tagged_answer
from services.api.endpoints.live_state import LiveState
from services.api.live import Live
from services.api.naming import halt_of, ranking_view
from services.api.views import BlockView
from services.contracts.ids import BlockId, EvaluationId
from services.contracts.periods import BadPeriod, parse_period
from services.contracts.problems import BadParameter, NotFound
from services.contracts.results import Evaluation
from services.contracts.routing import block_id, campaign_of

RECENT: Final = timedelta(hours=24)
"""Of dead letters: a day of reports."""

router = APIRouter(prefix="/v1/blocks", tags=["blocks"])


@router.get("")
async def blocks(live: LiveState) -> Response:
    """Every block, with how fresh it is."""
    flags = Counter(flag.block for flag in live.fold.open_flags())
    return json_answer([block_view(live, block, flags[block]) for block in live.blocks()])


@router.get("/{campaign}/{block}/ranking")
def ranking(
    request: Request,
    live: LiveState,
    campaign: str,
    block: str,
    evaluation: str | None = None,
    period: str | None = None,
) -> Response:
    """The live ranking; an official one by its id; or the newest edition of a period. Not on the event loop: the store blocks."""
    found = known_block(live, campaign, block)
    if evaluation is None and period is not None:
        evaluation = _newest_of(live, found, period)
    if evaluation is not None:
        official = _official(live, found, EvaluationId(evaluation))
        return tagged_answer(request, ranking_view(official, live.names(found, official.pack), full=True))
    held = live.fold.ranking(found)
    if held is None:
        raise NotFound(f"The block {found} has no ranking yet.", next="Push a report for one of its units.")
    return tagged_answer(request, ranking_view(held.value, live.names(found, held.value.pack), full=True))


@router.get("/{campaign}/{block}/evaluations")
async def evaluations(live: LiveState, campaign: str, block: str) -> Response:
    """The official evaluations of the block, newest first, without their units."""
    return json_answer(live.fold.evaluations(known_block(live, campaign, block)))


def known_block(live: Live, campaign: str, block: str) -> BlockId:
    """Raises `NotFound`."""
    found = block_id(campaign, block)
    if found not in live.blocks():
        raise NotFound(f"There is no block {found}.")
    return found


def block_view(live: Live, block: BlockId, flags: int) -> BlockView:
    """`flags`: open ones of the block, counted once for all blocks, as flags of years pile up."""
    names = live.names(block)
    held = live.fold.ranking(block)
    halt = halt_of(held.value) if held else None
    freshness = live.freshness.of(block)
    return BlockView(
        block=block,
        campaign=campaign_of(block),
        title=names.title,
        campaign_title=names.campaign_title,
        units=len(held.value.units) if held else _units_now(live, block),
        ranked=sum(unit.rank is not None for unit in held.value.units) if held else None,
        period=held.value.period if held else None,
        as_of=held.value.as_of if held else None,
        seconds=freshness.seconds if freshness else None,
        flags=flags,
        dead_letters=live.letters.recent(block=block, within=RECENT),
        halted_since=halt.since if halt else None,
        simulated=names.simulated or bool(held and held.value.simulated),
        source=names.source,
    )


def _units_now(live: Live, block: BlockId) -> int:
    pack = live.names(block).pack
    return len(pack.units_of(block, live.now().date())) if pack else 0


def _newest_of(live: Live, block: BlockId, period: str) -> EvaluationId:
    try:
        parse_period(period)
    except BadPeriod as error:
        raise BadParameter(f"period: {error}.") from error
    heads = [head for head in live.fold.evaluations(block) if head.period == period]
    if not heads:
        raise NotFound(f"{block} has no official evaluation of {period}.")
    return max(heads, key=lambda head: (head.edition, head.cause)).id


def _official(live: Live, block: BlockId, evaluation: EvaluationId) -> Evaluation:
    found = live.store.evaluation(evaluation)
    if found is None or found.block != block:
        raise NotFound(
            f"{block} has no official evaluation {evaluation}.",
            next=f"GET /v1/blocks/{block}/evaluations lists them; one made just now is stored within seconds.",
        )
    return found
