"""`/blocks`: every block with where it stands and the way to its board and its map; drawn anew every half minute."""

from collections import Counter
from itertools import groupby

from fastapi import APIRouter, Response

from services.api.endpoints.blocks import block_view
from services.api.endpoints.live_state import LiveState
from services.api.pages.wall import Theme, has_map, page_answer, shared, templates
from services.contracts.language import Language

router = APIRouter(include_in_schema=False)


@router.get("/blocks")
def blocks_page(live: LiveState, lang: Language = "vi", theme: Theme | None = None) -> Response:
    """Blocks by campaign, in the order of their packs."""
    drawn = shared(live, lang, theme)
    flags = Counter(flag.block for flag in live.fold.open_flags())
    views = [block_view(live, block, flags[block]) for block in live.blocks()]
    campaigns = [list(of_one) for _, of_one in groupby(views, key=lambda view: view.campaign)]
    mapped = {block for block in live.blocks() if has_map(live.names(block))}
    page = templates.get_template("blocks.html")
    return page_answer(page.render(**drawn, campaigns=campaigns, mapped=mapped), drawn["nonce"])
