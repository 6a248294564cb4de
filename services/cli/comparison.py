"""Compares scores and ranks with a published table: what agrees, what differs, what one has and the other has not."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from services.cli.failures import CalledWrongly
from services.contracts.pack.problem import BadPack
from services.contracts.pack.sources import read_csv

PUBLISHED: Final = "published.csv"

Cell = tuple[str, str]
"""(period, unit)."""


class Score(NamedTuple):
    """What an evaluation says of a unit; nulls when it is not ranked."""

    period: str
    unit: str
    score: float | None
    rank: int | None


class Published(NamedTuple):
    """A published row. `value` is text, so that it keeps its decimals. A row without one says that nothing was published for the unit."""

    period: str
    unit: str
    value: str | None
    rank: int | None


class Difference(NamedTuple):
    """A cell where the two do not agree."""

    period: str
    unit: str
    published: str
    computed: str


class Comparison(NamedTuple):
    """The outcome. `unpublished` were computed though nothing was published, `unranked` neither: both are named in the published table."""

    periods: int
    missing_periods: list[str]
    values: int
    values_equal: int
    ranks: int
    ranks_equal: int
    differences: list[Difference]
    unpublished: list[Cell]
    unranked: list[Cell]
    unexpected: list[Cell]
    """Computed, or not ranked, without being named in the published table."""

    @property
    def agrees(self) -> bool:
        return not (self.missing_periods or self.differences or self.unexpected)


def read_published(folder: Path) -> list[Published]:
    """The published table of a pack: columns unit, period, one for the value, and rank. Raises `CalledWrongly`."""
    try:
        document = read_csv(folder, PUBLISHED)
    except BadPack as bad:
        raise CalledWrongly(str(bad), "Give a pack with published answers, such as hdi.") from bad
    return [_published(row) for row in document.data]


def _published(row: dict[str, str]) -> Published:
    value = next((text for name, text in row.items() if name not in ("unit", "period", "rank")), None)
    return Published(row["period"], row["unit"], value, int(row["rank"]) if "rank" in row else None)


def compare(published: Sequence[Published], scores: Iterable[Score], periods: Sequence[str]) -> Comparison:
    """`periods` are those that must have an evaluation. Values are compared as published: to as many decimals as they have there."""
    computed = {(score.period, score.unit): score for score in scores}
    named = {(row.period, row.unit): row for row in published}
    with_value = [row for row in published if row.value is not None]
    with_rank = [row for row in published if row.rank is not None]
    wrong_values = [
        d for row in with_value if (d := _value_difference(row, computed.get((row.period, row.unit))))
    ]
    wrong_ranks = [
        d for row in with_rank if (d := _rank_difference(row, computed.get((row.period, row.unit))))
    ]
    open_rows = [cell for cell, row in named.items() if row.value is None]
    ranked_periods = {row.period for row in with_rank}
    return Comparison(
        periods=len(periods),
        missing_periods=sorted(set(periods) - {period for period, _ in computed}),
        values=len(with_value),
        values_equal=len(with_value) - len(wrong_values),
        ranks=len(with_rank),
        ranks_equal=len(with_rank) - len(wrong_ranks),
        differences=wrong_values + wrong_ranks,
        unpublished=sorted(
            cell for cell in open_rows if cell in computed and computed[cell].score is not None
        ),
        unranked=sorted(cell for cell in open_rows if cell in computed and computed[cell].score is None),
        unexpected=sorted(
            cell
            for cell, score in computed.items()
            if cell not in named and (score.score is not None or score.period in ranked_periods)
        ),
    )


def _value_difference(row: Published, score: Score | None) -> Difference | None:
    value = str(row.value)
    decimals = len(value.partition(".")[2])
    found = "none" if score is None or score.score is None else f"{score.score:.{decimals}f}"
    return None if found == value else Difference(row.period, row.unit, value, found)


def _rank_difference(row: Published, score: Score | None) -> Difference | None:
    found = None if score is None else score.rank
    return (
        None if found == row.rank else Difference(row.period, row.unit, f"rank {row.rank}", f"rank {found}")
    )
