"""`/v1/units`: one unit, its places, its criteria, its flags, its history."""

from fastapi import APIRouter, Response

from services.api.answers import json_answer
from services.api.endpoints.blocks import RECENT
from services.api.endpoints.live_state import LiveState
from services.api.live import Live
from services.api.naming import flag_view, ranking_view
from services.api.problems import EvaluationsUnavailable
from services.api.views import HistoryPoint, Placement, UnitPage
from services.contracts.ids import BlockId, CampaignId, UnitId
from services.contracts.pack.model import Unit
from services.contracts.problems import NotFound
from services.contracts.routing import block_id, campaign_of

router = APIRouter(prefix="/v1/units", tags=["units"])


@router.get("/{campaign}/{unit}")
def unit(live: LiveState, campaign: str, unit: str) -> Response:
    """The unit in every block of the campaign that holds it or held it. Not on the event loop: the store blocks."""
    rows = _rows(live, CampaignId(campaign), UnitId(unit))
    blocks = list(dict.fromkeys(block_id(campaign, row.block) for row in rows))
    flags = [flag for flag in live.fold.flags() if flag.unit == unit and campaign_of(flag.block) == campaign]
    return json_answer(
        UnitPage(
            campaign=CampaignId(campaign),
            unit=UnitId(unit),
            name=rows[-1].name,
            kind=rows[-1].kind,
            placements=[place for block in blocks if (place := _placement(live, block, unit)) is not None],
            flags=[flag_view(flag, live.names(flag.block, flag.pack)) for flag in flags],
            dead_letters=live.letters.recent(unit=unit, campaign=campaign, within=RECENT),
            history=_history(live, blocks, UnitId(unit)),
        )
    )


def _rows(live: Live, campaign: CampaignId, unit: UnitId) -> tuple[Unit, ...]:
    pack = next((p.pack for p in live.fold.packs() if p.pack.campaign.id == campaign), None)
    if pack is None or unit not in pack.rows_by_unit:
        raise NotFound(f"The campaign {campaign} has no unit {unit}.")
    return pack.rows_by_unit[unit]


def _placement(live: Live, block: BlockId, unit: str) -> Placement | None:
    held = live.fold.ranking(block)
    if held is None:
        return None
    view = ranking_view(held.value, live.names(block, held.value.pack), full=True)
    for one in view.units:
        if one.unit == unit:
            return Placement(
                block,
                view.title,
                view.period,
                view.as_of,
                view.ranked,
                view.scale,
                view.decimals,
                view.groups,
                one,
            )
    return None


def _history(live: Live, blocks: list[BlockId], unit: UnitId) -> list[HistoryPoint] | None:
    try:
        found = [live.store.history(block, unit) for block in blocks]
    except EvaluationsUnavailable:
        return None
    return sorted((point for of_block in found for point in of_block), key=lambda point: point.as_of)
