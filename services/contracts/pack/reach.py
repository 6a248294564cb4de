"""How far before the campaign figures are wanted: what its changes and paths start from."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.contracts.pack.indicator import Indicator
from services.contracts.pack.model import Pack
from services.contracts.pack.paths import StraightPath
from services.contracts.pack.scheme import Criterion
from services.contracts.periods import Period, parse_period, period_of


def first_days(pack: Pack) -> dict[str, date]:
    """By indicator, the first day of what may be reported of it, where that is before the campaign's span: a baseline, a year before."""
    span = parse_period(pack.campaign.span)
    found: dict[str, date] = {}
    for scheme in pack.schemes:
        for criterion in scheme.criteria():
            for name in (criterion.indicator, *([criterion.per.indicator] if criterion.per else [])):
                for day in _days(criterion, pack.definitions[name], span):
                    found[name] = min(day, found.get(name, span.first))
    return found


def _days(criterion: Criterion, definitions: tuple[Indicator, ...], span: Period) -> Iterator[date]:
    change, path = criterion.change, criterion.path
    if isinstance(path, StraightPath) and path.base_period is not None:
        yield parse_period(path.base_period).first
    if change is None:
        return
    if change.base_period is not None:
        yield parse_period(change.base_period).first
    elif change.against == "year_before":
        yield date(span.first.year - 1, 1, 1)
    else:
        for indicator in definitions:
            if indicator.cadence not in ("nine_months", "span"):
                yield period_of(span.first - timedelta(days=1), indicator.cadence).first
