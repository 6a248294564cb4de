"""`/map`: the map of one block with the top and the bottom of its table, whole without a script; `map.js` then keeps it up to date."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from services.api.endpoints.live_state import LiveState
from services.api.live import Live
from services.api.pages import map_drawing, map_model
from services.api.pages.board_model import Rows
from services.api.pages.layout import Layout
from services.api.pages.wall import Drawn, Theme, Wall, answered, has_map, templates
from services.api.views import RankingView
from services.contracts.ids import BlockId
from services.contracts.language import Language
from services.contracts.pack.model import Pack
from services.contracts.problems import NotFound

router = APIRouter(include_in_schema=False)

PATH: Final = "/map"
LAYOUT: Final = Layout("end", 3, map_model.TOP, 1, map_model.TOP, "map")


@router.get(PATH)
def map_page(
    live: LiveState,
    block: str | None = None,
    lang: Language = "vi",
    theme: Theme | None = None,
    rotate: Annotated[int | None, Query(ge=5, le=3600)] = None,
) -> Response:
    """The block that the address names, or else the one whose last event is newest. Raises `NotFound` where its pack draws none of its units."""

    def draw(chosen: BlockId, shared: Drawn) -> str:
        return _map(live, chosen, shared, rotate)

    return answered(live, block, lang, theme, draw)


def _map(live: Live, block: BlockId, shared: Drawn, rotate: int | None) -> str:
    wall = Wall(live, block, shared)
    if (view := wall.view) is None:
        return wall.empty()
    if wall.names.pack is None or not has_map(wall.names):
        raise NotFound(
            f"The pack of {block} draws no area for its units. A map.geojson in the pack's folder gives it a map."
        )
    cuts = map_model.cuts_of([unit.score for unit in view.units if unit.score is not None], view.scale)
    drawn = wall.drawn(view, LAYOUT) | _drawn(wall, view, wall.names.pack, cuts)
    state = wall.followed(view, LAYOUT, PATH, rotate) | {
        "cuts": cuts,
        "slots": [],
        "top": map_model.TOP,
        "bottom": map_model.BOTTOM,
        "bar": map_model.BAR,
    }
    return templates.get_template("map.html").render(**drawn, state=state)


def _drawn(wall: Wall, view: RankingView, pack: Pack, cuts: list[float]) -> Drawn:
    """The areas, the ends of the table, and the key."""
    areas = map_model.areas_of(view, pack, cuts, wall.format)
    rows = Rows(view, wall.flags, wall.format, narrow=True)
    top, bottom = map_model.ends(rows.all())
    drawn = {area.shape.unit for area in areas}
    return {
        "areas": areas,
        "box": (map_drawing.WIDTH, map_drawing.HEIGHT),
        "marks": {flag.unit: flag for flag in reversed(wall.flags)},
        "top": top,
        "bottom": bottom,
        "blank": rows.row(view.units[0]) if view.units else None,
        "bars": map_model.bars_of(view, cuts, wall.format),
        "others": any(area.level == "o" for area in areas),
        "undrawn": sum(unit.unit not in drawn for unit in view.units),
    }
