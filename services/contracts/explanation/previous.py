"""Which evaluation a result's change is told against: its baseline, or else the newest of an earlier period of the same length."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from services.contracts.event_data import Place
from services.contracts.ids import EvaluationId
from services.contracts.periods import parse_period
from services.contracts.results import Evaluation, Ranking


class Dated(Protocol):
    """What is asked of an evaluation, or of its head in a list."""

    @property
    def id(self) -> EvaluationId: ...

    @property
    def period(self) -> str: ...

    @property
    def edition(self) -> int: ...

    @property
    def cause(self) -> Place: ...


T = TypeVar("T", bound=Dated)


def previous_of(result: Evaluation | Ranking, evaluations: Iterable[T]) -> T | None:
    """Of the block's `evaluations`, in any order. What came into the log after the result is none, for the result did not know it."""
    period = parse_period(result.period)
    known = [one for one in evaluations if one.cause <= result.cause]
    if result.baseline is not None:
        return next((one for one in known if one.id == result.baseline.evaluation), None)
    earlier = [
        one for one in known if (held := parse_period(one.period)).cadence == period.cadence and held < period
    ]
    return max(earlier, key=lambda one: (parse_period(one.period), one.edition, one.cause), default=None)
