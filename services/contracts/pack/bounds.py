"""Checks that nothing in a pack lies beyond what can be computed or ever come about: years, periods, figures, roundings, twice-told lists."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.contracts.measures import GREATEST_FIGURE
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.model import Block, Campaign
from services.contracts.pack.placed import Placed
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.scheme import Criterion, Group, Scheme
from services.contracts.pack.sources import Path_
from services.contracts.periods import BadPeriod, Period, parse_period

Problems = Iterator[PackProblem]

_YEARS: Final = (2, 9998)
"""A year beyond each is needed for periods before and after, and for zones; dates end at 1 and 9999."""

_GREATEST_WEIGHT: Final = 1e6


def bounds_problems(
    campaign: Placed[Campaign] | None,
    blocks: Sequence[Placed[Block]],
    schemes: Sequence[Placed[Scheme]],
    indicators: Sequence[Placed[Indicator]],
) -> Problems:
    """Faults of parts that are right in form."""
    span = None if campaign is None else _period(campaign.value.span)
    if campaign is not None and span is not None:
        yield from _campaign(campaign, span)
    for block in blocks:
        yield from _tie_breaks(block, span)
    for scheme in schemes:
        yield from _scheme(scheme)
    for indicator in indicators:
        yield from _origins(indicator)


def _campaign(campaign: Placed[Campaign], span: Period) -> Problems:
    first, last = _YEARS
    if span.first.year < first or span.last.year > last:
        yield campaign.problem(
            ("span",), f"{span} lies outside the years {first} to {last}", "years of our time"
        )
        return
    cadence = campaign.value.live_cadence
    if cadence not in ("span", "nine_months") and next(iter(span.each(cadence)), None) is None:
        yield campaign.problem(
            ("live_cadence",),
            f"no {cadence} lies inside the span {span}",
            "a shorter cadence, or a longer span",
        )


def _tie_breaks(block: Placed[Block], span: Period | None) -> Problems:
    seen: dict[str, list[frozenset[str]]] = {}
    for index, tie_break in enumerate(block.value.tie_breaks):
        period, inside = _period(tie_break.period), ("tie_breaks", index, "period")
        if period is None:
            continue
        if span is not None and not span.contains(period):
            yield block.problem(
                inside, f"{period} lies outside the campaign's span {span}", f"a period of {span}"
            )
        units = frozenset(tie_break.units)
        if any(units & earlier for earlier in seen.get(period.text, [])):
            yield block.problem(
                ("tie_breaks", index), f"units of {period} are decided about twice", "one list for them"
            )
        seen.setdefault(period.text, []).append(units)


def _origins(indicator: Placed[Indicator]) -> Problems:
    origins = indicator.value.origins
    if not origins:
        yield indicator.problem(
            ("origins",), "nobody may report it", "at least one of automatic, department, self"
        )
    for at, origin in enumerate(origins):
        if origin in origins[:at]:
            yield indicator.problem(("origins", at), f"{origin!r} stands there twice", "it once")


def _scheme(scheme: Placed[Scheme]) -> Problems:
    value = scheme.value
    if value.scale * 10**value.decimals < 1:
        yield scheme.problem(
            ("scale",),
            f"a scale of {value.scale:g} rounded to {value.decimals} decimals has no score but 0",
            "a greater scale, or more decimals",
        )
    yield from _member(scheme, value.root, ("root",))
    for index, extra in enumerate(value.extras):
        yield from _criterion(scheme, extra, ("extras", index))


def _member(scheme: Placed[Scheme], member: Group | Criterion, inside: Path_) -> Problems:
    if member.weight > _GREATEST_WEIGHT:
        yield scheme.problem(
            (*inside, "weight"), f"'weight' cannot be {member.weight:g}", "a number of at most 1000000"
        )
    if isinstance(member, Criterion):
        yield from _criterion(scheme, member, inside)
        return
    for index, inner in enumerate(member.members):
        yield from _member(scheme, inner, (*inside, "members", index))


def _criterion(scheme: Placed[Scheme], criterion: Criterion, inside: Path_) -> Problems:
    for key, figure in _numbers(criterion.scoring.model_dump()):
        if abs(figure) > GREATEST_FIGURE:
            yield scheme.problem(
                (*inside, "scoring"),
                f"{key} is beyond {GREATEST_FIGURE:g}, which no campaign reaches",
                "a smaller one",
            )


def _numbers(fields: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for key, value in fields.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield key, float(value)


def _period(text: str) -> Period | None:
    try:
        return parse_period(text)
    except BadPeriod:
        return None
