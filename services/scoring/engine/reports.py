"""Reports and retractions: what they change in a block's series. The hot path: every event of a busy campaign is one of these."""

import math
from typing import Final

from services.contracts.events import Report, ReportData, Retraction
from services.contracts.measures import GREATEST_FIGURE
from services.contracts.periods import BadPeriod, Period, parse_period
from services.scoring.engine.refusal import NotApplicable
from services.scoring.engine.state import BlockState, Figure, Measure

_RESEND: Final = "Correct it in the sending system and send it as a new event."


def apply_report(state: BlockState, report: Report) -> None:
    """Keeps the figure. Raises `NotApplicable`; see `fold.apply`."""
    data = report.data
    unit = _subject(report)
    period = _period(data.period)
    measure, amount, of = _measured(data)
    figure = Figure(data.revision, report.time, report.source, report.id, measure, amount, of, data.simulated)
    series = state.series_of(unit, data.indicator, period.cadence)
    series.put(period, report.origin or "self", figure)
    _check_known(state, unit, data.indicator)


def apply_retraction(state: BlockState, retraction: Retraction) -> None:
    """Takes a report back, or will when it comes. Raises `NotApplicable`; see `fold.apply`."""
    data = retraction.data
    unit = _subject(retraction)
    period = _period(data.period)
    state.series_of(unit, data.indicator, period.cadence).retract(period, (data.source, data.id))
    _check_known(state, unit, data.indicator)


def _subject(event: Report | Retraction) -> str:
    if event.subject is None:
        raise NotApplicable("bad-event", "the event has no subject, the unit that it is about", _RESEND)
    return event.subject


def _period(text: str) -> Period:
    try:
        return parse_period(text)
    except BadPeriod as error:
        raise NotApplicable("bad-period", str(error), _RESEND) from error


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
    if math.isfinite(figure) and abs(figure) <= GREATEST_FIGURE:
        return float(figure)
    raise NotApplicable("bad-measure", f"{figure:g} is beyond any figure of a campaign", _RESEND)


def _check_known(state: BlockState, unit: str, indicator: str) -> None:
    """Before the first activation everything is kept in silence: packs and reports may come in either order."""
    if not state.activations:
        return
    if unit not in state.known_units:
        raise _not_yet("unknown-unit", "unit", unit)
    if indicator not in state.known_indicators:
        raise _not_yet("unknown-indicator", "indicator", indicator)


def _not_yet(reason: str, kind: str, name: str) -> NotApplicable:
    return NotApplicable(
        reason,
        f"no pack activated so far has the {kind} {name!r} in this block",
        f"It is kept and counts once a pack names the {kind}; if the name is wrong, retract it and report again.",
        kept=True,
    )
