"""What a block's evaluation reports of its units' parents: the share of children that pass, as an ordinary report to the parent's block.

The report is a function of the evaluation and the pack alone, its id of the evaluation, the indicator and the parent: whoever makes it again,
after a crash or elsewhere, makes the same one, and a fold counts it once.
"""

from collections.abc import Iterator
from typing import Final

from services.contracts.event_data import ReportData
from services.contracts.events import Report
from services.contracts.ids import UnitId
from services.contracts.pack.children import FromChildren
from services.contracts.pack.indicator import Indicator
from services.contracts.periods import Period, parse_period
from services.contracts.results import Evaluation, UnitResult
from services.scoring.engine.log.carrying import Carry
from services.scoring.engine.scoring.plan import Plan

SOURCE: Final = "/thidua/scoring"

_SCORE_SLACK: Final = 1e-9
"""Published scores are rounded to twelve digits."""


def parent_reports(evaluation: Evaluation, plan: Plan) -> list[Carry]:
    """Indicators in pack order, each with the parents that have children in the block on the period's last day, by id.

    A newer edition outranks an older one by its revision. A parent that is in no block on that day is not reported of.
    """
    period = parse_period(evaluation.period)
    return [
        one
        for indicator in plan.made_of_children
        if indicator.from_children is not None
        and indicator.cadence == period.cadence
        and indicator.holds(period.last)
        for one in _of_indicator(evaluation, plan, indicator, indicator.from_children, period)
    ]


def _of_indicator(
    evaluation: Evaluation, plan: Plan, indicator: Indicator, source: FromChildren, period: Period
) -> Iterator[Carry]:
    column = next(at for at, one in enumerate(plan.criteria) if one.criterion == source.criterion)
    rows = {row.unit: row for row in evaluation.units}
    children: dict[str, list[UnitResult]] = {}
    for unit in plan.units_on(period.last):
        if unit.parent is not None:
            children.setdefault(unit.parent, []).append(rows[UnitId(unit.id)])
    for parent, own in sorted(children.items()):
        block = plan.pack.block_of(parent, period.last)
        if block is not None:
            scores = [score for row in own if (score := row.criteria[column].score) is not None]
            passing = sum(score >= source.at_least - _SCORE_SLACK for score in scores)
            yield Carry(block, _report(evaluation, indicator, parent, passing, len(scores)))


def _report(evaluation: Evaluation, indicator: Indicator, parent: str, passing: int, counted: int) -> Report:
    """Received, as far as the fold of the parent's block can tell, when the evaluation was made: its bytes name no clock."""
    return Report(
        specversion="1.0",
        id=f"{evaluation.id}/{indicator.id}/{parent}",
        source=SOURCE,
        subject=parent,
        time=evaluation.as_of,
        receivedtime=evaluation.as_of,
        origin="automatic",
        data=ReportData(
            indicator=indicator.id,
            period=evaluation.period,
            numerator=float(passing),
            denominator=float(counted),
            revision=evaluation.edition,
            evidence=[f"evaluation:{evaluation.block}:{evaluation.id}"],
            simulated=evaluation.simulated,
        ),
    )
