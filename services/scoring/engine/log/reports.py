"""Reports, facts and retractions: what they change in a block's series. The hot path: every event of a busy campaign is one of these."""

from typing import Final

from services.contracts.event_data import Carried, ReportData
from services.contracts.events import Fact, Report, Retraction
from services.contracts.measures import GREATEST_FIGURE
from services.contracts.periods import BadPeriod, Period, parse_period
from services.scoring.engine.log.effect import Effect
from services.scoring.engine.log.facts import Facts, Occurrence
from services.scoring.engine.log.refusal import NotApplicable
from services.scoring.engine.log.state import BlockState, Figure, LateEvent, Measure, Part, Series, series_in

_RESEND: Final = "Correct it in the sending system and send it as a new event."


def apply_report(state: BlockState, report: Report) -> Effect | None:
    """Keeps the figure. Raises `NotApplicable`; see `fold.apply`."""
    data, unit = report.data, report.subject or _subject(report)
    period = period_named(data.period)
    figure = _figure(report)
    series = state.series_of(unit, data.indicator, period.cadence)
    if data.carried is None:
        effect = series.put(period, report.origin or "self", figure)
    else:
        effect = series.put_carried(_part(data.carried), period, report.origin or "self", figure)
    if state.activations:
        check_known(state, unit, data.indicator)
    return effect


def apply_fact(state: BlockState, fact: Fact) -> Effect | None:
    """Counts the fact. Raises `NotApplicable`; see `fold.apply`."""
    unit = _subject(fact)
    occurrence = _occurrence(fact)
    effect = state.series_of(unit, fact.data.indicator, "day").facts_to_write().put(occurrence)
    check_known(state, unit, fact.data.indicator)
    return effect


def apply_retraction(state: BlockState, retraction: Retraction) -> Effect:
    """Takes a report or fact back, or will when it comes. Raises `NotApplicable`; see `fold.apply`."""
    data = retraction.data
    unit = _subject(retraction)
    period = period_named(data.period)
    series = state.series_of(unit, data.indicator, period.cadence)
    if data.carried is None:
        effect = series.retract(period, (data.source, data.id))
    else:
        effect = series.retract_carried(_part(data.carried), period, (data.source, data.id))
    if period.cadence == "day":
        series.facts_to_write().retract((data.source, data.id))
    check_known(state, unit, data.indicator)
    return effect


def apply_figure(state: BlockState, event: LateEvent) -> None:
    """Any of the three."""
    match event:
        case Report():
            apply_report(state, event)
        case Fact():
            apply_fact(state, event)
        case Retraction():
            apply_retraction(state, event)


def is_known(state: BlockState, event: LateEvent) -> bool:
    """Whether the event would change nothing: a copy of it was applied, or what it says was taken back. Raises `NotApplicable`."""
    unit, period = _subject(event), period_of_event(event)
    series = series_in(state.series, unit, event.data.indicator, period.cadence) or Series()
    if event.data.carried is not None and not isinstance(event, Fact):
        series = series.carried.get(_part(event.data.carried), Series())
    match event:
        case Report():
            return series.has(period, event.origin or "self", _figure(event))
        case Fact():
            return (series.facts or Facts()).has(_occurrence(event))
        case Retraction():
            return (event.data.source, event.data.id) in series.retracted.get(period.text, ())


def fact_displaced(state: BlockState, event: Fact | Retraction) -> Occurrence | None:
    """The fact that counts now and would not after the event, whatever day that tells: taken back, or outranked under its own id."""
    series = series_in(state.series, _subject(event), event.data.indicator, "day")
    if series is None or series.facts is None:
        return None
    if isinstance(event, Retraction):
        return series.facts.by_event.get((event.data.source, event.data.id))
    held = series.facts.by_event.get((event.source, event.id))
    return None if held is None or series.facts.has(_occurrence(event)) else held


def period_of_event(event: LateEvent) -> Period:
    """What the event is for; of a fact, the day. Raises `NotApplicable`."""
    return period_named(told_period(event))


def told_period(event: LateEvent) -> str:
    """The same as the event writes it."""
    return event.data.occurred.isoformat() if isinstance(event, Fact) else event.data.period


def period_named(text: str) -> Period:
    """Raises `NotApplicable`."""
    try:
        return parse_period(text)
    except BadPeriod as error:
        raise NotApplicable("bad-period", str(error), _RESEND) from error


def check_known(state: BlockState, unit: str, indicator: str) -> None:
    """Before the first activation everything is kept in silence: packs and reports may come in either order."""
    if not state.activations:
        return
    if unit not in state.known_units:
        raise _not_yet("unknown-unit", "unit", unit)
    if indicator not in state.known_indicators:
        raise _not_yet("unknown-indicator", "indicator", indicator)


def _part(carried: Carried) -> Part:
    return (carried.unit, carried.share)


def _subject(event: LateEvent) -> str:
    if event.subject is None:
        raise NotApplicable("bad-event", "the event has no subject, the unit that it is about", _RESEND)
    return event.subject


def _figure(report: Report) -> Figure:
    data = report.data
    measure, amount, of = _measured(data)
    return Figure(data.revision, report.time, report.source, report.id, measure, amount, of, data.simulated)


def _occurrence(fact: Fact) -> Occurrence:
    data = fact.data
    amount = _number(data.amount)
    return Occurrence(
        data.occurred, fact.time, fact.source, fact.id, amount, fact.origin or "self", data.simulated
    )


def _measured(data: ReportData) -> tuple[Measure, float, float]:
    """(measure, amount, of) of the one figure that the report carries."""
    value, numerator, denominator, passed = data.value, data.numerator, data.denominator, data.passed
    if value is not None and numerator is None and denominator is None and passed is None:
        return "value", _number(value), 1.0
    if numerator is not None and denominator is not None and value is None and passed is None:
        return "ratio", *_ratio(numerator, denominator)
    if passed is not None and value is None and numerator is None and denominator is None:
        return "passed", float(passed), 1.0
    raise NotApplicable(
        "bad-measure", "the report has not exactly one of value, numerator with denominator, passed", _RESEND
    )


def _ratio(numerator: float, denominator: float) -> tuple[float, float]:
    """0/0 says "not applicable"; a part of nothing is no figure."""
    if denominator < 0 or (denominator == 0 and numerator != 0):
        raise NotApplicable("bad-measure", f"{numerator:g} of {denominator:g} is no ratio", _RESEND)
    if denominator > 0:
        _number(numerator / denominator)
    return _number(numerator), _number(denominator)


def _number(figure: float) -> float:
    if -GREATEST_FIGURE <= figure <= GREATEST_FIGURE:  # nor is a NaN between them
        return float(figure)
    raise NotApplicable("bad-measure", f"{figure:g} is beyond any figure of a campaign", _RESEND)


def _not_yet(reason: str, kind: str, name: str) -> NotApplicable:
    return NotApplicable(
        reason,
        f"no pack activated so far has the {kind} {name!r} in this block",
        f"It is kept and counts once a pack names the {kind}; if the name is wrong, retract it and report again.",
        kept=True,
    )
