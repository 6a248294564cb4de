"""Checks that a scheme's criteria fit their indicators: measures, directions, where bonuses stand, what 0/0 and denominators need."""

from collections.abc import Iterator

from services.contracts.pack.indicator import Indicator
from services.contracts.pack.methods import (
    Bonus,
    CappedRatio,
    CountPoints,
    Exceedance,
    Goalposts,
    PassFail,
    Penalty,
    TargetRatio,
)
from services.contracts.pack.path_fitting import path_faults
from services.contracts.pack.paths import StraightPath
from services.contracts.pack.placed import Placed
from services.contracts.pack.problem import PackProblem
from services.contracts.pack.scheme import Criterion, Group, Scheme, name_of
from services.contracts.pack.sources import Path_
from services.contracts.pack.wording import did_you_mean
from services.contracts.periods import BadPeriod, Period, parse_period

Problems = Iterator[PackProblem]


def scheme_problems(
    scheme: Placed[Scheme], indicators: dict[str, Indicator], known: list[str], span: Period | None = None
) -> Problems:
    """`indicators` are those that are right by themselves, `known` all that are written; `span` is the campaign's."""
    yield from _exact(scheme, indicators, known)
    first: dict[str, int] = {}
    for inside, member in _members(scheme.value):
        name = name_of(member)
        if name in first:
            yield scheme.problem(
                inside, f"{name!r} stands in line {first[name]} of this scheme already", "another id"
            )
        first.setdefault(name, scheme.document.line((*scheme.path, *inside)))
        if isinstance(member, Criterion):
            yield from _criterion(scheme, inside, member, indicators, known)
            for what, instead in path_faults(member, indicators.get(member.indicator), span):
                yield scheme.problem((*inside, "path"), what, instead)


def _exact(scheme: Placed[Scheme], indicators: dict[str, Indicator], known: list[str]) -> Problems:
    """`uncertainty.exact` names ratios."""
    for index, name in enumerate(scheme.value.uncertainty.exact):
        inside = ("uncertainty", "exact", index)
        if known and name not in known:
            yield scheme.problem(inside, f"there is no indicator {name!r}", did_you_mean(name, known))
        elif name in indicators and indicators[name].measure != "ratio":
            yield scheme.problem(
                inside,
                f"{name!r} is no ratio and has no sampling error",
                "an indicator with measure: ratio",
            )


def _members(scheme: Scheme) -> Iterator[tuple[Path_, Group | Criterion]]:
    yield from _walk(scheme.root, ("root",))
    for index, extra in enumerate(scheme.extras):
        yield ("extras", index), extra


def _walk(member: Group | Criterion, inside: Path_) -> Iterator[tuple[Path_, Group | Criterion]]:
    yield inside, member
    if isinstance(member, Group):
        for index, inner in enumerate(member.members):
            yield from _walk(inner, (*inside, "members", index))


def _criterion(
    scheme: Placed[Scheme],
    inside: Path_,
    criterion: Criterion,
    indicators: dict[str, Indicator],
    known: list[str],
) -> Problems:
    named: list[tuple[Path_, str]] = [(("indicator",), criterion.indicator)]
    if criterion.per is not None:
        named.append((("per", "indicator"), criterion.per.indicator))
    for key, name in named:
        if known and name not in known:
            yield scheme.problem(
                (*inside, *key), f"there is no indicator {name!r}", did_you_mean(name, known)
            )
    faults = [*_place(inside, criterion), *_per(criterion, indicators)]
    if (indicator := indicators.get(criterion.indicator)) is not None:
        faults += _fit(criterion, indicator)
    for field, what, instead in faults:
        yield scheme.problem((*inside, field), what, instead)


Fault = tuple[str, str, str]
"""(the criterion's key, what is wrong, what to write instead)."""


def _place(inside: Path_, criterion: Criterion) -> Iterator[Fault]:
    """Bonuses and penalties stand in `extras`, and nothing else does."""
    method, is_extra = criterion.scoring.method, inside[0] == "extras"
    if isinstance(criterion.scoring, Bonus | Penalty) and not is_extra:
        yield "scoring", f"{method} does not stand in a group", "it under the scheme's 'extras'"
    elif is_extra and not isinstance(criterion.scoring, Bonus | Penalty):
        yield "scoring", f"{method} does not stand in extras", "method: bonus or method: penalty"
    if is_extra and criterion.gate is not None:
        yield "gate", "a bonus or penalty has no gate", "no gate"


