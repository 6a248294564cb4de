"""Dead letters as the api gives them."""

import base64
import json
from datetime import datetime

import msgspec

from services.api.dead_letters import HeldLetter, ReasonCount, Service
from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.contracts.stored_rows import StoredAppearance
from services.contracts.topics import EVENTS


class LetterView(msgspec.Struct, frozen=True):
    """A dead letter in the list. `service` refused it; `unit`, `source` and `event` are the refused event's own words, null where they
    cannot be read."""

    id: str
    topic: str
    place: Place
    block: BlockId
    unit: str | None
    service: Service
    reason: str
    detail: str
    hint: str
    source: str | None
    event: str | None
    at: datetime


class LetterPage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the following page, null on the last. `held` counts all letters in memory, the oldest of which is of `oldest`."""

    letters: list[LetterView]
    next: str | None
    held: int
    oldest: datetime | None


class CountPage(msgspec.Struct, frozen=True):
    """What came in, by reason."""

    reasons: list[ReasonCount]


class Replay(msgspec.Struct, frozen=True):
    """A later place of the same event in the log. `refused` is the reason why it could not be applied there either, null where it was."""

    place: Place
    at: datetime
    refused: str | None


class WholeLetter(LetterView, frozen=True):
    """One dead letter with its bytes. Without a key of the office or the council `withheld` says so in their place.

    `text` is the event as indented JSON, null where the bytes are none. `replayed` says that the event came into the log again, `counted`
    that a later place of it was applied; both are null when the store does not answer, or nothing names the event.
    """

    bytes: str | None
    text: str | None
    withheld: str | None
    replays: list[Replay] | None
    replayed: bool | None
    counted: bool | None
    show: str
    replay: str | None


def letter_view(held: HeldLetter) -> LetterView:
    letter = held.letter
    return LetterView(
        id=held.id,
        topic=letter.topic,
        place=letter.place,
        block=BlockId(letter.key),
        unit=held.unit,
        service=held.service,
        reason=letter.reason,
        detail=letter.detail,
        hint=letter.hint,
        source=held.source,
        event=held.event,
        at=letter.at,
    )


def whole_letter(
    held: HeldLetter, withheld: str | None, appearances: list[StoredAppearance] | None
) -> WholeLetter:
    """`withheld`: why the bytes are not shown; None shows them."""
    replays = None if appearances is None else replays_of(held, appearances)
    body = None if withheld else held.body
    if body is None and withheld is None:
        withheld = "The bytes are too large to be held here; the command shows them."
    return WholeLetter(
        **msgspec.structs.asdict(letter_view(held)),
        bytes=None if body is None else base64.b64encode(body).decode(),
        text=None if body is None else _as_json(body),
        withheld=withheld,
        replays=replays,
        replayed=None if replays is None else bool(replays),
        counted=None if replays is None else any(one.refused is None for one in replays),
        show=f"thidua dead-letters show {place_text(held.letter.place)}",
        replay=replay_command(held),
    )


def replays_of(held: HeldLetter, appearances: list[StoredAppearance]) -> list[Replay]:
    """The places after the letter's own."""
    places = [(Place(one.partition, one.offset, one.index), one) for one in appearances]
    return [Replay(place, one.at, one.refused or None) for place, one in places if place > held.letter.place]


def replay_command(held: HeldLetter) -> str | None:
    """None where a replay is not the remedy: a halted block goes on by itself, and storage reads its own topics again."""
    if held.letter.topic != EVENTS.name or held.letter.reason == "block-halted":
        return None
    return f"thidua dead-letters replay {place_text(held.letter.place)}"


def place_text(place: Place) -> str:
    """As the command takes it."""
    return f"{place.partition}:{place.offset}:{place.index}"


def _as_json(body: bytes) -> str | None:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return None
