"""`explain`: the scorecard of one unit in a published result."""

from collections.abc import Iterator, Sequence
from decimal import localcontext

from services.contracts.explanation.lines import Lines
from services.contracts.explanation.means import CONTEXT
from services.contracts.explanation.model import Comparison, Explanation, NotExplained, Part
from services.contracts.explanation.scorecard import Scorecard
from services.contracts.ids import UnitId
from services.contracts.pack.model import Pack
from services.contracts.pack.rules import rules_hash
from services.contracts.periods import parse_period
from services.contracts.results import Evaluation, NoDelta, Ranking, UnitResult


def explain(
    result: Evaluation | Ranking,
    unit: UnitId,
    pack: Pack,
    previous: Evaluation | None = None,
    previous_pack: Pack | None = None,
) -> Explanation:
    """Explains a unit's row of a result by the result's own pack; `previous` is the evaluation that the change is told against, with its
    pack where that is another one.

    Pure: nothing but the arguments is read. Raises `NotExplained`.
    """
    with localcontext(CONTEXT):
        return _Explained(result, unit, pack).told(previous, previous_pack or pack)


class _Explained:
    def __init__(self, result: Evaluation | Ranking, unit: UnitId, pack: Pack) -> None:
        if result.block not in pack.block_by_id:
            raise NotExplained(f"the pack has no block {result.block}")
        self.result = result
        self.pack = pack
        self.scheme = pack.scheme_of(result.block)
        origins = (isinstance(result, Evaluation) and result.origins) or ()
        day = parse_period(result.period).last
        self.lines = Lines(pack, result.block, day, result.paths or (), origins)
        self.row = _row(result.units, unit)
        self.card = Scorecard(self.scheme, self.row)
        self.ranked = [row for row in result.units if row.rank is not None]

    def told(self, previous: Evaluation | None, previous_pack: Pack) -> Explanation:
        row, result, ticks = self.row, self.result, self.card.ticks
        why_not = self._no_change(previous, previous_pack)
        change = None if previous is None or why_not is not None else self._since(previous)
        return Explanation(
            block=result.block,
            unit=row.unit,
            name=self.lines.name(row.unit),
            evaluation=result.id if isinstance(result, Evaluation) else None,
            edition=result.edition if isinstance(result, Evaluation) else None,
            period=result.period,
            as_of=result.as_of,
            pack=result.pack,
            engine=result.engine,
            simulated=result.simulated or row.simulated or self.pack.campaign.simulated,
            scale=self.scheme.scale,
            decimals=self.scheme.decimals,
            rank=row.rank,
            of=len(self.ranked),
            level_with=[other.unit for other in self._level_with()],
            score=row.score,
            total=None if ticks is None else self.card.points(ticks),
            coverage=row.coverage,
            interval=row.interval,
            moved=row.moved,
            delta=row.delta,
            common=self._common(change),
            quadrant=row.quadrant or None,
            no_delta=row.no_delta or None,
            not_ranked=row.not_ranked or None,
            lines=self.lines.of(self.card),
            above=self._nearest(list(reversed(self.ranked)), above=True),
            below=self._nearest(self.ranked, above=False),
            middle=self._middle(),
            change=change,
            no_change=why_not,
        )

    def _level_with(self) -> Iterator[UnitResult]:
        return (
            other
            for other in self.ranked
            if other.unit != self.row.unit and other.score == self.row.score is not None
        )

    def _nearest(self, rows: Sequence[UnitResult], *, above: bool) -> Comparison | None:
        """The first of the rows whose rank is better (`above`) or worse than the unit's."""
        own = self.row.rank
        beyond = (
            row
            for row in rows
            if own is not None and row.rank is not None and (row.rank < own if above else row.rank > own)
        )
        return self._with(next(beyond, None))

    def _middle(self) -> Comparison | None:
        middle = self.ranked[len(self.ranked) // 2] if self.ranked else None
        return None if middle is None or middle.unit == self.row.unit else self._with(middle)

    def _with(self, other: UnitResult | None) -> Comparison | None:
        return None if other is None else self._compared(Scorecard(self.scheme, other))

    def _since(self, previous: Evaluation) -> Comparison | None:
        """Against itself in the earlier evaluation."""
        earlier = self._compared(Scorecard(self.scheme, _row(previous.units, self.row.unit)))
        return None if earlier is None else _dated(earlier, previous)

    def _compared(self, other: Scorecard) -> Comparison | None:
        row = other.result
        if self.row.score is None or row.rank is None or row.score is None:
            return None
        gaps = self.card.against(other)
        return Comparison(
            unit=row.unit,
            name=self.lines.name(row.unit),
            rank=row.rank,
            score=row.score,
            gap=self.card.points(sum(gaps.values())),
            parts=[
                Part(kind, id, self.lines.title(kind, id), self.card.points(ticks))
                for (kind, id), ticks in gaps.items()
                if ticks
            ],
        )

    def _no_change(self, previous: Evaluation | None, pack: Pack) -> NoDelta | None:
        if self.row.score is None:
            return "not_ranked_now"
        if previous is None:
            return "no_earlier_evaluation"
        if not self._has_rules_of(previous, pack):
            return "other_rules"
        then = next((row for row in previous.units if row.unit == self.row.unit), None)
        if then is None:
            return "merged" if self._is_carried_over else "other_units"
        return "not_ranked_then" if then.score is None else None

    def _has_rules_of(self, previous: Evaluation, pack: Pack) -> bool:
        """Whether the block was scored then as now: by packs with the same rules, and by the same definitions of its indicators."""
        block = self.result.block
        if block not in pack.block_by_id:
            return False
        if pack is not self.pack and rules_hash(pack, block) != rules_hash(self.pack, block):
            return False
        now, then = (parse_period(one.period).last for one in (self.result, previous))
        named = [criterion.indicator for criterion in self.scheme.criteria()]
        return all(pack.indicator_on(name, then) == pack.indicator_on(name, now) for name in named)

    @property
    def _is_carried_over(self) -> bool:
        """Whether the baseline is the earlier period on today's units, and not the evaluation as it was published."""
        baseline = self.result.baseline
        return baseline is not None and baseline.carried_over is True

    def _common(self, change: Comparison | None) -> float | None:
        """The block's median change, where the change is against the very baseline of the delta."""
        baseline = self.result.baseline
        if change is None or self.row.delta is None or baseline is None or self._is_carried_over:
            return None
        if change.evaluation != baseline.evaluation:
            return None
        return round(change.gap - self.row.delta, self.scheme.decimals) + 0.0


def _row(rows: Sequence[UnitResult], unit: UnitId) -> UnitResult:
    for row in rows:
        if row.unit == unit:
            return row
    raise NotExplained(f"there is no unit {unit} in this result")


def _dated(comparison: Comparison, of: Evaluation) -> Comparison:
    return Comparison(
        comparison.unit,
        comparison.name,
        comparison.rank,
        comparison.score,
        comparison.gap,
        comparison.parts,
        of.id,
        of.period,
    )
