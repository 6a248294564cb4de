"""The events of a simulated campaign: finished months with their evaluations, and revisions of the current one."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from services.cli.feed_plan import FeedPlan
from services.cli.recorded import evaluation_due
from services.cli.simulation import Simulation
from services.contracts.event_data import ReportData
from services.contracts.events import EvaluationDue, Report
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.model import Block, Pack, Unit
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.periods import Cadence, Period, parse_period, period_of
from services.contracts.routing import block_id

_COARSER: Final[tuple[Cadence, ...]] = ("quarter", "half", "year")
_DEFAULT_AFTER_DAYS: Final = 5
_A_MONTH_LATER: Final = timedelta(days=28)


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
        self._live: dict[Period, list[tuple[Unit, Indicator]]] = {}
        """Of the current month: asked for again and again."""

    def current_month(self, now: datetime) -> Period:
        """The month that holds `now`; of a campaign that is over its last, whose figures go on being corrected."""
        today = now.astimezone(ZoneInfo(self._zone)).date()
        return period_of(min(today, parse_period(self._pack.campaign.span).last), "month")

    def finished_months(self, now: datetime) -> list[Period]:
        """The newest `history_months` months of the campaign's span that ended before `now`, oldest first."""
        span = parse_period(self._pack.campaign.span)
        ended = [month for month in span.each("month") if month.end(self._zone) <= now]
        return ended[-self._plan.history_months :] if self._plan.history_months else []

    def reports_of(self, month: Period, first: bool) -> list[Sent]:
        """What a finished month ends with: its own figures, and those of coarser periods that ended with it; for the first month of the
        history also of the coarser periods that ended before it, which the campaign had by then. What was late or wrong a month earlier
        comes with it.
        """
        periods = [month, *self._ended_with(month)]
        if first:
            earlier = [*self._since_the_start(month), *self._final_of(self._ended_before(month))]
            return [*earlier, *self._first_of(periods)]
        before = period_of(month.first - timedelta(days=1), "month")
        return [*self._made_up_for([before, *self._ended_with(before)]), *self._first_of(periods)]

    def changes_units(self, month: Period) -> bool:
        """Whether units are merged or split when the month ends."""
        return any(edge.date == month.last + timedelta(days=1) for edge in self._pack.lineage)

    def evaluations_of(self, month: Period, now: datetime) -> list[EvaluationDue]:
        """One for each block, when its day has come. Where the schedule asks for the month itself, this is the second edition: the first
        may have come before the figures.
        """
        due = [self._evaluation(block, month) for block in self._pack.blocks]
        return [one for one in due if one.data.as_of <= now]

    def live_cells(self, now: datetime) -> list[tuple[Unit, Indicator]]:
        month = self.current_month(now)
        if month not in self._live:
            self._live = {month: self._simulation.cells(month)}
        return self._live[month]

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

    def _first_of(self, periods: Iterable[Period]) -> Iterator[Sent]:
        """What comes in time."""
        for period in periods:
            for unit, indicator in self._simulation.cells(period):
                if not self._simulation.is_late(unit, indicator, period):
                    data = self._simulation.first(unit, indicator, period)
                    yield self._sent(unit, data, period.end(self._zone))

    def _made_up_for(self, periods: Iterable[Period]) -> Iterator[Sent]:
        """What comes a month later: the late, and the right figures for the wrong."""
        for period in periods:
            for unit, indicator in self._simulation.cells(period):
                late = self._simulation.is_late(unit, indicator, period)
                if late or self._simulation.is_corrected(unit, indicator, period):
                    data = self._simulation.final(unit, indicator, period)
                    yield self._sent(unit, data, period.end(self._zone) + _A_MONTH_LATER)

    def _final_of(self, periods: Iterable[Period]) -> Iterator[Sent]:
        for period in periods:
            for unit, indicator in self._simulation.cells(period):
                yield self._sent(
                    unit, self._simulation.final(unit, indicator, period), period.end(self._zone)
                )

    def _since_the_start(self, month: Period) -> Iterator[Sent]:
        """Of indicators that are reported for the whole span: all that ended before the history, but for the newest coarser periods."""
        newest = set(self._ended_before(month))
        for cadence in ("month", *_COARSER):
            wanted = set(self._simulation.spanning(cadence))
            periods = parse_period(self._pack.campaign.span).each(cadence) if wanted else ()
            for period in (one for one in periods if one.last < month.first and one not in newest):
                for unit, indicator in self._simulation.cells(period):
                    if indicator.id in wanted:
                        data = self._simulation.final(unit, indicator, period)
                        yield self._sent(unit, data, period.end(self._zone))

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
