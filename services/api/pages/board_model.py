"""The wall board of one block, ready for the template: every text and every coordinate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Final, NamedTuple

import msgspec

from services.api.freshness import Freshness
from services.api.pages.formatting import Formatter
from services.api.pages.layout import Panel
from services.api.views import FlagView, GroupView, RankingView, UnitView
from services.contracts.ids import BlockId, UnitId
from services.contracts.language import Language
from services.contracts.results import CellState
from services.contracts.routing import campaign_of

BAR_WIDTH: Final = 330.0
BAR_GAP: Final = 3.0
WHISK_WIDTH: Final = 150.0
COVERAGE_WIDTH: Final = 56.0
LOW_COVERAGE: Final = 0.9
"""Coverage below this is bold."""

SIDE_FLAGS: Final = 6
MAP_FLAGS: Final = 2
BAR_FLAGS: Final = 3


class Slot(NamedTuple):
    """Where a group's cell lies in every row's bar."""

    x: float
    width: float


class Cell(NamedTuple):
    """A group's cell in one row. `fill` and `median` are widths and places in the bar's units."""

    x: float
    width: float
    fill: float
    median: float | None
    state: CellState
    zero: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One unit's row."""

    unit: UnitView
    name: str
    href: str
    """The unit's scorecard."""
    rank: str
    move: str
    """`up`, `down`, `same`, or empty without a baseline."""
    places: str
    net: str
    score: str
    interval: str
    range_x: float
    range_width: float
    point_x: float
    coverage: str
    coverage_width: float
    low: bool
    cells: list[Cell]
    bar_label: str
    whisk_label: str
    flag: FlagView | None
    """The open flag of the unit; the first of the list when there are several."""


def flags_that_fit(panel: Panel, notices: int) -> int:
    """Beside the ranking a notice may take three lines: two of them take the room of three flags."""
    if panel == "map":
        return MAP_FLAGS - notices
    return BAR_FLAGS - notices if panel == "bar" else SIDE_FLAGS - notices * 3 // 2


def scorecard_address(block: BlockId, unit: UnitId, language: Language) -> str:
    """Ids need no escaping. The script writes the same."""
    spoken = "" if language == "vi" else f"&lang={language}"
    return f"/units/{campaign_of(block)}/{unit}?block={block}{spoken}"


def tenth(value: float) -> float:
    """Rounded to one decimal exactly as the script does."""
    return floor(value * 10 + 0.5) / 10


def slots(groups: Sequence[GroupView]) -> list[Slot]:
    """Cells side by side, as wide as their share."""
    room = BAR_WIDTH - BAR_GAP * (len(groups) - 1)
    placed, x = [], 0.0
    for group in groups:
        width = tenth(group.share * room)
        placed.append(Slot(tenth(x), width))
        x += width + BAR_GAP
    return placed


class HaltTimes(NamedTuple):
    """Since when a block stands still, and of when its ranking is, as they are written."""

    since: str
    shown: str


def halt_times(since: datetime, shown: datetime, now: datetime, formatter: Formatter) -> HaltTimes:
    """`now` has the zone that the times are written in."""
    return HaltTimes(*(formatter.instant(at.astimezone(now.tzinfo), now) for at in (since, shown)))


class Rows:
    """Builds the rows of one ranking."""

    def __init__(
        self, view: RankingView, flags: Sequence[FlagView], formatter: Formatter, *, narrow: bool
    ) -> None:
        self._narrow = narrow
        self._view = view
        self._format = formatter
        self._slots = slots(view.groups)
        self._flagged = {flag.unit: flag for flag in reversed(flags)}

    def all(self) -> list[Row]:
        return [self.row(unit) for unit in self._view.units]

    def row(self, unit: UnitView) -> Row:
        low, high = unit.interval or (0, 0)
        of, write = max(self._view.ranked, 1), self._format
        return Row(
            unit=unit,
            name=write.short_name(unit.name) if self._narrow else unit.name,
            href=scorecard_address(self._view.block, unit.unit, write.language),
            rank="–" if unit.rank is None else str(unit.rank),
            move=""
            if unit.moved is None
            else "up"
            if unit.moved > 0
            else "down"
            if unit.moved < 0
            else "same",
            places=str(abs(unit.moved)) if unit.moved else "",
            net="" if unit.delta is None else write.signed(unit.delta, self._view.decimals),
            score="" if unit.score is None else write.number(unit.score, self._view.decimals),
            interval=write.interval(unit.interval) if unit.interval else "",
            range_x=_along(low - 1, of),
            range_width=_along(high - low + 1, of) if high > low else 0,
            point_x=_along((unit.rank or 0) - 0.5, of),
            coverage=write.percent(unit.coverage),
            coverage_width=tenth(unit.coverage * COVERAGE_WIDTH),
            low=unit.coverage < LOW_COVERAGE,
            cells=self._cells(unit),
            bar_label=self._bar_label(unit),
            whisk_label=write.texts["interval_label"].format(low=low, high=high, of=of),
            flag=self._flagged.get(unit.unit),
        )

    def _cells(self, unit: UnitView) -> list[Cell]:
        return [
            _cell(slot, group, *_standing(unit, place))
            for place, (slot, group) in enumerate(zip(self._slots, self._view.groups, strict=True))
        ]

    def _bar_label(self, unit: UnitView) -> str:
        told = (self._told(group, *_standing(unit, place)) for place, group in enumerate(self._view.groups))
        return "; ".join(told)

    def _told(self, group: GroupView, score: float | None, state: CellState) -> str:
        title = getattr(group.title, self._format.language)
        if state != "reported" or score is None:
            return f"{title} {self._format.texts[state if state != 'reported' else 'no_score']}"
        if group.points is None:
            return f"{title} {self._format.number(score, 3)}"
        points = self._format.number(score * group.points, 2)
        return f"{title} {points} {self._format.texts['of']} {self._format.number(group.points, 0)}"


def _standing(unit: UnitView, place: int) -> tuple[float | None, CellState]:
    score = unit.groups[place] if place < len(unit.groups) else None
    return score, unit.states[place] if unit.states else "reported"


def _cell(slot: Slot, group: GroupView, score: float | None, state: CellState) -> Cell:
    shown = max(0.0, min(1.0, score or 0.0)) if state == "reported" else 0.0
    return Cell(
        slot.x,
        slot.width,
        tenth(shown * slot.width),
        None if group.median is None else tenth(slot.x + min(1.0, group.median) * slot.width),
        state,
        zero=state == "reported" and score == 0,
    )


def _along(places: float, of: int) -> float:
    return tenth(max(0.0, places) / of * WHISK_WIDTH)


def sparkline(minutes: Sequence[int]) -> str:
    """Points of a line in a box of 96 x 26."""
    top = max(max(minutes, default=0), 1)
    step = 90 / max(len(minutes) - 1, 1)
    return " ".join(f"{2 + i * step:.1f},{23 - 18 * count / top:.1f}" for i, count in enumerate(minutes))


def feed_state(freshness: Freshness | None, *, halted: bool, stale_after_s: float) -> str:
    """`live`, `slow`, `halted`, `stale` while no broker answers, or `waiting` before the first event."""
    if freshness is None:
        return "waiting"
    if freshness.stale_since is not msgspec.UNSET:
        return "stale"
    if halted:
        return "halted"
    return "slow" if freshness.seconds > stale_after_s else "live"


def flag_when(flag: FlagView, now: datetime, formatter: Formatter) -> str:
    return formatter.moment(flag.as_of.astimezone(now.tzinfo), now)
