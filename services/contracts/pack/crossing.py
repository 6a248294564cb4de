"""Checks that the parts of a pack fit one another: references, duplicates, periods, methods, memberships."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.contracts.pack.calendar_check import calendar_problems
from services.contracts.pack.children_check import children_problems
from services.contracts.pack.fitting import scheme_problems
from services.contracts.pack.flagging import flag_problems
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.indicator_check import indicator_problems, sets_of_definitions
from services.contracts.pack.model import Block, Campaign, Unit
from services.contracts.pack.placed import M, Placed, written
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.scheme import Scheme
from services.contracts.pack.sources import Path_
from services.contracts.pack.wording import did_you_mean
from services.contracts.periods import BadPeriod, Period, parse_period

Problems = Iterator[PackProblem]

_TILING: Final = ("day", "week", "month", "quarter", "half", "year")
_FOREVER: Final = (date.min, date.max)


def crossing_problems(
    campaign: Placed[Campaign] | None,
    blocks: Sequence[Placed[Block]],
    schemes: Sequence[Placed[Scheme]],
    indicators: Sequence[Placed[Indicator]],
    units: Sequence[Placed[Unit]],
) -> Problems:
    """Every fault between parts that are right by themselves."""
    span = None
    if campaign is not None:
        yield from _campaign(campaign)
        span = _span(campaign.value)
    yield from _duplicates("block", blocks, lambda block: block.id)
    yield from _duplicates("scheme", schemes, lambda scheme: scheme.id)
    yield from indicator_problems(indicators)
    yield from calendar_problems(campaign, indicators)
    yield from children_problems(indicators, blocks, schemes, units)
    for block in blocks:
        yield from _known("scheme", block, ("scheme",), block.value.scheme, written(schemes, "id"))
        yield from _schedule(block, span)
        yield from _members(block, units)
        yield from _tie_breaks(block, schemes, units)
        yield from flag_problems(block, schemes, {one.value.id: one.value for one in indicators}, units)
    for indicator in indicators:
        yield from _facts(indicator)
    for scheme in schemes:
        for by_id in sets_of_definitions(indicators):
            yield from scheme_problems(scheme, by_id, written(indicators, "id"), span)
    for unit in units:
        yield from _known("block", unit, (), unit.value.block, written(blocks, "id"))
    yield from _rows(units)


def _campaign(campaign: Placed[Campaign]) -> Problems:
    value = campaign.value
    if _span(value) is None:
        yield campaign.problem(("span",), f"{value.span!r} is no period", "a year or years, as in 2021/2025")
    if value.live_cadence not in _TILING:
        yield campaign.problem(
            ("live_cadence",),
            f"a live ranking cannot be of {value.live_cadence!r}",
            "one of " + ", ".join(_TILING),
        )
    try:
        ZoneInfo(value.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield campaign.problem(("zone",), f"there is no zone {value.zone!r}", "one such as Asia/Ho_Chi_Minh")


def _span(campaign: Campaign) -> Period | None:
    try:
        return parse_period(campaign.span)
    except BadPeriod:
        return None


def _duplicates(kind: str, placed: Sequence[Placed[M]], identity: Callable[[M], str]) -> Problems:
    first: dict[str, int] = {}
    for one in placed:
        name = identity(one.value)
        if name in first:
            yield one.problem((), f"the {kind} {name!r} stands in line {first[name]} already", "another id")
        first.setdefault(name, one.line())


def _known(kind: str, placed: Placed[M], inside: Path_, name: str, known: list[str]) -> Problems:
    if known and name not in known:
        yield placed.problem(inside, f"there is no {kind} {name!r}", did_you_mean(name, known))


def _schedule(block: Placed[Block], span: Period | None) -> Problems:
    schedule = block.value.schedule
    if schedule is None:
        return
    if schedule.cadence not in _TILING:
        yield block.problem(
            ("schedule", "cadence"),
            f"evaluations cannot be scheduled by {schedule.cadence!r}",
            "one of " + ", ".join(_TILING),
        )
        return
    inside = ("schedule", "first")
    try:
        first = parse_period(schedule.first)
    except BadPeriod as bad:
        yield block.problem(
            inside, str(bad).partition(";")[0], f"a {schedule.cadence}, such as the campaign's first"
        )
        return
    if first.cadence != schedule.cadence:
        yield block.problem(
            inside,
            f"{first} is a {first.cadence}, the schedule is by {schedule.cadence}",
            f"a {schedule.cadence}",
        )
    elif span is not None and not span.contains(first):
        yield block.problem(
            inside, f"{first} lies outside the campaign's span {span}", f"a {schedule.cadence} of {span}"
        )


def _members(block: Placed[Block], units: Sequence[Placed[Unit]]) -> Problems:
    if units and block.value.id not in written(units, "block"):
        yield block.problem((), f"no unit is in the block {block.value.id!r}", "its units into units.csv")


def _facts(indicator: Placed[Indicator]) -> Problems:
    """Facts are counted by the periods of a calendar, and add up."""
    value = indicator.value
    if value.measure == "facts":
        if value.within not in ("sum", "to_date", "year_to_date"):
            yield indicator.problem(
                ("within",), f"facts add up, and within is {value.within!r}", "sum, to_date or year_to_date"
            )
        if value.cadence not in _TILING:
            yield indicator.problem(
                ("cadence",), f"facts cannot be counted by {value.cadence!r}", "one of " + ", ".join(_TILING)
            )
    elif value.no_facts != "not_reported":
        yield indicator.problem(
            ("no_facts",), f"{value.id!r} is not counted by facts", "no no_facts, or measure: facts"
        )


# --- tie breaks ---------------------------------------------------------------------------------------------------------------


def _tie_breaks(
    block: Placed[Block], schemes: Sequence[Placed[Scheme]], units: Sequence[Placed[Unit]]
) -> Problems:
    dense = any(scheme.value.id == block.value.scheme and scheme.value.ties == "dense" for scheme in schemes)
    if dense and block.value.tie_breaks:
        yield block.problem(
            ("tie_breaks",), "dense ties leave no place to break them", "ties: min in the scheme"
        )
    own = list(dict.fromkeys(unit.value.id for unit in units if unit.value.block == block.value.id))
    for index, tie_break in enumerate(block.value.tie_breaks):
        inside: Path_ = ("tie_breaks", index)
        try:
            parse_period(tie_break.period)
        except BadPeriod as bad:
            yield block.problem(
                (*inside, "period"), str(bad).partition(";")[0], "the period that was decided"
            )
        for at, unit in enumerate(tie_break.units):
            where = (*inside, "units", at)
            if own and unit not in own:
                yield block.problem(
                    where, f"there is no unit {unit!r} in this block", did_you_mean(unit, own)
                )
            elif unit in tie_break.units[:at]:
                yield block.problem(where, f"{unit!r} is decided twice", "it once")


# --- units --------------------------------------------------------------------------------------------------------------------


def _rows(units: Sequence[Placed[Unit]]) -> Problems:
    seen: dict[str, list[Placed[Unit]]] = {}
    for unit in units:
        row = unit.value
        start, end = _days(row)
        if end <= start:
            yield unit.problem(
                (), f"{row.id!r} is valid to {end}, not after {start}", "a valid_to after valid_from"
            )
        for earlier in seen.get(row.id, []):
            other_start, other_end = _days(earlier.value)
            if start < other_end and other_start < end:
                yield unit.problem(
                    (),
                    f"{row.id!r} stands in line {earlier.line()} already, for days that overlap",
                    "another id, or dates that do not overlap",
                )
        seen.setdefault(row.id, []).append(unit)


def _days(unit: Unit) -> tuple[date, date]:
    return unit.valid_from or _FOREVER[0], unit.valid_to or _FOREVER[1]
