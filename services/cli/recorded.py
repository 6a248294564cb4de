"""Recorded reports of a pack as events, in the order of the periods that they are evaluated in. Deterministic to the byte."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

from services.cli.failures import CalledWrongly
from services.cli.figures import UnitFigure, read_figures
from services.contracts.event_data import EvaluationDueData
from services.contracts.events import EvaluationDue, Report
from services.contracts.ids import BlockId
from services.contracts.pack.model import Pack
from services.contracts.periods import Period, parse_period, period_of

REPORTS: Final = "reports.csv"

_AS_OF_AFTER: Final = timedelta(days=1)
"""A recorded period is evaluated as seen a day after its end, whenever the replay runs."""


class RecordedPeriod(NamedTuple):
    """One period of the live cadence: the reports that it ends with, and then its evaluations."""

    period: Period
    reports: list[Report]
    evaluations: list[EvaluationDue]


def recorded_periods(
    folder: Path, pack: Pack, report_source: str, office_source: str, edition: int
) -> Iterator[RecordedPeriod]:
    """The recorded reports of the pack's folder. Raises `CalledWrongly` when there are none."""
    if not (folder / REPORTS).exists():
        raise CalledWrongly(
            f"{folder} holds no {REPORTS}.", "Give a pack with recorded reports, such as hdi."
        )
    by_period: dict[Period, list[UnitFigure]] = {}
    for figure in read_figures(folder / REPORTS):
        last = parse_period(figure.data.period).last
        by_period.setdefault(period_of(last, pack.campaign.live_cadence), []).append(figure)
    for period in sorted(by_period):
        reports = [report_of(figure, pack.campaign.zone, report_source) for figure in by_period[period]]
        yield RecordedPeriod(period, reports, _evaluations(pack, period, reports, office_source, edition))


def report_of(figure: UnitFigure, zone: str, source: str) -> Report:
    """The event of a recorded figure: it happened when its period ended, and its id says what it is of."""
    data = figure.data
    return Report(
        specversion="1.0",
        id=f"{figure.unit}/{data.indicator}/{data.period}",
        source=source,
        subject=figure.unit,
        time=parse_period(data.period).end(zone),
        data=data,
    )


def evaluation_due(
    block: BlockId, period: Period, zone: str, source: str, edition: int, after: timedelta
) -> EvaluationDue:
    """Asks for the evaluation of the period as seen `after` its end; equal arguments give equal bytes."""
    as_of = period.end(zone) + after
    return EvaluationDue(
        specversion="1.0",
        id=f"{block}/{period}/{as_of.isoformat()}/{edition}",
        source=source,
        subject=block,
        time=as_of,
        data=EvaluationDueData(period=period.text, as_of=as_of, edition=edition),
    )


def _evaluations(
    pack: Pack, period: Period, reports: Sequence[Report], source: str, edition: int
) -> list[EvaluationDue]:
    """Of the blocks that something is recorded of in the period, in pack order; none of a period before the campaign, of which are baselines."""
    if not parse_period(pack.campaign.span).contains(period):
        return []
    recorded = {
        pack.block_of(str(report.subject), parse_period(report.data.period).last) for report in reports
    }
    blocks: Sequence[BlockId] = [block for block in pack.block_by_id if block in recorded]
    return [evaluation_due(b, period, pack.campaign.zone, source, edition, _AS_OF_AFTER) for b in blocks]
