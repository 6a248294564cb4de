"""Checks that the parts of a pack fit one another: references, duplicates, periods, methods, memberships."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.contracts.pack.model import (
    Block,
    Campaign,
    CappedRatio,
    Criterion,
    Goalposts,
    Group,
    Indicator,
    Scheme,
    TargetRatio,
    Unit,
    name_of,
)
from services.contracts.pack.placed import M, Placed, written
from services.contracts.pack.problem import PackProblem
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
    yield from _duplicates("indicator", indicators, lambda indicator: indicator.id)
    for block in blocks:
        yield from _known("scheme", block, ("scheme",), block.value.scheme, written(schemes, "id"))
        yield from _schedule(block, span)
        yield from _members(block, units)
    by_id = {placed.value.id: placed.value for placed in indicators}
    for scheme in schemes:
        yield from _tree(scheme, by_id, written(indicators, "id"))
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


# --- schemes ------------------------------------------------------------------------------------------------------------------


def _tree(scheme: Placed[Scheme], indicators: dict[str, Indicator], known: list[str]) -> Problems:
    first: dict[str, int] = {}
    for inside, member in _walk(scheme.value.root, ("root",)):
        name = name_of(member)
        line = scheme.document.line((*scheme.path, *inside))
        if name in first:
            yield scheme.problem(
                inside, f"{name!r} stands in line {first[name]} of this scheme already", "another id"
            )
        first.setdefault(name, line)
        if isinstance(member, Criterion):
            yield from _known("indicator", scheme, (*inside, "indicator"), member.indicator, known)
            yield from _fit(scheme, inside, member, indicators.get(member.indicator))


def _walk(member: Group | Criterion, inside: Path_) -> Iterator[tuple[Path_, Group | Criterion]]:
    yield inside, member
    if isinstance(member, Group):
        for index, inner in enumerate(member.members):
            yield from _walk(inner, (*inside, "members", index))


def _fit(
    scheme: Placed[Scheme], inside: Path_, criterion: Criterion, indicator: Indicator | None
) -> Problems:
    if indicator is None:
        return
    if indicator.direction == "lower" and isinstance(criterion.scoring, CappedRatio):
        yield scheme.problem(
            (*inside, "scoring"),
            f"capped_ratio does not fit {indicator.id!r}, of which less is better",
            "{method: target_ratio, target: ...}",
        )
    if indicator.measure != "ratio" and criterion.zero_over_zero != "exclude":
        yield scheme.problem(
            (*inside, "zero_over_zero"),
            f"{indicator.id!r} is no ratio and is never 0/0",
            "no zero_over_zero",
        )
    if indicator.measure == "passed" and not _fits_passed(criterion):
        yield scheme.problem(
            (*inside, "scoring"),
            f"{criterion.scoring.method} does not fit {indicator.id!r}, which is passed or not",
            "{method: target_ratio, target: 1}",
        )


def _fits_passed(criterion: Criterion) -> bool:
    """Passed counts as 1 and not passed as 0: only rules that leave these as they are."""
    match criterion.scoring:
        case TargetRatio(target=target, cap=cap):
            return target == 1 and cap == 1
        case Goalposts(low=low, high=high, log=log):
            return (low, high, log) == (0, 1, False)
        case _:
            return False


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
