"""`/`: the wall board of one block, whole without a script; `board.js` then keeps it up to date."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.api.endpoints.live_state import LiveState
from services.api.live import Live
from services.api.pages.board_model import Rows, slots
from services.api.pages.layout import Layout, layout_for
from services.api.pages.wall import Drawn, Theme, Wall, answered, has_map, templates
from services.api.views import RankingView
from services.contracts.ids import BlockId
from services.contracts.language import Language

router = APIRouter(include_in_schema=False)

PATH = "/"


@router.get(PATH)
def board(
    live: LiveState,
    block: str | None = None,
    lang: Language = "vi",
    theme: Theme | None = None,
    rotate: Annotated[int | None, Query(ge=5, le=3600)] = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """The block that the address names, or else the one whose last event is newest. Drawn in a worker thread: 195 rows take 0.1 s."""

    def draw(chosen: BlockId, shared: Drawn) -> str:
        return _board(live, chosen, shared, rotate, page)

    return answered(live, block, lang, theme, draw)


def _board(live: Live, block: BlockId, shared: Drawn, rotate: int | None, page: int) -> str:
    wall = Wall(live, block, shared)
    if (view := wall.view) is None:
        return wall.empty()
    layout = layout_for(len(view.units), has_groups=bool(view.groups), has_flags=wall.flags_may_come)
    drawn = wall.drawn(view, layout) | _drawn(wall, view, layout)
    state = wall.followed(view, layout, PATH, rotate) | {"slots": slots(view.groups)}
    shown = min(page, layout.pages) - 1
    return templates.get_template("board.html").render(**drawn, page=shown, state=state)


def _drawn(wall: Wall, view: RankingView, layout: Layout) -> Drawn:
    """The rows, and what of the page depends on them."""
    narrow, write = layout.columns > 2, wall.format
    rows = Rows(view, wall.flags, write, narrow=narrow)
    return {
        "style": _style(view, layout),
        "rows": rows.all(),
        "blank": rows.row(view.units[0]) if view.units else None,
        "shortened": narrow and any(write.short_name(unit.name) != unit.name for unit in view.units),
        "has_map": has_map(wall.names),
    }


def _style(view: RankingView, layout: Layout) -> str:
    heads = " ".join(f"minmax(0,{round(group.share * 1000)}fr)" for group in view.groups) or "1fr"
    return f":root{{--cols:{layout.columns};--rows:{layout.rows};--heads:{heads}}}"
