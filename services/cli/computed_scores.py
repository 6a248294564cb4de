"""Evaluations computed here and now: a pack's recorded reports, folded through the engine as the worker would."""

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypeVar

from msgspec import structs

from services.cli.pack_folder import CheckedPack
from services.cli.publishing import activation
from services.cli.recorded import RecordedPeriod, recorded_periods
from services.contracts.event_data import Place
from services.contracts.events import AnyEvent, EvaluationDue, Report
from services.contracts.ids import BlockId, CampaignId, UnitId, block_id
from services.contracts.pack.model import Pack
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.periods import parse_period
from services.contracts.results import Evaluation
from services.scoring.engine import Assessment, BlockState, Outcome, PackSource, apply, evaluate, plan_of

Stamped = TypeVar("Stamped", Report, EvaluationDue)


def computed_evaluations(folder: Path, checked: CheckedPack, reporter: PlannedPrincipal) -> list[Evaluation]:
    """Every block's evaluations of every recorded period, with what parents hear of their children.

    Raises `CalledWrongly` when nothing is recorded.
    """
    periods = _recorded(folder, checked, reporter)
    heard: dict[BlockId, list[Report]] = {}
    made: dict[BlockId, list[Evaluation]] = {}
    for block in _children_first(checked.pack):
        made[block] = []
        for _, _, outcome in _folded(checked, block, periods, reporter, heard.get(block, ())):
            if outcome.evaluation is not None:
                made[block].append(outcome.evaluation)
                for carry in outcome.carried:
                    if isinstance(carry.event, Report):
                        heard.setdefault(carry.block, []).append(carry.event)
    return [one for block in checked.pack.block_by_id for one in made[block]]


def _children_first(pack: Pack) -> Sequence[BlockId]:
    """The blocks, each after those whose evaluations report to it."""
    campaign = pack.campaign.id
    made = {one.from_children.block for one in pack.indicators if one.from_children is not None}
    below: dict[BlockId, set[BlockId]] = {block: set() for block in pack.block_by_id}
    for unit in pack.units:
        if unit.block in made and unit.parent is not None:
            for row in pack.rows_by_unit[UnitId(unit.parent)]:
                if row.block != unit.block:
                    below[block_id(campaign, row.block)].add(block_id(campaign, unit.block))
    try:
        return list(TopologicalSorter(below).static_order())
    except CycleError:  # parents of one another: somebody has to come first
        return list(pack.block_by_id)


def computed_assessments(
    folder: Path, checked: CheckedPack, reporter: PlannedPrincipal
) -> Iterator[Assessment]:
    """What stands behind those evaluations, unrounded: the assessment of each, made where the log stood then."""
    for block in checked.pack.block_by_id:
        plan = plan_of(checked.compiled.hash, _packs(checked), block)
        for event, state, outcome in _folded(checked, block, _recorded(folder, checked, reporter), reporter):
            if outcome.evaluation is not None and isinstance(event, EvaluationDue):
                period = parse_period(event.data.period)
                yield evaluate(state.series, plan, period, event.data.as_of, seed=None, live=False)


def _recorded(folder: Path, checked: CheckedPack, reporter: PlannedPrincipal) -> list[RecordedPeriod]:
    prefix = reporter.source_prefix(CampaignId(checked.pack.campaign.id))
    return list(recorded_periods(folder, checked.pack, f"{prefix}/replay", f"{prefix}/office", 1))


def _packs(checked: CheckedPack) -> PackSource:
    return {checked.compiled.hash: checked.pack}.get


def _folded(
    checked: CheckedPack,
    block: BlockId,
    periods: Sequence[RecordedPeriod],
    reporter: PlannedPrincipal,
    heard: Sequence[Report] = (),
) -> Iterator[tuple[AnyEvent, BlockState, Outcome]]:
    state = BlockState.new(block)
    for number, event in enumerate(_log(checked, block, periods, reporter, heard)):
        yield event, state, apply(state, event, Place(0, 0, number), _packs(checked))


def _log(
    checked: CheckedPack,
    block: BlockId,
    periods: Sequence[RecordedPeriod],
    reporter: PlannedPrincipal,
    heard: Sequence[Report],
) -> Iterator[AnyEvent]:
    """The block's events as the door would have stamped them on the day that they are about; what it heard of children before its evaluation."""
    yield activation(
        checked.compiled, block, parse_period(checked.pack.campaign.span).start(checked.pack.campaign.zone)
    )
    for period in periods:
        of_children = [event for event in heard if event.data.period == period.period.text]
        yield from (_stamped(one, reporter) for one in period.reports if _block_of(checked, one) == block)
        yield from of_children
        asked = [one for one in period.evaluations if one.subject == block]
        if of_children and not asked:
            asked = [structs.replace(one, subject=block) for one in period.evaluations[:1]]
        yield from (_stamped(one, reporter) for one in asked)


def _stamped(event: Stamped, reporter: PlannedPrincipal) -> Stamped:
    event.receivedtime, event.origin = event.time, reporter.origin
    return event


def _block_of(checked: CheckedPack, event: Report) -> BlockId | None:
    return checked.pack.block_of(str(event.subject), parse_period(event.data.period).last)
