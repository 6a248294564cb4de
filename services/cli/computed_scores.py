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
from services.scoring.engine import BlockState, apply


def computed_evaluations(folder: Path, checked: CheckedPack, reporter: PlannedPrincipal) -> list[Evaluation]:
    """Every block's evaluations of every recorded period. Raises `CalledWrongly` when nothing is recorded."""
    pack = checked.pack
    prefix = reporter.source_prefix(CampaignId(pack.campaign.id))
    periods = list(recorded_periods(folder, pack, f"{prefix}/replay", f"{prefix}/office", 1))
    return [one for block in pack.block_by_id for one in _of_block(checked, block, periods, reporter)]


def _of_block(
    checked: CheckedPack, block: BlockId, periods: Sequence[RecordedPeriod], reporter: PlannedPrincipal
) -> Iterator[Evaluation]:
    state = BlockState.new(block)
    packs = {checked.compiled.hash: checked.pack}
    for number, event in enumerate(_log(checked, block, periods, reporter)):
        outcome = apply(state, event, Place(0, 0, number), packs.get)
        if outcome.evaluation is not None:
            yield outcome.evaluation


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
