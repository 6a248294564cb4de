"""The lines of a scorecard with their titles, figures and targets."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from services.contracts.explanation.model import Kind, Line, OtherFigure, Words
from services.contracts.explanation.scorecard import Scorecard, Tally
from services.contracts.explanation.tree import Node
from services.contracts.ids import BlockId, UnitId, block_id
from services.contracts.pack.base import Text
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import (
    Bonus,
    CappedRatio,
    CountPoints,
    Exceedance,
    Goalposts,
    PassFail,
    Penalty,
    TargetRatio,
)
from services.contracts.pack.model import Pack
from services.contracts.pack.scheme import Criterion, Group, name_of
from services.contracts.results import CriterionResult, OriginFigure, PathResult, UnitResult

_ENDS = {
    "cap": Words("Vượt thang điểm, không tính", "Beyond the scale, not counted"),
    "floor": Words("Không trừ xuống dưới 0", "Not taken below 0"),
}


class Lines:
    """Writes the lines of one block's units."""

    def __init__(
        self,
        pack: Pack,
        block: BlockId,
        day: date,
        paths: Iterable[PathResult],
        origins: Iterable[OriginFigure] = (),
    ) -> None:
        """`day` is the last of the period: indicators are told by their definitions of that day."""
        self._pack = pack
        self._day = day
        self._paths = {(path.unit, path.criterion): path for path in paths}
        self._others: dict[tuple[UnitId, str], list[OtherFigure]] = {}
        for one in origins:
            other = OtherFigure(one.origin, one.actual)
            self._others.setdefault((one.unit, one.criterion), []).append(other)
        self._block = block
        scheme = pack.scheme_of(block)
        self._members = {name_of(member): member for member in _members(scheme.root)}
        self._members |= {extra.criterion: extra for extra in scheme.extras}
        self._columns = {leaf.criterion: column for column, leaf in enumerate(scheme.criteria())}

    def name(self, unit: UnitId) -> str:
        """The unit's name in this block; its id where the pack has none."""
        rows = self._pack.rows_by_unit.get(unit, ())
        here = [row for row in rows if block_id(self._pack.campaign.id, row.block) == self._block]
        return (here or list(rows))[-1].name if rows else str(unit)

    def title(self, kind: Kind, id: str) -> Words:
        """Of a line or a part."""
        if kind in _ENDS:
            return _ENDS[kind]
        own = self._own_title(self._members[id])
        match kind:
            case "rounding":
                return Words(f"Làm tròn: {own.vi}", f"Rounding: {own.en}")
            case "adjustment":
                return Words(f"Hội đồng điều chỉnh: {own.vi}", f"Adjusted by the council: {own.en}")
            case "gate":
                return Words(f"Chưa đạt mức tối thiểu: {own.vi}", f"Below the minimum: {own.en}")
            case _:
                return Words(own.vi, own.en)

    def of(self, card: Scorecard) -> list[Line]:
        """All lines of the unit; those of extras that it has no figure for among them."""
        return [self._line(card, tally) for tally in card.tallies()]

    def _line(self, card: Scorecard, tally: Tally) -> Line:
        points = None if tally.ticks is None else card.points(tally.ticks)
        line = Line(tally.kind, tally.id, self.title(tally.kind, tally.id), _depth(tally), points)
        if tally.kind == "group" and tally.node is not None:
            return _replaced(line, **_place(tally.node, tally.worth), score=_score(card, tally.node))
        if tally.kind not in ("criterion", "bonus", "penalty"):
            return line
        column = self._columns[tally.id]
        place = (
            {"worth": self._criterion(tally.id).weight}
            if tally.node is None
            else _place(tally.node, tally.worth)
        )
        result = card.result.criteria[column]
        path = self._path(card.result.unit, tally.id)
        figures = self._figures(self._criterion(tally.id), result)
        adjusted = _adjusted(card.result, tally.id)
        others = self._said_otherwise(card.result.unit, tally.id)
        return _replaced(line, **place, **figures, **path, adjusted=adjusted, others=others)

    def _said_otherwise(self, unit: UnitId, criterion: str) -> list[OtherFigure]:
        """Plain figures cannot stand beside one that is told by a denominator."""
        per_something = self._criterion(criterion).per is not None
        return [] if per_something else self._others.get((unit, criterion), [])

    def _path(self, unit: UnitId, criterion: str) -> dict[str, object]:
        path = self._paths.get((unit, criterion))
        return {} if path is None else {"path": path.target, "light": path.light}

    def _criterion(self, id: str) -> Criterion:
        member = self._members[id]
        assert isinstance(member, Criterion)
        return member

    def _figures(self, criterion: Criterion, result: CriterionResult) -> dict[str, object]:
        indicator = self._indicator(criterion)
        return {
            "score": result.score,
            "state": result.state,
            "missing": criterion.missing if result.state in ("not_reported", "inherited") else None,
            "actual": result.actual,
            "unit_of_measure": indicator.unit_of_measure,
            "is_share": indicator.is_percentage and criterion.per is None,
            "target": target_of(criterion, indicator),
            "period": result.period,
            "origin": result.origin,
            "source": result.source,
            "event": result.id,
        }

    def _indicator(self, criterion: Criterion) -> Indicator:
        on = self._pack.indicator_on(criterion.indicator, self._day)
        return on or self._pack.indicator_by_id[criterion.indicator]

    def _own_title(self, member: Group | Criterion) -> Text:
        if isinstance(member, Criterion) and member.title is None:
            return self._indicator(member).title
        assert member.title is not None
        return member.title


def target_of(criterion: Criterion, indicator: Indicator) -> float | None:
    """The figure that full marks ask for (of an exceedance, half of them); null where units are compared with one another."""
    match criterion.scoring:
        case TargetRatio(target=target) | Exceedance(target=target):
            return target
        case CappedRatio(threshold=threshold) | PassFail(threshold=threshold):
            return threshold
        case Goalposts(low=low, high=high):
            return high if indicator.direction == "higher" else low
        case CountPoints() | Bonus() | Penalty() | _:
            return None


def _members(member: Group | Criterion) -> Iterator[Group | Criterion]:
    yield member
    if isinstance(member, Group):
        for inner in member.members:
            yield from _members(inner)


def _depth(tally: Tally) -> int:
    """A rounding stands with the members of its group; what is beside the tree with the root."""
    if tally.node is None:
        return 0
    return tally.node.depth + (tally.kind == "rounding")


def _place(node: Node, worth: Decimal | None) -> dict[str, object]:
    return {
        "weight": _significant(node.share),
        "worth": None if worth is None else _significant(worth),
    }


def _adjusted(result: UnitResult, extra: str) -> float | None:
    return next((one.points for one in result.adjustments or () if one.criterion == extra), None)


def _score(card: Scorecard, node: Node) -> float | None:
    score = card.side.value(node)
    return None if score is None else _significant(score)


def _significant(value: Decimal) -> float:
    """At 12 digits, as published figures are."""
    return float(f"{value:.12g}") + 0.0


def _replaced(line: Line, **fields: object) -> Line:
    return Line(line.kind, line.id, line.title, line.depth, line.points, **fields)  # type: ignore[arg-type]
