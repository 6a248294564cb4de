"""`/v1/dead-letters`: what was refused after the door, newest first, and how often."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Response
from pydantic import AwareDatetime

from services.api.answers import json_answer
from services.api.dead_letters import HeldLetter, Service, Wanted
from services.api.endpoints.live_state import LiveState
from services.api.letter_views import CountPage, LetterPage, letter_view, whole_letter
from services.api.live import Live
from services.api.problems import BytesWithheld, EvaluationsUnavailable
from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.contracts.problems import BadParameter, NotFound
from services.contracts.routing import campaign_of
from services.contracts.stored_rows import StoredAppearance

router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"])

MAY_SEE_BYTES: Final = ("office", "council")
_NO_KEY: Final = "Send the key of the office or the council of the campaign as 'Authorization: Bearer <key>' to see the bytes."
_MOST: Final = 200

_LETTER: Final[dict[str, Any]] = {
    "id": "campaign.events:3:1041:0",
    "topic": "campaign.events",
    "place": [3, 1041, 0],
    "block": "sample/communes",
    "unit": "xa-12",
    "service": "scoring",
    "reason": "unknown-unit",
    "detail": "the campaign has no unit xa-12",
    "hint": "Check the subject against the published pack; a dissolved unit's reports go to its successor.",
    "source": "//xa-12",
    "event": "r-2026-10-1",
    "at": "2026-11-24T05:00:00Z",
}
_PAGE: Final = {
    "letters": [_LETTER],
    "next": "2026-11-24T05:00:00+00:00~campaign.events:3:1041:0",
    "held": 20,
    "oldest": "2026-11-23T22:10:00Z",
}
_COUNTS: Final = {
    "reasons": [
        {
            "reason": "unknown-unit",
            "held": 14,
            "per_minute": 2,
            "minutes": [0] * 58 + [12, 2],
            "last": "2026-11-24T05:00:00Z",
        }
    ]
}
_WHOLE: Final = {
    **_LETTER,
    "bytes": "eyJzcGVjdmVyc2lvbiI6IjEuMCJ9",
    "text": '{\n  "specversion": "1.0"\n}',
    "withheld": None,
    "replays": [{"place": [3, 1102, 0], "at": "2026-11-24T06:00:00Z", "refused": None}],
    "replayed": True,
    "counted": True,
    "show": "thidua dead-letters show 3:1041:0",
    "replay": "thidua dead-letters replay 3:1041:0",
}


def _example(value: object) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": value}}}}


@router.get("", responses=_example(_PAGE))
def dead_letters(
    live: LiveState,
    reason: Annotated[str | None, Query(description="as bad-event")] = None,
    unit: Annotated[str | None, Query(description="the subject of the refused event")] = None,
    block: Annotated[
        str | None, Query(description="<campaign>/<block>, or the block's own id beside campaign")
    ] = None,
    campaign: str | None = None,
    service: Annotated[Service | None, Query(description="which service refused it")] = None,
    since: Annotated[AwareDatetime | None, Query(description="from this time on, with its offset")] = None,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> Response:
    """Newest first, without their bytes. The newest of each block are held here; thidua dead-letters list has all, for ever. Not on the
    event loop: 20,000 letters take 0.15 s."""
    wanted_block = f"{campaign}/{block}" if campaign and block and "/" not in block else block
    wanted = Wanted(reason, unit, wanted_block, campaign, service, since)
    found = live.letters.newest(wanted)
    if after is not None:
        cursor = _order_of(after)
        found = [one for one in found if one.order < cursor]
    page = found[:limit]
    return json_answer(
        LetterPage(
            [letter_view(one) for one in page],
            _cursor(page[-1]) if len(found) > limit else None,
            len(live.letters),
            live.letters.oldest(),
        )
    )


@router.get("/counts", responses=_example(_COUNTS))
def counts(live: LiveState) -> Response:
    """By reason: how many are held, and how many came in each of the last 60 minutes."""
    return json_answer(CountPage(live.letters.counts()))


@router.get("/{letter}", responses=_example(_WHOLE))
def dead_letter(
    live: LiveState,
    letter: str,
    authorization: Annotated[
        str | None, Header(description="Bearer <key> of the office or the council, for the bytes")
    ] = None,
) -> Response:
    """One of them whole: its bytes, whether the event came again since, and whether it counted. Asks the store, so not on the event loop."""
    held = live.letters.get(letter)
    if held is None:
        raise NotFound(
            f"No dead letter {letter} is held here.",
            next="Older ones stand in the log: thidua dead-letters show PLACE.",
        )
    withheld = _withheld(live, held, authorization)
    return json_answer(whole_letter(held, withheld, _appearances(live, held)))


def _withheld(live: Live, held: HeldLetter, authorization: str | None) -> str | None:
    """Raises `Unauthenticated` for a key that is not known, `BytesWithheld` for one that may not see them."""
    if authorization is None:
        return _NO_KEY
    holder = live.principals.authenticate(authorization)
    if holder.role not in MAY_SEE_BYTES or holder.campaign != campaign_of(BlockId(held.letter.key)):
        raise BytesWithheld(f"The key is of the role {holder.role} in the campaign {holder.campaign}.")
    return None


def _appearances(live: Live, held: HeldLetter) -> list[StoredAppearance] | None:
    """None when it is not known."""
    if held.source is None or held.event is None:
        return None
    try:
        return live.store.appearances(BlockId(held.letter.key), held.source, held.event, held.letter.place)
    except EvaluationsUnavailable:
        return None


def _cursor(held: HeldLetter) -> str:
    return f"{held.letter.at.isoformat()}~{held.id}"


def _order_of(cursor: str) -> tuple[datetime, str, Place]:
    try:
        at, _, id = cursor.partition("~")
        topic, partition, offset, index = id.rsplit(":", 3)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("it has no zone")
        return moment, topic, Place(int(partition), int(offset), int(index))
    except ValueError as error:
        raise BadParameter(
            "after: it is no cursor of this list.", next="Give `next` of the page before, escaped."
        ) from error
