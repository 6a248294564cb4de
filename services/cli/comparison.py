"""Compares scores and ranks with a published table: what agrees, what differs, what one has and the other has not."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from services.cli.failures import CalledWrongly
from services.contracts.pack.problem import BadPack
from services.contracts.pack.sources import read_csv
from services.contracts.results import Evaluation

PUBLISHED: Final = "published.csv"

_KNOWN: Final = ("unit", "period", "rank", "note")
"""The column beside these holds the value."""

Cell = tuple[str, str]
"""(period, unit)."""


class Score(NamedTuple):
    """What an evaluation says of a unit; nulls when it is not ranked."""

    period: str
    unit: str
    score: float | None
    rank: int | None


def scores_in(evaluations: Iterable[Evaluation]) -> list[Score]:
    """What every unit got."""
    return [Score(one.period, u.unit, u.score, u.rank) for one in evaluations for u in one.units]


class Published(NamedTuple):
    """A published row. `value` is text, so that it keeps its decimals. A row without one says that nothing was published for the unit.

    With a `note` it was published and was not read.
    """

    period: str
    unit: str
    value: str | None
    rank: int | None
    note: str | None = None


class Difference(NamedTuple):
    """A cell where the two do not agree."""

    period: str
    unit: str
    published: str
    computed: str


class Comparison(NamedTuple):
    """The outcome. `unpublished` were computed though nothing was published, `unranked` neither: both are named in the published table.

    `unread` are named there too, with a note that says why there is nothing to compare with.
    """

    periods: int
    missing_periods: list[str]
    values: int
    values_equal: int
    ranks: int
    ranks_equal: int
    differences: list[Difference]
    unpublished: list[Cell]
    unranked: list[Cell]
    unread: list[Cell]
    unexpected: list[Cell]
    """Computed, or in a ranked period not ranked, without being named in the published table."""
    other_periods: list[str]
    """Evaluated though nothing was published of them; they are compared with nothing."""

    @property
    def agrees(self) -> bool:
        complete = self.values_equal == self.values and self.ranks_equal == self.ranks
        return complete and not self.missing_periods and not self.unexpected


def read_published(folder: Path) -> list[Published]:
    """The published table of a pack: columns unit, period, one for the value, rank, and perhaps note. Raises `CalledWrongly`."""
    if folder.is_dir() and not (folder / PUBLISHED).exists():
        raise CalledWrongly(
            f"The campaign in {folder} has no published table ({PUBLISHED}), so there is nothing to compare with.",
            "Give a pack with published answers, such as hdi; thidua audit compares any block with its log.",
        )
    try:
        document = read_csv(folder, PUBLISHED)
    except BadPack as bad:
        raise CalledWrongly(str(bad), "Give a pack with published answers, such as hdi.") from bad
    return [_published(row) for row in document.data]


def _published(row: dict[str, str]) -> Published:
    value = next((text for name, text in row.items() if name not in _KNOWN), None)
    rank = int(row["rank"]) if "rank" in row else None
    return Published(row["period"], row["unit"], value, rank, row.get("note"))


def compare(
    published: Sequence[Published],
    scores: Iterable[Score],
    periods: Sequence[str],
    elsewhere: Collection[Cell] = (),
) -> Comparison:
    """`periods` are those that must have an evaluation; others are only listed. Values are compared as published, to the decimals of the
    published table.

    What is published `elsewhere` is expected and not compared here.
    """
    everything = {(score.period, score.unit): score for score in scores}
    evaluated = {period for period, _ in everything}
    computed = {cell: score for cell, score in everything.items() if score.period in periods}
    values = [row for row in published if row.value is not None]
    ranks = [row for row in published if row.rank is not None]
    decimals = max((len(str(row.value).partition(".")[2]) for row in values), default=0)
    wrong_values = [_value_difference(row, computed.get((row.period, row.unit)), decimals) for row in values]
    wrong_ranks = [_rank_difference(row, computed.get((row.period, row.unit))) for row in ranks]
    differing = [d for d in wrong_values + wrong_ranks if d is not None and d.period in evaluated]
    blank = [
        computed[row.period, row.unit]
        for row in published
        if row.value is None and row.note is None and (row.period, row.unit) in computed
    ]
    return Comparison(
        periods=len(periods),
        missing_periods=sorted(set(periods) - evaluated),
        values=len(values),
        values_equal=wrong_values.count(None),
        ranks=len(ranks),
        ranks_equal=wrong_ranks.count(None),
        differences=differing,
        unpublished=sorted((score.period, score.unit) for score in blank if score.score is not None),
        unranked=sorted((score.period, score.unit) for score in blank if score.score is None),
        unread=sorted((row.period, row.unit) for row in published if row.note is not None),
        unexpected=_unexpected(computed, published, elsewhere),
        other_periods=sorted(evaluated - set(periods)),
    )


def _unexpected(
    computed: dict[Cell, Score], published: Sequence[Published], elsewhere: Collection[Cell]
) -> list[Cell]:
    named = {(row.period, row.unit) for row in published} | set(elsewhere)
    ranked = {row.period for row in published if row.rank is not None}
    return sorted(
        cell
        for cell, score in computed.items()
        if cell not in named and (score.score is not None or score.period in ranked)
    )


def _value_difference(row: Published, score: Score | None, decimals: int) -> Difference | None:
    value = f"{float(str(row.value)):.{decimals}f}"
    found = "none" if score is None or score.score is None else f"{score.score:.{decimals}f}"
    return None if found == value else Difference(row.period, row.unit, value, found)


def _rank_difference(row: Published, score: Score | None) -> Difference | None:
    found = None if score is None else score.rank
    return (
        None if found == row.rank else Difference(row.period, row.unit, f"rank {row.rank}", f"rank {found}")
    )
