"""Hints at what is no fault of a pack, but looks like a slip: percentages for shares, weights that nearly add up, parts that nothing uses."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.contracts.pack.flag_rules import FlagRule
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import CappedRatio, Exceedance, Goalposts, Method, PassFail, TargetRatio
from services.contracts.pack.model import Block, Campaign, Unit
from services.contracts.pack.placed import Placed
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.scheme import Group, Scheme
from services.contracts.pack.sources import Path_
from services.contracts.periods import parse_period

Hints = Iterator[PackProblem]

_PERCENTAGE: Final = 2.0
"""A share's target above this is taken for a percentage: 120 % of a plan is a share of 1.2."""

_NEAR: Final = 0.1
"""Weights whose sum misses a round sum by up to this share of it are taken to be meant as that."""

_SLACK: Final = 1e-9


def hints(
    campaign: Placed[Campaign],
    blocks: Sequence[Placed[Block]],
    schemes: Sequence[Placed[Scheme]],
    indicators: Sequence[Placed[Indicator]],
    units: Sequence[Placed[Unit]],
) -> Hints:
    """Of a pack without a fault."""
    shares = {one.value.id for one in indicators if one.value.is_percentage}
    for scheme in schemes:
        yield from _weights(scheme, scheme.value.root, ("root",))
        yield from _percentages(scheme, scheme.value.root, ("root",), shares)
    yield from _unused(blocks, schemes, indicators)
    yield from _never_due(campaign.value, indicators)
    for block in blocks:
        yield from _block(block, [unit for unit in units if unit.value.block == block.value.id])
    yield from _outside(campaign.value, units)
    yield from _parents(blocks, indicators, units)


# --- schemes ------------------------------------------------------------------------------------------------------------------


def _weights(scheme: Placed[Scheme], group: Group, inside: Path_) -> Hints:
    """Of each group with several members, when the sum of their weights just misses a sum that is meant: 1, 100, the scale at the root, or
    inside a table of points what the group itself is worth."""
    if len(group.members) > 1:
        total = sum(member.weight for member in group.members)
        meant = {1.0, 100.0, scheme.value.scale} if inside == ("root",) else {1.0, 100.0, group.weight}
        nearest = min(meant, key=lambda one: abs(one - total))
        if (
            total not in meant
            and _SLACK < abs(nearest - total) <= nearest * _NEAR
            and _is_no_count(group, total)
        ):
            yield scheme.problem(
                (*inside, "members"),
                f"the weights in {group.group!r} add up to {total:g} and are taken as shares of that",
                f"weights that add up to {nearest:g}, if that is meant,",
            )
    for index, member in enumerate(group.members):
        if isinstance(member, Group):
            yield from _weights(scheme, member, (*inside, "members", index))


def _is_no_count(group: Group, total: float) -> bool:
    """Equal weights of 1 are a count of members, whatever they come to."""
    return any(member.weight != 1 for member in group.members) and abs(total - round(total, 3)) < 1e-6


def _percentages(scheme: Placed[Scheme], group: Group, inside: Path_, shares: set[str]) -> Hints:
    for index, member in enumerate(group.members):
        at = (*inside, "members", index)
        if isinstance(member, Group):
            yield from _percentages(scheme, member, at, shares)
        elif member.indicator in shares and member.per is None and member.change is None:
            key, target = _target(member.scoring)
            if target is not None and target > _PERCENTAGE:
                yield scheme.problem(
                    (*at, "scoring"),
                    f"{member.indicator!r} is a share, and {key} asks for {target * 100:g} %",
                    f"{target / 100:g}, if {target:g} % is meant,",
                )


def _target(method: Method) -> tuple[str, float | None]:
    match method:
        case TargetRatio(target=target) | Exceedance(target=target):
            return "target", target
        case CappedRatio(threshold=threshold) | PassFail(threshold=threshold):
            return "threshold", threshold
        case Goalposts(high=high):
            return "high", high
        case _:
            return "", None


