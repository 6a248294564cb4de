"""`/v1/flags`: who is flagged, with the evidence."""

from fastapi import APIRouter, Response

from services.api.answers import json_answer
from services.api.endpoints.live_state import LiveState
from services.api.naming import flag_view
from services.contracts.flags import FlagState
from services.contracts.routing import campaign_of

router = APIRouter(prefix="/v1/flags", tags=["flags"])


@router.get("")
async def flags(
    live: LiveState,
    campaign: str | None = None,
    block: str | None = None,
    unit: str | None = None,
    state: FlagState | None = None,
) -> Response:
    """Flags in their newest state, newest first. `block` is `<campaign>/<block>`, or the block's own id beside `campaign`."""
    wanted = f"{campaign}/{block}" if campaign and block and "/" not in block else block
    found = [
        flag
        for flag in live.fold.flags()
        if campaign in (None, campaign_of(flag.block))
        and wanted in (None, flag.block)
        and unit in (None, flag.unit)
        and state in (None, flag.state)
    ]
    return json_answer([flag_view(flag, live.names(flag.block, flag.pack)) for flag in found])
