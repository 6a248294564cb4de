"""The figure of a report: that it is exactly of the kind that the indicator measures."""

from typing import Final

from services.contracts.event_data import ReportData
from services.contracts.pack.indicator import Indicator
from services.contracts.problems import BadMeasure

_FIGURES: Final = ("value", "numerator", "denominator", "passed")
_WANTED: Final = {
    "value": (True, False, False, False),
    "ratio": (False, True, True, False),
    "passed": (False, False, False, True),
}


GREATEST_FIGURE: Final = 1e18
"""No campaign counts further, and sums of such figures stay finite. The fold refuses what is beyond; a sender must hear of that from the door."""


def check_measure(indicator: Indicator, data: ReportData) -> None:
    """That the report has the indicator's figure and no other, of a size that can be counted. Raises `BadMeasure`."""
    numerator, denominator = data.numerator, data.denominator
    if indicator.measure == "value" and is_value_alone(data):
        return  # of most reports there is no more to say
    given = (
        data.value is not None,
        numerator is not None,
        denominator is not None,
        data.passed is not None,
    )
    if indicator.measure == "facts":
        raise _counted_by_facts(indicator)
    if given != _WANTED[indicator.measure]:
        raise _wrong_figure(indicator, given)
    if data.value is not None:
        _check_size(data.value, "value")
    if numerator is not None and denominator is not None:
        _check_ratio(numerator, denominator)


def is_value_alone(data: ReportData) -> bool:
    """Whether the report has a value of a size that can be counted, and no other figure."""
    value = data.value
    if value is None or data.numerator is not None or data.denominator is not None or data.passed is not None:
        return False
    return -GREATEST_FIGURE <= value <= GREATEST_FIGURE


def check_amount(amount: float) -> None:
    """Of a fact; it is no less than 0 by its form. Raises `BadMeasure`."""
    _check_size(amount, "amount")


def _counted_by_facts(indicator: Indicator) -> BadMeasure:
    return BadMeasure(
        f"{indicator.id!r} is counted by facts, not reported.",
        pointer="/data/indicator",
        next="Send each occurrence as a vn.thidua.fact.v1, and one of amount 0 when there was none.",
    )


def _wrong_figure(indicator: Indicator, given: tuple[bool, ...]) -> BadMeasure:
    wanted = _WANTED[indicator.measure]
    extra = _named(tuple(has and not needs for has, needs in zip(given, wanted, strict=True)))
    needs, has = " and ".join(_named(wanted)), " and ".join(_named(given)) or "no figure"
    detail = f"{indicator.id!r} takes {needs}; the report has {has}."
    return BadMeasure(detail, pointer=f"/data/{extra[0]}" if extra else "/data")


def _named(marks: tuple[bool, ...]) -> list[str]:
    return [name for name, marked in zip(_FIGURES, marks, strict=True) if marked]


def _check_ratio(numerator: float, denominator: float) -> None:
    """0/0 stands for "not applicable"."""
    _check_size(numerator, "numerator")
    _check_size(denominator, "denominator")
    if denominator < 0:
        raise BadMeasure(f"The denominator is below zero: {denominator}.", pointer="/data/denominator")
    if denominator == 0 and numerator != 0:
        detail = f"{numerator} of a denominator of 0; 0 of 0 says that the indicator does not apply."
        raise BadMeasure(detail, pointer="/data/denominator")
    if denominator:
        _check_size(numerator / denominator, "denominator")


def _check_size(figure: float, name: str) -> None:
    if not abs(figure) <= GREATEST_FIGURE:
        raise BadMeasure(
            f"{figure:g} is beyond {GREATEST_FIGURE:g}, which no campaign reaches.", pointer=f"/data/{name}"
        )
