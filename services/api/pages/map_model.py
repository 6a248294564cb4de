"""The map of one block, ready for the template: classes of points, areas with their rank, the top and the bottom of the table."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from typing import Final, NamedTuple

from services.api.pages.board_model import Row, tenth
from services.api.pages.formatting import Formatter
from services.api.pages.map_drawing import Shape, drawn_land
from services.api.views import RankingView
from services.contracts.pack.model import Pack

CLASSES: Final = 5
TOP: Final = 6
BOTTOM: Final = 5
ROUND: Final = (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10)
BAR: Final = 42.0
"""Height of the fullest class's bar."""


@dataclass(frozen=True, slots=True)
class MapArea:
    """One unit's land. `level` is its class from 1 to 5, `n` when it is not ranked, `o` when it is of another block; `label` its rank."""

    shape: Shape
    name: str
    level: str
    label: str


class Bar(NamedTuple):
    """One class in the key: how many units, in words which points, and the bar in a box of 92 wide."""

    level: str
    units: int
    words: str
    y: float
    height: float


def cuts_of(scores: Sequence[float], scale: float) -> list[float]:
    """Four round numbers that part the scores into five classes of one width; the first and the last class are open."""
    lowest, highest = (min(scores), max(scores)) if scores else (0.0, scale)
    step = _round_step(max((highest - lowest) / CLASSES, scale / 1000))
    first = floor(((lowest + highest) / 2 - 1.5 * step) / step + 0.5) * step
    return [round(first + place * step, 9) for place in range(CLASSES - 1)]


def _round_step(least: float) -> float:
    """The next round number: a few digits times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in ROUND if factor * power >= least * (1 - 1e-9))


def level_of(score: float | None, cuts: Sequence[float]) -> str:
    return "n" if score is None else str(bisect_right(cuts, score) + 1)


def areas_of(view: RankingView, pack: Pack, cuts: Sequence[float], write: Formatter) -> list[MapArea]:
    """The areas of all units that are there on the day of the ranking, those of other blocks as bare land."""
    day = view.as_of.date()
    there = {unit.id: unit.name for unit in pack.units if unit.holds(day)}
    ranked = {unit.unit: unit for unit in view.units}
    drawn = []
    for shape in drawn_land(pack.areas, there):
        unit = ranked.get(shape.unit)  # type: ignore[call-overload]
        level = "o" if unit is None else level_of(unit.score, cuts)
        label = "" if unit is None else "–" if unit.rank is None else str(unit.rank)
        drawn.append(MapArea(shape, write.short_name(there[shape.unit]), level, label))
    return drawn


def bars_of(view: RankingView, cuts: Sequence[float], write: Formatter) -> list[Bar]:
    """The classes with how many units each has; a sixth for units that are not ranked."""
    levels = [level_of(unit.score, cuts) for unit in view.units]
    names = [str(place + 1) for place in range(CLASSES)] + ["n"]
    fullest = max(levels.count(name) for name in names) or 1
    words = class_words(cuts, write)
    bars = []
    for name, said in zip(names, words, strict=True):
        height = tenth(levels.count(name) / fullest * BAR)
        bars.append(Bar(name, levels.count(name), said, tenth(24 + BAR - height), height))
    return bars


def class_words(cuts: Sequence[float], write: Formatter) -> list[str]:
    step = cuts[1] - cuts[0]
    decimals = next(places for places in range(10) if abs(step - round(step, places)) < step * 1e-6)
    said = [write.number(cut, decimals) for cut in cuts]
    between = [f"{low}–{high}" for low, high in pairwise(said)]
    texts = write.texts
    return [
        texts["map_below"].format(points=said[0]),
        *between,
        texts["map_from"].format(points=said[-1]),
        texts["map_unranked"],
    ]


def ends(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The first and the last of those that are ranked, no unit twice."""
    ranked = [row for row in rows if row.unit.rank is not None]
    top = ranked[: min(TOP, (len(ranked) + 1) // 2)]
    return top, ranked[len(top) :][-BOTTOM:]
