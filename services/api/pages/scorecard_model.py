"""What the scorecard's template draws: an explanation in the reader's words and numbers."""

from dataclasses import dataclass
from typing import Final

from services.api.pages.formatting import Formatter
from services.contracts.explanation import Comparison, Explanation, Line, Part, Words

AXIS: Final = 400
"""Width of the drawing of a rank's interval: from rank 1 to the last."""

_SIGNIFICANT: Final = 6
_WORDED_POLICIES: Final = frozenset({"zero", "exclude", "peer_mean", "peer_median", "last_value", "fail"})


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a difference with its bar: from the middle of 100, to the right where it is more."""

    title: str
    points: str
    is_up: bool
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference: with what, and its parts, the greatest first."""

    head: str
    who: str
    sum: str
    parts: list[PartRow]


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the table. `attained` 0..100 is the bar's length; `state` why there is no figure."""

    line: Line
    title: str
    measure: str
    actual: str
    target: str
    path: str
    points: str
    worth: str
    state: str
    attained: float


class Card:
    """Words and numbers of one explanation in one language."""

    def __init__(self, told: Explanation, write: Formatter, text: dict[str, str]) -> None:
        self._told = told
        self._write = write
        self._text = text

    def points(self, points: float | None) -> str:
        return (
            self._text["not_counted"] if points is None else self._write.number(points, self._told.decimals)
        )

    def signed(self, points: float) -> str:
        return self._write.signed(points, self._told.decimals)

    def gaps(self) -> list[Gap]:
        told, text = self._told, self._text
        pairs = (
            ("above", told.above),
            ("below", told.below),
            ("middle", told.middle if told.middle not in (told.above, told.below) else None),
            ("change", told.change),
        )
        return [self._gap(text[key], comparison) for key, comparison in pairs if comparison is not None]

    def rows(self) -> list[LineRow]:
        return [self._row(line) for line in self._told.lines]

    @property
    def mixes(self) -> bool:
        """Whether some criterion costs more than it is worth, as it can under a geometric or harmonic mean."""
        return any(line.kind == "criterion" and (line.points or 0) < 0 for line in self._told.lines)

    def place(self, rank: int) -> float:
        """Where a rank stands on the axis."""
        return round((rank - 1) / max(self._told.of - 1, 1) * AXIS, 1)

    def move(self) -> str:
        """up, down or same; empty where nothing is told."""
        moved = self._told.moved
        return "" if moved is None else "up" if moved > 0 else "down" if moved < 0 else "same"

    def not_ranked_why(self) -> str:
        """Why the unit has no rank, with the criteria that it lacks by name."""
        why = self._told.not_ranked
        if why is None:
            return self._text["low_coverage"]
        titles = [self._word(line.title) for line in self._told.lines if line.id in why.criteria]
        return self._text[why.why].format(criteria=", ".join(titles))

    def _gap(self, head: str, other: Comparison) -> Gap:
        form = "when" if other.period else "who"
        who = self._text[form].format(
            name=other.name,
            period=self._write.period(other.period or ""),
            rank=other.rank,
            score=self.points(other.score),
        )
        longest = max((abs(part.points) for part in other.parts), default=1.0)
        parts = sorted(other.parts, key=lambda part: -abs(part.points))
        return Gap(head, who, self.signed(other.gap), [self._part(part, longest) for part in parts])

    def _part(self, part: Part, longest: float) -> PartRow:
        width = round(abs(part.points) / longest * 50, 1)
        is_up = part.points > 0
        return PartRow(
            self._word(part.title), self.signed(part.points), is_up, 50.0 if is_up else 50.0 - width, width
        )

    def _row(self, line: Line) -> LineRow:
        has_figures = line.state is not None
        worth = "" if line.worth is None else self._write.number(line.worth, self._told.decimals)
        return LineRow(
            line=line,
            title=self._word(line.title),
            measure=("%" if line.is_share else line.unit_of_measure or "") if has_figures else "",
            actual=self._figure(line.actual, line),
            target=self._figure(line.target, line),
            path=self._figure(line.path, line),
            points=self.points(line.points) if line.kind != "bonus" else self.signed(line.points or 0.0),
            worth=worth,
            state=self._state(line),
            attained=round(100 * min(max(line.score or 0.0, 0.0), 1.0), 1),
        )

    def _figure(self, value: float | None, line: Line) -> str:
        """At six significant digits, of which a page needs no more; zeros at the end are left out."""
        if value is None:
            return ""
        plain = f"{value * 100 if line.is_share else value:.{_SIGNIFICANT}g}"
        number = float(plain)
        decimals = len(f"{number:f}".rstrip("0").partition(".")[2])
        return self._write.number(number, decimals)

    def _state(self, line: Line) -> str:
        """What there is to say beside the figure: why there is none, where the plan stands, who says otherwise, of which other period it is."""
        if line.state == "not_reported":
            policy = line.missing if line.missing in _WORDED_POLICIES else "other"
            return self._text[f"{policy}_for"]
        if line.state in ("not_due", "not_applicable", "inherited"):
            return self._text[line.state]
        said = [self._text[line.light]] if line.light else []
        if line.adjusted:
            said.append(self._text["adjusted"].format(points=self.signed(line.adjusted)))
        for other in line.others:
            origin = self._text[f"origin_{other.origin}"]
            said.append(
                self._text["said_otherwise"].format(origin=origin, value=self._figure(other.actual, line))
            )
        if line.period and line.period != self._told.period:
            said.append(self._text["of_period"].format(period=self._write.period(line.period)))
        return "; ".join(said)

    def _word(self, words: Words) -> str:
        return words.vi if self._write.language == "vi" else words.en