def _unused(
    blocks: Sequence[Placed[Block]],
    schemes: Sequence[Placed[Scheme]],
    indicators: Sequence[Placed[Indicator]],
) -> Hints:
    scored = {block.value.scheme for block in blocks}
    for scheme in schemes:
        if scheme.value.id not in scored:
            yield scheme.problem(
                ("id",), f"no block is scored by {scheme.value.id!r}", "it as some block's scheme"
            )
    named = {text for scheme in schemes for text in _texts(scheme.value.model_dump(mode="json"))}
    for indicator in indicators:
        others = (one for one in indicators if one.value.id != indicator.value.id)
        if indicator.value.id not in named and not any(
            indicator.value.id in _texts(one.value.model_dump(mode="json")) for one in others
        ):
            yield indicator.problem(
                ("id",), f"nothing uses {indicator.value.id!r}", "a criterion of it, or leave it out,"
            )


def _never_due(campaign: Campaign, indicators: Sequence[Placed[Indicator]]) -> Hints:
    """Of indicators that are reported so seldom that no period of theirs ends in the campaign."""
    span = parse_period(campaign.span)
    for indicator in indicators:
        cadence = indicator.value.cadence
        if cadence in ("span", "nine_months") or next(iter(span.each(cadence)), None) is not None:
            continue
        yield indicator.problem(
            ("cadence",),
            f"no {cadence} of {indicator.value.id!r} ends inside {span}, so an older figure stands in",
            "a shorter cadence, if new figures are to count,",
        )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


# --- blocks and units ---------------------------------------------------------------------------------------------------------


def _block(block: Placed[Block], units: Sequence[Placed[Unit]]) -> Hints:
    ids = {unit.value.id for unit in units}
    if len(ids) == 1:
        yield block.problem(
            ("id",), f"{block.value.id!r} has one unit, first of one", "units that it competes with"
        )
    for kind in ("leader", "underperformer"):
        rule = getattr(block.value.flags, kind, None)
        if isinstance(rule, FlagRule) and rule.enter * len(ids) < 1 - _SLACK:
            yield block.problem(
                ("flags", kind),
                f"{rule.enter:g} of {len(ids)} units is less than one, so none is ever flagged",
                f"enter: {1 / len(ids):.3g} or more",
            )
    yield from _alike(units)


def _alike(units: Sequence[Placed[Unit]]) -> Hints:
    names: dict[str, Placed[Unit]] = {}
    for unit in units:
        name = unit.value.name.casefold()
        held = names.setdefault(name, unit)
        if held.value.id != unit.value.id and _overlap(held.value, unit.value):
            yield unit.problem(
                (), f"{unit.value.name!r} stands in line {held.line()} as well", "names that differ"
            )


def _overlap(one: Unit, other: Unit) -> bool:
    starts = [unit.valid_from for unit in (one, other) if unit.valid_from is not None]
    return not starts or (one.holds(max(starts)) and other.holds(max(starts)))


def _outside(campaign: Campaign, units: Sequence[Placed[Unit]]) -> Hints:
    span = parse_period(campaign.span)
    for unit in units:
        ended = unit.value.valid_to is not None and unit.value.valid_to <= span.first
        begins = unit.value.valid_from is not None and unit.value.valid_from > span.last
        if ended or begins:
            yield unit.problem(
                (), f"{unit.value.id!r} is there on no day of the campaign, {span}", "days that lie in it"
            )


def _parents(
    blocks: Sequence[Placed[Block]], indicators: Sequence[Placed[Indicator]], units: Sequence[Placed[Unit]]
) -> Hints:
    """Of blocks that are evaluated before they can have heard what is made of their children."""
    by_id = {block.value.id: block for block in blocks}
    block_of = {unit.value.id: unit.value.block for unit in units}
    made = {one.value.from_children.block for one in indicators if one.value.from_children is not None}
    pairs = {
        (unit.value.block, block_of[unit.value.parent])
        for unit in units
        if unit.value.block in made and unit.value.parent is not None
    }
    for children, parents in sorted(pairs):
        first, then = by_id[children].value.schedule, by_id[parents].value.schedule
        if first is not None and then is not None and then.after_days <= first.after_days:
            yield by_id[parents].problem(
                ("schedule", "after_days"),
                f"{parents!r} is evaluated no later than {children!r}, whose units are its units' children",
                f"an after_days above {first.after_days}",
            )
