"""Evaluations computed here and now: a pack's recorded reports, folded through the engine as the worker would."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.cli.pack_folder import CheckedPack
from services.cli.publishing import activation
from services.cli.recorded import RecordedPeriod, recorded_periods
from services.contracts.events import AnyEvent, EvaluationDue, Place, Report
from services.contracts.ids import BlockId, CampaignId
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.periods import parse_period
from services.contracts.results import Evaluation
from services.scoring.engine import Assessment, BlockState, Outcome, PackSource, apply, evaluate, plan_of


def computed_evaluations(folder: Path, checked: CheckedPack, reporter: PlannedPrincipal) -> list[Evaluation]:
    """Every block's evaluations of every recorded period. Raises `CalledWrongly` when nothing is recorded."""
    periods = _recorded(folder, checked, reporter)
    return [
        outcome.evaluation
        for block in checked.pack.block_by_id
        for _, _, outcome in _folded(checked, block, periods, reporter)
        if outcome.evaluation is not None
    ]


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
    checked: CheckedPack, block: BlockId, periods: Sequence[RecordedPeriod], reporter: PlannedPrincipal
) -> Iterator[tuple[AnyEvent, BlockState, Outcome]]:
    state = BlockState.new(block)
    for number, event in enumerate(_log(checked, block, periods, reporter)):
        yield event, state, apply(state, event, Place(0, 0, number), _packs(checked))


def _log(
    checked: CheckedPack, block: BlockId, periods: Sequence[RecordedPeriod], reporter: PlannedPrincipal
) -> Iterator[AnyEvent]:
    """The block's events as the door would have stamped them on the day that they are about."""
    yield activation(
        checked.compiled, block, parse_period(checked.pack.campaign.span).start(checked.pack.campaign.zone)
    )
    for period in periods:
        events: list[Report | EvaluationDue] = [*period.reports, *period.evaluations]
        for event in events:
            if _block_of(checked, event) == block:
                event.receivedtime, event.origin = event.time, reporter.origin
                yield event


def _block_of(checked: CheckedPack, event: Report | EvaluationDue) -> str | None:
    if isinstance(event, EvaluationDue):
        return event.subject
    return checked.pack.block_of(str(event.subject), parse_period(event.data.period).last)
