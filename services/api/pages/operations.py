"""`/operations`: what the operator and the office look at: blocks that stand still, dead letters by reason, block and unit."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from services.api.dead_letters import HeldLetter, ReasonCount, Wanted
from services.api.endpoints.blocks import RECENT
from services.api.endpoints.live_state import LiveState
from services.api.halts import HaltView, halts
from services.api.letter_views import place_text, replay_command
from services.api.live import Live
from services.api.pages.board_model import sparkline
from services.api.pages.formatting import Formatter
from services.api.pages.operations_texts import (
    HALT_COMMANDS,
    HALT_REASONS,
    HALT_REMEDIES,
    OPERATIONS_TEXTS,
    REASONS,
)
from services.api.pages.wall import Theme, page_answer, shared, templates
from services.contracts.ids import BlockId
from services.contracts.language import Language

router = APIRouter(include_in_schema=False)

NEWEST: Final = 20
MOST_UNITS: Final = 20


@dataclass(frozen=True, slots=True)
class HaltRow:
    halt: HaltView
    since: str
    shown: str
    why: str
    place: str
    remedy: str
    command: str


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Letters of one reason. `command` is None where a replay is not the remedy."""

    count: ReasonCount
    title: str
    remedy: str
    spark: str
    in_hour: int
    command: str | None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """Letters of a unit in a block; `unit` is None for bytes that name none."""

    title: str
    unit: str | None
    count: int
    last: str


@dataclass(frozen=True, slots=True)
class LetterRow:
    held: HeldLetter
    at: str
    place: str
    title: str


@router.get("/operations")
def operations(live: LiveState, lang: Language = "vi", theme: Theme | None = None) -> Response:
    """Drawn from memory alone; `operations.js` asks for it again every few seconds."""
    drawn = shared(live, lang, theme)
    page = _Page(live, drawn["format"], live.now().astimezone(_zone(live)))
    text = drawn["text"] | OPERATIONS_TEXTS[lang]
    html = templates.get_template("operations.html").render(**drawn | {"text": text, "page": page})
    return page_answer(html, drawn["nonce"])


def _zone(live: Live) -> ZoneInfo | None:
    """Of the first campaign: one province has one. Without a pack, the machine's."""
    zone = next((compiled.pack.campaign.zone for compiled in live.fold.packs()), None)
    return None if zone is None else ZoneInfo(zone)


class _Page:
    """Everything that the template writes, from one look at the memory."""

    def __init__(self, live: Live, write: Formatter, now: datetime) -> None:
        self._live = live
        self._write = write
        self.now = now
        self._letters = live.letters.newest(Wanted())
        counts = live.letters.counts()
        self.held = len(self._letters)
        self.in_minute = sum(count.per_minute for count in counts)
        self.in_hour = sum(sum(count.minutes) for count in counts)
        self.halts = [self._halt(halt) for halt in halts(live)]
        self.reasons = self._reasons(counts)
        self.units = self._units()
        self.newest = [self._letter(held) for held in self._letters[:NEWEST]]

    @property
    def stale_since(self) -> str | None:
        """While no broker answers: what is shown is of then."""
        since = self._live.health().stale_since
        return None if since is None else self.at(since)

    @property
    def unstored(self) -> int | None:
        """Records of the log that storage has not written yet; None while that is not known."""
        return next((one.behind for one in self._live.lag().groups if one.service == "storage"), None)

    @property
    def time(self) -> str:
        return self.now.strftime("%H:%M:%S")

    def at(self, at: datetime) -> str:
        return self._write.instant(at.astimezone(self.now.tzinfo), self.now)

    def _spoken(self, both: Sequence[str]) -> str:
        return both[0 if self._write.language == "vi" else 1]

    def _halt(self, halt: HaltView) -> HaltRow:
        return HaltRow(
            halt,
            since=self.at(halt.since),
            shown=self.at(halt.shown) if halt.shown else "",
            why=self._spoken(HALT_REASONS[halt.why]),
            place=place_text(halt.place),
            remedy=self._spoken(HALT_REMEDIES[halt.why]),
            command=HALT_COMMANDS[halt.why].format(block=halt.block),
        )

    def _reasons(self, counts: Iterable[ReasonCount]) -> list[ReasonRow]:
        newest = {held.letter.reason: held for held in reversed(self._letters)}
        return [self._reason(count, newest[count.reason]) for count in counts if count.reason in newest]

    def _reason(self, count: ReasonCount, newest: HeldLetter) -> ReasonRow:
        known = REASONS.get(count.reason)
        in_vietnamese = known is not None and self._write.language == "vi"
        return ReasonRow(
            count,
            title=self._spoken(known) if known else count.reason,
            remedy=known[2] if known and in_vietnamese else newest.letter.hint,
            spark=sparkline(count.minutes),
            in_hour=sum(count.minutes),
            command=f"thidua dead-letters replay --reason {count.reason}" if replay_command(newest) else None,
        )

    def _units(self) -> list[UnitRow]:
        since = self.now - RECENT
        groups: dict[tuple[str, str | None], list[HeldLetter]] = defaultdict(list)
        for held in self._letters:
            if held.letter.at >= since:
                groups[held.letter.key, held.unit].append(held)
        most = sorted(groups.items(), key=lambda item: -len(item[1]))[:MOST_UNITS]
        return [self._unit(BlockId(block), unit, found) for (block, unit), found in most]

    def _unit(self, block: BlockId, unit: str | None, found: list[HeldLetter]) -> UnitRow:
        title = getattr(self._live.names(block).title, self._write.language)
        return UnitRow(title, unit, len(found), self.at(found[0].letter.at))

    def _letter(self, held: HeldLetter) -> LetterRow:
        known = REASONS.get(held.letter.reason)
        title = self._spoken(known) if known else held.letter.reason
        return LetterRow(held, self.at(held.letter.at), place_text(held.letter.place), title)
