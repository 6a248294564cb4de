"""What the pages of a wall share: the templates, which block, the masthead's figures, flags, and what the script goes on from."""

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.api.fold import EvaluationHead
from services.api.live import Live
from services.api.naming import BlockNames, flag_view, ranking_view
from services.api.pages.board_model import (
    HaltTimes,
    feed_state,
    flag_when,
    flags_that_fit,
    halt_times,
    sparkline,
)
from services.api.pages.formatting import Formatter
from services.api.pages.layout import Layout
from services.api.pages.notices import notice_items, notices_of
from services.api.security import page_policy
from services.api.views import FlagView, RankingView
from services.contracts.ids import BlockId
from services.contracts.language import Language

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
PAGE_SECONDS: Final = 20
"""How long one screen of a block with several stands, unless the address says otherwise."""

Theme = Literal["light", "dark"]
Drawn = dict[str, Any]
"""What a template is given."""

templates: Final = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

DrawBlock = Callable[[BlockId, Drawn], str]


def answered(live: Live, block: str | None, lang: Language, theme: Theme | None, draw: DrawBlock) -> Response:
    """The page that `draw` makes of the block that the address names, or else of the one whose last event is newest."""
    chosen = BlockId(block) if block else newest_block(live)
    drawn = shared(live, lang, theme)
    if chosen is None or chosen not in live.blocks():
        html = templates.get_template("nothing.html").render(**drawn, asked=chosen, blocks=_named(live))
        return page_answer(html, drawn["nonce"], 200 if chosen is None else 404)
    return page_answer(draw(chosen, drawn), drawn["nonce"])


def page_answer(html: str, nonce: str, status: int = 200) -> Response:
    """A page that is drawn anew for everyone who asks."""
    headers = {"Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"}
    return Response(html, status_code=status, media_type="text/html", headers=headers)


def newest_block(live: Live) -> BlockId | None:
    """The block whose ranking heard of an event last; without rankings the first that a pack names."""
    rankings = live.fold.rankings()
    if rankings:
        return max(rankings, key=lambda held: (held.value.as_of, held.value.events)).value.block
    return next(iter(live.blocks()), None)


def shared(live: Live, lang: Language, theme: Theme | None) -> Drawn:
    """What the frame of every page is drawn from."""
    formatter = Formatter(lang)
    return {
        "lang": lang,
        "theme": theme,
        "nonce": secrets.token_urlsafe(12),
        "format": formatter,
        "text": formatter.texts,
        "now": live.now().astimezone(),
        "caught_up": live.health().caught_up,
    }


def _named(live: Live) -> list[BlockNames]:
    return [live.names(block) for block in live.blocks()]


class Wall:
    """One block on a wall. Positions are read before anything else: what comes in between is then sent twice, not never."""

    def __init__(self, live: Live, block: BlockId, frame: Drawn) -> None:
        self._live = live
        self._after = live.fold.positions.encode()
        held = live.fold.ranking(block)
        self.names = live.names(block, held.value.pack if held else None)
        self.view = ranking_view(held.value, self.names, full=False) if held else None
        zone = ZoneInfo(self.names.pack.campaign.zone) if self.names.pack else None
        self.shared: Drawn = {**frame, "now": live.now().astimezone(zone)}
        self.format: Formatter = frame["format"]
        self.flags = [flag_view(flag, self.names) for flag in live.fold.open_flags() if flag.block == block]
        self._head: EvaluationHead | None = next(iter(live.fold.evaluations(block)), None)
        self.notices = notice_items(self._head, self.view, self.format) if self.view else []

    @property
    def flags_may_come(self) -> bool:
        """Whether the page needs a place for flags and notices."""
        rules = self.names.pack.block_by_id[self.names.block].flags if self.names.pack else None
        has_rules = rules is not None and any(rule is not None for _, rule in rules)
        return bool(self.flags or self.notices) or has_rules

    def empty(self) -> str:
        """The page of a block without a ranking."""
        pack, today = self.names.pack, self._live.now().date()
        units = len(pack.units_of(self.names.block, today)) if pack else 0
        page = templates.get_template("empty.html")
        return page.render(**self.shared, names=self.names, units=units, state=self._state())

    def drawn(self, view: RankingView, layout: Layout) -> Drawn:
        """The masthead, the flags and the notices of a page with a ranking."""
        freshness = self._live.freshness_of(view.block)
        stale_after_s = self._live.settings.api_stale_after_s
        return self.shared | {
            "view": view,
            "layout": layout,
            "flags": self.flags,
            "shown_flags": self.flags[: flags_that_fit(layout.panel, len(self.notices))],
            "notices": self.notices,
            "flag_when": self._when,
            "evaluated": self.format.period(self._head.period) if self._head else None,
            "halt": self._halt(view),
            "freshness": freshness,
            "feed": feed_state(freshness, halted=view.halted, stale_after_s=stale_after_s),
            "spark": sparkline(freshness.minutes if freshness else []),
        }

    def _halt(self, view: RankingView) -> HaltTimes | None:
        if view.halted_since is None:
            return None
        return halt_times(view.halted_since, view.as_of, self.shared["now"], self.format)

    def _when(self, flag: FlagView) -> str:
        now: datetime = self.shared["now"]
        return flag_when(flag, now, self.format)

    def followed(self, view: RankingView, layout: Layout, path: str, rotate: int | None) -> Drawn:
        """What the script of a page at `path` goes on from."""
        freshness = self._live.freshness_of(view.block)
        return self._state() | {
            "path": path,
            "ranking": msgspec.to_builtins(view),
            "flags": msgspec.to_builtins(self.flags),
            "evaluation": {
                "notices": msgspec.to_builtins(notices_of(self._head)),
                "simulated": self._head is not None and self._head.simulated,
            },
            "freshness": msgspec.to_builtins(freshness),
            "layout": msgspec.to_builtins(layout),
            "halted": view.halted,
            "evaluated": self.format.period(self._head.period) if self._head else None,
            "stale_after_s": self._live.settings.api_stale_after_s,
            "page_seconds": rotate or PAGE_SECONDS,
            "stops": self._rotation() if rotate else [],
        }

    def _state(self) -> Drawn:
        return {
            "block": self.names.block,
            "after": self._after,
            "lang": self.format.language,
            "text": self.format.texts,
        }

    def _rotation(self) -> list[dict[str, str]]:
        """Where a wall that goes round stops: each block with a ranking, and behind it its map."""
        ranked = {held.value.block for held in self._live.fold.rankings()}
        stops = []
        for names in _named(self._live):
            if names.block not in ranked:
                continue
            title = getattr(names.title, self.format.language)
            stops.append({"path": "/", "block": names.block, "title": title})
            if has_map(names):
                on_map = self.format.texts["map_of"].format(title=title)
                stops.append({"path": "/map", "block": names.block, "title": on_map})
        return stops


def has_map(names: BlockNames) -> bool:
    """Whether the pack has areas of units of the block."""
    if names.pack is None:
        return False
    drawn = {area.unit for area in names.pack.areas}
    return any(unit.id in drawn for unit in names.pack.rows_by_block.get(names.block, ()))
