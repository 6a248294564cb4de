"""`/`: the wall board of one block, whole without a script; `board.js` then keeps it up to date."""

import secrets
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Query, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.api.endpoints.live_state import LiveState
from services.api.fold import EvaluationHead
from services.api.live import Live
from services.api.naming import BlockNames, flag_view, ranking_view
from services.api.pages.board_model import (
    Rows,
    feed_state,
    flag_when,
    flags_that_fit,
    slots,
    sparkline,
)
from services.api.pages.formatting import Formatter
from services.api.pages.layout import Layout, layout_for
from services.api.pages.notices import notice_items, notices_of
from services.api.security import page_policy
from services.api.views import FlagView, RankingView
from services.contracts.ids import BlockId
from services.contracts.language import Language

router = APIRouter(include_in_schema=False)

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
PAGE_SECONDS: Final = 20
"""How long one screen of a block with several stands, unless the address says otherwise."""

templates: Final = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@router.get("/")
def board(
    live: LiveState,
    block: str | None = None,
    lang: Language = "vi",
    theme: Literal["light", "dark"] | None = None,
    rotate: Annotated[int | None, Query(ge=5, le=3600)] = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """The block that the address names, or else the one whose last event is newest. Drawn in a worker thread: 195 rows take 0.1 s."""
    nonce = secrets.token_urlsafe(12)
    chosen = BlockId(block) if block else newest_block(live)
    common = _common(live, lang, theme, nonce)
    if chosen is None or chosen not in live.blocks():
        html = templates.get_template("nothing.html").render(**common, asked=chosen, blocks=_named(live))
        status = 404 if chosen is not None else 200
    else:
        html, status = _board(live, chosen, common, rotate, page), 200
    headers = {"Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"}
    return Response(html, status_code=status, media_type="text/html", headers=headers)


def newest_block(live: Live) -> BlockId | None:
    """The block whose ranking heard of an event last; without rankings the first that a pack names."""
    rankings = live.fold.rankings()
    if rankings:
        return max(rankings, key=lambda held: (held.value.as_of, held.value.events)).value.block
    return next(iter(live.blocks()), None)


def _common(live: Live, lang: Language, theme: str | None, nonce: str) -> dict[str, Any]:
    formatter = Formatter(lang)
    return {
        "lang": lang,
        "theme": theme,
        "nonce": nonce,
        "format": formatter,
        "text": formatter.texts,
        "now": live.now().astimezone(),
        "caught_up": live.health().caught_up,
    }


def _named(live: Live) -> list[BlockNames]:
    return [live.names(block) for block in live.blocks()]


def _board(live: Live, block: BlockId, common: dict[str, Any], rotate: int | None, page: int) -> str:
    # Positions before anything else is read: what comes in between is then sent twice, not never.
    after = live.fold.positions.encode()
    held = live.fold.ranking(block)
    names = live.names(block, held.value.pack if held else None)
    common["now"] = live.now().astimezone(ZoneInfo(names.pack.campaign.zone) if names.pack else None)
    state = {"block": block, "after": after, "lang": common["lang"], "text": common["text"]}
    if held is None:
        units = len(names.pack.units_of(block, live.now().date())) if names.pack else 0
        return templates.get_template("empty.html").render(**common, names=names, units=units, state=state)
    view = ranking_view(held.value, names, full=False)
    drawn = _drawn(live, view, names, common)
    state |= _followed(live, drawn, common, rotate)
    page = min(page, drawn["layout"].pages) - 1
    return templates.get_template("board.html").render(**common, **drawn, page=page, state=state)


def _drawn(live: Live, view: RankingView, names: BlockNames, common: dict[str, Any]) -> dict[str, Any]:
    """What the template draws."""
    write: Formatter = common["format"]
    flags, head = _flags(live, names), _newest_evaluation(live, view.block)
    notices = notice_items(head, view, write)
    has_flags = bool(flags or notices) or _has_flag_rules(names)
    layout = layout_for(len(view.units), has_groups=bool(view.groups), has_flags=has_flags)
    narrow = layout.columns > 2
    rows = Rows(view, flags, write, narrow=narrow)
    freshness = live.freshness.of(view.block)
    stale_after_s = live.settings.api_stale_after_s
    return {
        "view": view,
        "layout": layout,
        "style": _style(view, layout),
        "rows": rows.all(),
        "blank": rows.row(view.units[0]) if view.units else None,
        "shortened": narrow and any(write.short_name(unit.name) != unit.name for unit in view.units),
        "flags": flags,
        "shown_flags": flags[: flags_that_fit(layout.panel, len(notices))],
        "notices": notices,
        "head": head,
        "flag_when": lambda flag: flag_when(flag, common["now"], write),
        "evaluated": write.period(head.period) if head else None,
        "freshness": freshness,
        "feed": feed_state(freshness, halted=view.halted, stale_after_s=stale_after_s),
        "spark": sparkline(freshness.minutes if freshness else []),
    }


def _followed(
    live: Live, drawn: dict[str, Any], common: dict[str, Any], rotate: int | None
) -> dict[str, Any]:
    """What the script goes on from."""
    view: RankingView = drawn["view"]
    return {
        "ranking": msgspec.to_builtins(view),
        "flags": msgspec.to_builtins(drawn["flags"]),
        "evaluation": {
            "notices": msgspec.to_builtins(notices_of(drawn["head"])),
            "simulated": drawn["head"] is not None and drawn["head"].simulated,
        },
        "freshness": msgspec.to_builtins(drawn["freshness"]),
        "layout": msgspec.to_builtins(drawn["layout"]),
        "slots": slots(view.groups),
        "halted": view.halted,
        "evaluated": drawn["evaluated"],
        "stale_after_s": live.settings.api_stale_after_s,
        "page_seconds": rotate or PAGE_SECONDS,
        "blocks": _rotation(live, common["lang"]) if rotate else [],
    }


def _flags(live: Live, names: BlockNames) -> list[FlagView]:
    return [flag_view(flag, names) for flag in live.fold.open_flags() if flag.block == names.block]


def _has_flag_rules(names: BlockNames) -> bool:
    rules = names.pack.block_by_id[names.block].flags if names.pack else None
    return rules is not None and any(rule is not None for _, rule in rules)


def _newest_evaluation(live: Live, block: BlockId) -> EvaluationHead | None:
    return next(iter(live.fold.evaluations(block)), None)


def _rotation(live: Live, lang: Language) -> list[dict[str, str]]:
    ranked = {held.value.block for held in live.fold.rankings()}
    return [
        {"block": names.block, "title": getattr(names.title, lang)}
        for names in _named(live)
        if names.block in ranked
    ]


def _style(view: RankingView, layout: Layout) -> str:
    heads = " ".join(f"minmax(0,{round(group.share * 1000)}fr)" for group in view.groups) or "1fr"
    return f":root{{--cols:{layout.columns};--rows:{layout.rows};--heads:{heads}}}"
