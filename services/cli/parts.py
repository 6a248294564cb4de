"""Compares the parts of scores with published ones: points of criteria, of top-level groups, and of the whole."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from services.cli.comparison import Cell, Difference
from services.cli.failures import CalledWrongly
from services.contracts.ids import BlockId
from services.contracts.pack.model import Pack
from services.contracts.pack.problem import BadPack
from services.contracts.pack.scheme import Group, Scheme, name_of
from services.contracts.pack.sources import read_csv
from services.contracts.results import Evaluation, UnitResult

PARTS: Final = "published-parts.csv"

_STAGES: Final = ("criteria", "zero_over_zero", "groups", "totals")
"""`zero_over_zero`: criteria of 0/0, which a published rule pays for and the pack says so."""


class PublishedPart(NamedTuple):
    """The points of one part; text, so that they keep their decimals. `part` is the id of a criterion, a top-level group or the root."""

    period: str
    unit: str
    part: str
    points: str


class Stage(NamedTuple):
    """How one kind of part, or one step of a computation, compares. `worst_error` is over all that were found, before rounding."""

    stage: str
    compared: int
    equal: int
    worst_error: float
    differences: list[Difference]


class _Found(NamedTuple):
    stage: str
    points: float


def read_parts(folder: Path) -> list[PublishedPart]:
    """The published parts of a pack's folder, columns unit, period, part, points; none without such a file. Raises `CalledWrongly`."""
    if not (folder / PARTS).exists():
        return []
    try:
        rows = read_csv(folder, PARTS).data
        return [PublishedPart(row["period"], row["unit"], row["part"], row["points"]) for row in rows]
    except BadPack as bad:
        raise CalledWrongly(str(bad), "Correct the file and run the command again.") from bad
    except KeyError as missing:
        raise CalledWrongly(f"{PARTS} has a row without {missing}.", "Every row has all four.") from None


def compare_parts(
    published: Sequence[PublishedPart], evaluations: Iterable[Evaluation], pack: Pack
) -> list[Stage]:
    """A stage for each kind of part that was published. Points are compared at the decimals of their stage's published points.

    A part that no evaluation has is compared as "none", in the stage that its name belongs to.
    """
    found = {cell: parts for one in evaluations for cell, parts in _parts(one, pack)}
    kinds = {name: kind for scheme in pack.schemes for name, kind in _kinds(scheme)}
    rows: dict[str, list[tuple[PublishedPart, float | None]]] = {stage: [] for stage in _STAGES}
    for row in published:
        part = found.get((row.period, row.unit), {}).get(row.part)
        stage = kinds.get(row.part, "criteria") if part is None else part.stage
        rows[stage].append((row, None if part is None else part.points))
    return [_stage(stage, of_stage) for stage, of_stage in rows.items() if of_stage]


def _stage(name: str, rows: Sequence[tuple[PublishedPart, float | None]]) -> Stage:
    decimals = max(len(row.points.partition(".")[2]) for row, _ in rows)
    differences = [
        Difference(row.period, f"{row.unit} {row.part}", wanted, points)
        for row, found in rows
        for wanted in [f"{float(row.points):.{decimals}f}"]
        for points in ["none" if found is None else f"{found:.{decimals}f}"]
        if points != wanted
    ]
    worst = max((abs(found - float(row.points)) for row, found in rows if found is not None), default=0.0)
    return Stage(name, len(rows), len(rows) - len(differences), worst, differences)


def _parts(evaluation: Evaluation, pack: Pack) -> Iterator[tuple[Cell, dict[str, _Found]]]:
    scheme = pack.scheme_of(BlockId(evaluation.block))
    for unit in evaluation.units:
        yield (evaluation.period, unit.unit), dict(_of_unit(unit, scheme))


def _of_unit(unit: UnitResult, scheme: Scheme) -> Iterator[tuple[str, _Found]]:
    points = dict(_points(scheme.root, scheme.scale)) | {
        extra.criterion: extra.weight for extra in scheme.extras
    }
    for criterion, cell in zip(scheme.criteria(), unit.criteria, strict=True):
        if cell.score is not None:
            stage = "zero_over_zero" if cell.state == "not_applicable" else "criteria"
            yield criterion.criterion, _Found(stage, cell.score * points[criterion.criterion])
    for member, score in zip(scheme.top_groups(), unit.groups, strict=True):
        if score is not None and isinstance(member, Group):
            yield member.group, _Found("groups", score * points[member.group])
    if unit.score is not None:
        yield scheme.root.group, _Found("totals", unit.score)


def _points(group: Group, points: float) -> Iterator[tuple[str, float]]:
    """What each node below the group is worth on the scheme's scale."""
    total = sum(member.weight for member in group.members)
    for member in group.members:
        own = points * member.weight / total
        yield name_of(member), own
        if isinstance(member, Group):
            yield from _points(member, own)


def _kinds(scheme: Scheme) -> Iterator[tuple[str, str]]:
    yield scheme.root.group, "totals"
    for member in scheme.top_groups():
        if isinstance(member, Group):
            yield member.group, "groups"
