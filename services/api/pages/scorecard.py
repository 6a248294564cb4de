"""`/units/{campaign}/{unit}`: a unit's scorecard, of its live ranking or of an official evaluation. Whole without a script; it prints."""

import secrets
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from services.api.endpoints.live_state import LiveState
from services.api.explaining import before, explained, official
from services.api.live import Live
from services.api.naming import halt_of
from services.api.pages.board_model import HaltTimes, halt_times
from services.api.pages.formatting import Formatter
from services.api.pages.scorecard_model import AXIS, Card
from services.api.pages.scorecard_texts import SCORECARD_TEXTS
from services.api.pages.wall import templates
from services.api.problems import EvaluationsUnavailable
from services.api.security import page_policy
from services.contracts.explanation import Explanation
from services.contracts.ids import BlockId, CampaignId, EvaluationId, UnitId
from services.contracts.language import Language
from services.contracts.problems import NotFound
from services.contracts.results import Evaluation, Ranking
from services.contracts.routing import campaign_of

router = APIRouter(include_in_schema=False)


@router.get("/units/{campaign}/{unit}")
def scorecard(
    live: LiveState,
    campaign: str,
    unit: str,
    block: str | None = None,
    evaluation: str | None = None,
    lang: Language = "vi",
    theme: Literal["light", "dark"] | None = None,
) -> Response:
    """The unit in the live ranking of its block (`block` where it is in several), or in an official evaluation. Asks the store, so not on
    the event loop."""
    result = _result(live, CampaignId(campaign), UnitId(unit), block, evaluation)
    told, is_silent = _told(live, result, UnitId(unit))
    html = templates.get_template("scorecard.html").render(
        **_drawn(live, told, lang, theme), is_silent=is_silent, halt=_halt(live, result, lang)
    )
    headers = {
        "Content-Security-Policy": page_policy(secrets.token_urlsafe(12)),
        "Cache-Control": "no-store",
    }
    return Response(html, media_type="text/html", headers=headers)


def _result(
    live: Live, campaign: CampaignId, unit: UnitId, block: str | None, evaluation: str | None
) -> Evaluation | Ranking:
    """Raises `NotFound`, and `EvaluationsUnavailable`."""
    if evaluation is not None:
        found = official(live, EvaluationId(evaluation))
        if campaign_of(found.block) != campaign:
            raise NotFound(f"The evaluation {evaluation} is not one of the campaign {campaign}.")
        return found
    rankings = [held.value for held in live.fold.rankings() if campaign_of(held.value.block) == campaign]
    of_unit = [ranking for ranking in rankings if any(row.unit == unit for row in ranking.units)]
    chosen = [ranking for ranking in of_unit if block in (None, ranking.block)]
    if not chosen:
        raise NotFound(f"No live ranking of the campaign {campaign} has the unit {unit}.")
    return max(chosen, key=lambda ranking: ranking.as_of)


def _told(live: Live, result: Evaluation | Ranking, unit: UnitId) -> tuple[Explanation, bool]:
    """The explanation, and whether the store was silent about the evaluation before: the rest does not wait for it."""
    try:
        return explained(live, result, unit, before(live, result)), False
    except EvaluationsUnavailable:
        return explained(live, result, unit, None), True


def _halt(live: Live, result: Evaluation | Ranking, lang: Language) -> HaltTimes | None:
    """Of the block's live ranking; an official evaluation stands as it is."""
    halt = halt_of(result)
    if halt is None:
        return None
    names = live.names(result.block, result.pack)
    now = live.now().astimezone(ZoneInfo(names.pack.campaign.zone) if names.pack else None)
    return halt_times(halt.since, result.as_of, now, Formatter(lang))


def _drawn(live: Live, told: Explanation, lang: Language, theme: str | None) -> dict[str, Any]:
    write, text = Formatter(lang), SCORECARD_TEXTS[lang]
    names = live.names(BlockId(told.block), told.pack)
    zone = ZoneInfo(names.pack.campaign.zone) if names.pack else None
    return {
        "lang": lang,
        "theme": theme,
        "text": {**write.texts, **text},
        "format": write,
        "told": told,
        "names": names,
        "campaign": campaign_of(told.block),
        "card": Card(told, write, text),
        "axis": AXIS,
        "newest": next(iter(live.fold.evaluations(BlockId(told.block))), None),
        "as_of": told.as_of.astimezone(zone),
        "unit_names": {row: names.unit(row)[0] for row in told.level_with},
    }
