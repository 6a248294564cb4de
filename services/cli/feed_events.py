"""The events of a simulated campaign: finished months with their evaluations, and revisions of the current one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from services.cli.feed_plan import FeedPlan
from services.cli.recorded import evaluation_due
from services.cli.simulation import Simulation
from services.contracts.events import EvaluationDue, Report, ReportData
from services.contracts.pack.model import Block, Indicator, Pack, Unit
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.periods import Cadence, Period, parse_period, period_of
from services.contracts.routing import block_id

_COARSER: Final[tuple[Cadence, ...]] = ("quarter", "half", "year")
_DEFAULT_AFTER_DAYS: Final = 5


class Sent(NamedTuple):
    """A report and the principal that sends it."""

    principal: str
    report: Report


class FeedEvents:
    """All events of the feed. Ids depend on what an event says alone, so a restart sends copies, which count once."""

    def __init__(
        self, pack: Pack, plan: FeedPlan, senders: list[PlannedPrincipal], office: PlannedPrincipal
    ) -> None:
        self._pack = pack
        self._plan = plan
        self._zone = pack.campaign.zone
        self._simulation = Simulation(pack, plan)
        self._sender_of = {
            u.id: next(s for s in senders if s.units is None or u.id in s.units) for u in pack.units
        }
        self._office = office

    def current_month(self, now: datetime) -> Period:
        return period_of(now.astimezone(ZoneInfo(self._zone)).date(), "month")

    def finished_months(self, now: datetime) -> list[Period]:
        """The newest `history_months` months of the campaign's span that ended before `now`, oldest first."""
        span = parse_period(self._pack.campaign.span)
        ended = [month for month in span.each("month") if month.end(self._zone) <= now]
        return ended[-self._plan.history_months :] if self._plan.history_months else []

    def reports_of(self, month: Period, first: bool) -> list[Sent]:
        """What a finished month ends with: its own figures, and those of coarser periods that ended with it; for the first month of the
        history also of the coarser periods that ended before it, which the campaign had by then.
        """
        periods = [month, *self._ended_with(month)]
        if first:
            periods = [*self._ended_before(month), *periods]
        return [self._final(u, i, p) for p in periods for u, i in self._simulation.cells(p.cadence)]

    def evaluations_of(self, month: Period, now: datetime) -> list[EvaluationDue]:
        """One for each block, when its day has come. Where the schedule asks for the month itself, this is the second edition: the first
        may have come before the figures.
        """
        due = [self._evaluation(block, month) for block in self._pack.blocks]
        return [one for one in due if one.data.as_of <= now]

    def live_cells(self) -> list[tuple[Unit, Indicator]]:
        return self._simulation.cells("month")

    def live(self, unit: Unit, indicator: Indicator, now: datetime) -> Sent:
        """The figure so far of the current month."""
        month = self.current_month(now)
        data = self._simulation.live(unit, indicator, month, month.start(self._zone), now)
        return self._sent(unit, data, now)

    def _ended_with(self, month: Period) -> Iterator[Period]:
        for cadence in _COARSER:
            period = period_of(month.last, cadence)
            if period.last == month.last:
                yield period

    def _ended_before(self, month: Period) -> Iterator[Period]:
        span = parse_period(self._pack.campaign.span)
        for cadence in _COARSER:
            before = period_of(period_of(month.first, cadence).first - timedelta(days=1), cadence)
            if span.contains(before):
                yield before

    def _final(self, unit: Unit, indicator: Indicator, period: Period) -> Sent:
        return self._sent(unit, self._simulation.final(unit, indicator, period), period.end(self._zone))

    def _sent(self, unit: Unit, data: ReportData, at: datetime) -> Sent:
        sender = self._sender_of[unit.id]
        report = Report(
            specversion="1.0",
            id=f"{unit.id}/{data.indicator}/{data.period}/{data.revision}",
            source=f"{sender.source_prefix(self._pack.campaign.id)}/feed",  # type: ignore[arg-type]
            subject=unit.id,
            time=at,
            data=data,
        )
        return Sent(sender.id, report)

    def _evaluation(self, block: Block, month: Period) -> EvaluationDue:
        campaign, schedule = self._pack.campaign, block.schedule
        source = f"{self._office.source_prefix(campaign.id)}/feed"  # type: ignore[arg-type]
        after = timedelta(days=_DEFAULT_AFTER_DAYS if schedule is None else schedule.after_days)
        scheduled = schedule is not None and parse_period(schedule.first) <= month
        edition = 2 if scheduled else 1
        return evaluation_due(block_id(campaign.id, block.id), month, campaign.zone, source, edition, after)