def _per(criterion: Criterion, indicators: dict[str, Indicator]) -> Iterator[Fault]:
    if criterion.per is None:
        return
    own, under = indicators.get(criterion.indicator), indicators.get(criterion.per.indicator)
    if own is not None and own.measure == "passed":
        yield "per", f"{own.id!r} is passed or not and has no denominator", "no per"
    if under is not None and under.measure != "value":
        yield "per", f"{under.id!r} is no value to divide by", "an indicator with measure: value"


def _fit(criterion: Criterion, indicator: Indicator) -> Iterator[Fault]:
    method, id = criterion.scoring.method, repr(indicator.id)
    yield from _change(criterion, indicator)
    yield from _last_value(criterion, indicator)
    if indicator.direction == "lower" and criterion.change is None and _only_higher(criterion):
        yield (
            "scoring",
            f"{method} does not fit {id}, of which less is better",
            "{method: target_ratio, target: ...}",
        )
    if indicator.measure != "ratio" and criterion.per is None and criterion.zero_over_zero != "exclude":
        yield "zero_over_zero", f"{id} is no ratio and is never 0/0", "no zero_over_zero"
    if indicator.measure == "passed":
        if not _fits_passed(criterion):
            yield (
                "scoring",
                f"{method} does not fit {id}, which is passed or not",
                "{method: target_ratio, target: 1}",
            )
        if criterion.treatment is not None:
            yield "treatment", f"{id} is passed or not and has no outliers", "no treatment"
    if _is_compat(criterion) and criterion.missing != "zero":
        yield "missing", "exceedance with compat counts what is missing as 0", "missing: zero"


def _change(criterion: Criterion, indicator: Indicator) -> Iterator[Fault]:
    change, id = criterion.change, repr(indicator.id)
    if change is None:
        return
    if indicator.measure == "passed":
        yield "change", f"{id} is passed or not and has no change", "no change"
    if criterion.zero_over_zero != "exclude":
        yield "zero_over_zero", "a change without a base to compare with is no 0/0", "no zero_over_zero"
    if indicator.within in ("to_date", "mean_to_date"):
        yield (
            "change",
            f"{id} adds up all periods ({indicator.within}) and has no change",
            "within: last or sum",
        )
    if criterion.path is not None and isinstance(criterion.path, StraightPath) and criterion.path.base_period:
        yield "path", "a change has no base of its own", "base: 0"
    if change.base_period is not None:
        try:
            parse_period(change.base_period)
        except BadPeriod:
            yield "change", f"{change.base_period!r} is no period", "the period of the base, as in 2020"


def _last_value(criterion: Criterion, indicator: Indicator) -> Iterator[Fault]:
    if criterion.missing != "last_value":
        if criterion.last_value_for is not None:
            yield (
                "last_value_for",
                f"missing: {criterion.missing} puts no last value in",
                "missing: last_value",
            )
        return
    instead = "missing: zero or missing: exclude"
    if indicator.within in ("sum", "mean"):
        yield (
            "missing",
            f"{indicator.id!r} is a {indicator.within}, for which no last value stands in",
            instead,
        )
    if criterion.change is not None:
        yield "missing", "a change of a last value is none", instead


def _only_higher(criterion: Criterion) -> bool:
    return isinstance(criterion.scoring, CappedRatio | CountPoints | Bonus | Penalty) or _is_compat(criterion)


def _is_compat(criterion: Criterion) -> bool:
    return isinstance(criterion.scoring, Exceedance) and criterion.scoring.compat


def _fits_passed(criterion: Criterion) -> bool:
    """Passed counts as 1 and not passed as 0: only rules that leave these as they are, or count them."""
    match criterion.scoring:
        case TargetRatio(target=target, cap=cap):
            return target == 1 and cap == 1
        case Goalposts(low=low, high=high, log=log):
            return (low, high, log) == (0, 1, False)
        case PassFail(threshold=threshold):
            return 0 < threshold <= 1
        case CountPoints() | Bonus() | Penalty():
            return True
        case _:
            return False
