"""Checks that a block's flag rules fit what the block has: units, criteria, paths, ratios."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import Targeted
from services.contracts.pack.model import Block, Unit
from services.contracts.pack.placed import Placed
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.scheme import Criterion, Scheme

Fault = tuple[tuple[str, ...], str, str]
"""(where inside the flag rules, what is wrong, what to write instead)."""

LEAST_UNITS = 5
"""Of fewer, the engine cannot tell the spread of the others."""


class Company(NamedTuple):
    """What a block has."""

    units: int
    scheme: Scheme
    criteria: tuple[Criterion, ...]
    """Without bonuses and penalties."""
    indicators: tuple[Indicator, ...]
    """Theirs, where they are right by themselves."""


def flag_problems(
    block: Placed[Block],
    schemes: Sequence[Placed[Scheme]],
    indicators: dict[str, Indicator],
    units: Sequence[Placed[Unit]],
) -> Iterator[PackProblem]:
    """Nothing is said about a block whose scheme is not there: that is told elsewhere."""
    scheme = next((placed.value for placed in schemes if placed.value.id == block.value.scheme), None)
    if scheme is None:
        return
    extras = {extra.criterion for extra in scheme.extras}
    criteria = tuple(one for one in scheme.criteria() if one.criterion not in extras)
    company = Company(
        len({unit.value.id for unit in units if unit.value.block == block.value.id}),
        scheme,
        criteria,
        tuple(indicators[one.indicator] for one in criteria if one.indicator in indicators),
    )
    for inside, what, instead in (*_evidence(block.value, company), *_others(block.value, company)):
        yield block.problem(("flags", *inside), what, instead)


def _evidence(block: Block, company: Company) -> Iterator[Fault]:
    rule = block.flags.evidence
    if rule is None:
        return
    for kind in rule.kinds:
        if getattr(block.flags, kind) is not None:
            yield (kind,), f"evidence flags every {kind} already", f"no {kind} rule, or no evidence"
    if company.units and company.units < LEAST_UNITS:
        yield (
            ("evidence",),
            f"evidence needs {LEAST_UNITS} units or more, and {block.id!r} has {company.units}",
            "leader and underperformer rules",
        )
    scheme, has_ratio = company.scheme, any(one.measure == "ratio" for one in company.indicators)
    if company.indicators and not (has_ratio and scheme.uncertainty.sampling):
        yield (
            ("evidence",),
            f"nothing in {scheme.id!r} has sampling error, so evidence has nothing to go by",
            "leader and underperformer rules",
        )


def _others(block: Block, company: Company) -> Iterator[Fault]:
    rules, name = block.flags, repr(company.scheme.id)
    count = len(company.criteria)
    if rules.off_path is not None and all(one.path is None for one in company.criteria):
        yield ("off_path",), f"no criterion of {name} has a planned path", "a path for one, or no off_path"
    if rules.silent is not None and rules.silent.enter > count:
        what = f"a unit of {name} has {count} criteria and never {rules.silent.enter} overdue"
        yield ("silent", "enter"), what, f"enter: {count} or less"
    if rules.sudden_change is not None and rules.sudden_change.least > company.scheme.scale:
        what = (
            f"nothing changes by {rules.sudden_change.least:g} points on a scale of {company.scheme.scale:g}"
        )
        yield ("sudden_change", "least"), what, f"least: {company.scheme.scale:g} or less"
    repeatable = sum(one.measure in ("value", "ratio") for one in company.indicators)
    if rules.frozen is not None and len(company.indicators) == count and rules.frozen.figures > repeatable:
        what = f"{repeatable} of a unit's figures in {name} can repeat, fewer than {rules.frozen.figures}"
        yield ("frozen", "figures"), what, f"figures: {repeatable} or less" if repeatable else "no frozen"
    yield from _review(block, company)


def _review(block: Block, company: Company) -> Iterator[Fault]:
    rule, name = block.flags.review, repr(company.scheme.id)
    if rule is None:
        return
    passed = {one.id for one in company.indicators if one.measure == "passed"}
    targeted = {one.indicator for one in company.criteria if isinstance(one.scoring, Targeted)}
    if rule.heaped is not None and not targeted - passed:
        yield ("review", "heaped"), f"no figure of {name} has a target", "no heaped"
    if (
        rule.burst is not None
        and company.indicators
        and all(one.within != "sum" for one in company.indicators)
    ):
        yield ("review", "burst"), f"no indicator of {name} is summed", "no burst"
