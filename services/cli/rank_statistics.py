"""`thidua verify rank-statistics`: published tables of intervals, limits and rank sets, computed again by the engine's methods.

Each table of the folder that is known by how its name begins makes a stage. Other tables of the same columns may be put into a folder of their
own, and that folder named.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from services.cli.comparison import Difference
from services.cli.failures import CalledWrongly
from services.cli.parts import Stage
from services.contracts.pack.problem import BadPack
from services.contracts.pack.sources import read_csv
from services.scoring.engine.uncertainty.funnel import poisson_limits
from services.scoring.engine.uncertainty.james_stein import arcsine, arcsine_rates, stein_means, stein_rates
from services.scoring.engine.uncertainty.joint_ranks import joint_rank_ranges
from services.scoring.engine.uncertainty.overlap import (
    confidence_of,
    overlap_multiplier,
    overlap_multiplier_of_mean,
)
from services.scoring.engine.uncertainty.rank_sets import (
    best_units,
    marginal_rank_sets,
    simultaneous_rank_sets,
)
from services.scoring.engine.uncertainty.shrinkage import likelihood_fit, shrunk_rates
from services.scoring.engine.uncertainty.wilson import wilson_interval

Floats = npt.NDArray[np.float64]

NAME: Final = "rank-statistics"

_SHIPPED: Final = Path(__file__).resolve().parents[2] / "tests" / "reference" / NAME
_BEST: Final = re.compile(r"(tau(\d+)best(\d+)_seed)")

_EXACT: Final = 1e-12
_DRAWN: Final = 1.0
"""csranks draws its critical values with R's numbers; its own limits differ by as much, and more, from seed to seed."""
_SOUGHT: Final = 1e-6
"""The greatest likelihood is as flat as that where a search ends."""


class Cell(NamedTuple):
    """A published figure: it agrees when what is found lies within `most` of `low` to `high`, which mostly are one."""

    what: str
    low: float
    high: float
    found: float
    most: float

    @property
    def error(self) -> float:
        return max(self.low - self.found, self.found - self.high, 0.0)


class Table(NamedTuple):
    """A table of numbers and texts by column."""

    rows: list[dict[str, str]]

    def numbers(self, column: str) -> Floats:
        return np.array([float(row[column]) for row in self.rows])


def is_folder_of_tables(name: str) -> bool:
    """Whether the name is of these tables, or of a folder that holds some."""
    return name == NAME or bool(_files(Path(name)))


def compare_rank_statistics(name: str) -> list[Stage]:
    """A stage for each table. Raises `CalledWrongly` where there is none."""
    folder = _SHIPPED if name == NAME else Path(name)
    files = _files(folder)
    if not files:
        raise CalledWrongly(
            f"There are no tables in {folder}.",
            "They come with the source tree; name a folder that has some.",
        )
    return [_stage(file, compare(_read(folder, file))) for file, compare in files]


def _files(folder: Path) -> list[tuple[str, Callable[[Table], Iterable[Cell]]]]:
    """The known tables of a folder, by how their names begin."""
    return [
        (path.name, compare) for pattern, compare in _TABLES.items() for path in sorted(folder.glob(pattern))
    ]


def _read(folder: Path, file: str) -> Table:
    try:
        return Table(read_csv(folder, file).data)
    except BadPack as bad:
        raise CalledWrongly(f"{bad}.", "Correct the file and run the command again.") from bad


def _stage(file: str, cells: Iterable[Cell]) -> Stage:
    held = list(cells)
    differences = [
        Difference(file, cell.what, f"{cell.low:.12g}", f"{cell.found:.12g}")
        for cell in held
        if not cell.error <= cell.most
    ]
    worst = max((cell.error for cell in held), default=0.0)
    return Stage(Path(file).stem, len(held), len(held) - len(differences), worst, differences)


def _wilson(table: Table) -> Iterable[Cell]:
    for row in table.rows:
        found = wilson_interval(float(row["r"]), float(row["n"]))
        for end, value in zip(("lo", "hi"), found, strict=True):
            what = f"{row['r']} of {row['n']} {end}"
            yield _published(what, row[f"wilson_{end}_published"], value)
            if f"wilson_{end}" in row:
                yield _near(what, float(row[f"wilson_{end}"]), value, _EXACT)


def _funnel(table: Table) -> Iterable[Cell]:
    for row in table.rows:
        for digits in [column.removeprefix("ll") for column in row if column.startswith("ll")]:
            found = poisson_limits(float(row["expected"]), float(f"0.{digits}"))
            for end, value in zip(("ll", "ul"), found, strict=True):
                yield _published(f"expected {row['expected']} {end}{digits}", row[f"{end}{digits}"], value)


def _joint_ranks(table: Table) -> Iterable[Cell]:
    best, worst = joint_rank_ranges(table.numbers("ci_lo"), table.numbers("ci_hi"), highest_first=False)
    for at, row in enumerate(table.rows):
        yield _near(f"{row['State']} best", float(row["rank_lo"]), float(best[at]), 0.0)
        yield _near(f"{row['State']} worst", float(row["rank_hi"]), float(worst[at]), 0.0)


def _rank_sets(table: Table) -> Iterable[Cell]:
    """Limits between those of the published seeds, and one rank to either side. `tau5best9` is the set of the 5 best at 90 %."""
    columns = list(table.rows[0])
    scores = next(column for column in columns if column.endswith("_score"))
    estimates, errors = table.numbers(scores), table.numbers(scores.removesuffix("_score") + "_se")
    for kind, sets in (("simul", simultaneous_rank_sets), ("marg", marginal_rank_sets)):
        for end, found in zip("LU", sets(estimates, errors), strict=True):
            yield from _seeded(table, f"{kind}_{end}_seed", found, _DRAWN)
    for prefix, tau, digits in sorted({match.groups() for match in map(_BEST.match, columns) if match}):
        best = best_units(estimates, errors, int(tau), float(f"0.{digits}"))
        yield from _seeded(table, prefix, best, 0.0)


def _seeded(table: Table, prefix: str, found: npt.NDArray[np.generic], most: float) -> Iterable[Cell]:
    """Nothing where the table has no such columns."""
    columns = [column for column in table.rows[0] if column.startswith(prefix)]
    for at, row in enumerate(table.rows if columns else []):
        published = [float(row[column]) for column in columns]
        yield Cell(
            f"{next(iter(row.values()))} {prefix}", min(published), max(published), float(found[at]), most
        )


def _efron_morris(table: Table) -> Iterable[Cell]:
    hits, trials = table.numbers("hits_45"), table.numbers("n45")
    each = float(trials[0])
    values = arcsine(hits / each, each)
    shrunk = stein_means(values, 1.0)
    found = {
        "x_arcsine": (values, _EXACT),
        "js_x": (shrunk, _EXACT),
        "js_p": (arcsine_rates(shrunk, each), _EXACT),
        "js_raw": (stein_rates(hits, each), _EXACT),
        "bb_eb": (shrunk_rates(hits, trials, likelihood_fit(hits, trials)), _SOUGHT),
    }
    for column, (figures, most) in found.items():
        for row, figure in zip(table.rows, figures, strict=True):
            yield _near(f"{row['name']} {column}", float(row[column]), float(figure), most)


def _overlap(table: Table) -> Iterable[Cell]:
    """The standard errors are those of Klein, Wright and Wieczorek's table."""
    errors = _read(_SHIPPED, "klein2020_joint_ranks.csv").numbers("SE.2dec")
    found = [
        overlap_multiplier_of_mean(errors, 0.1),
        overlap_multiplier(errors, 0.1),
        overlap_multiplier(np.ones(2), 0.05),
    ]
    for row, z in zip(table.rows, found, strict=True):
        yield _near(f"{row['case']} z", float(row["z"]), z, _EXACT)
        yield _near(f"{row['case']} confidence", float(row["implied_confidence"]), confidence_of(z), _EXACT)


_TABLES: Final[dict[str, Callable[[Table], Iterable[Cell]]]] = {
    "wilson*.csv": _wilson,
    "funnel_poisson*.csv": _funnel,
    "goldstein_healy*.csv": _overlap,
    "efron_morris*.csv": _efron_morris,
    "klein*joint*.csv": _joint_ranks,
    "csranks*.csv": _rank_sets,
}


def _near(what: str, published: float, found: float, most: float) -> Cell:
    return Cell(what, published, published, found, most)


def _published(what: str, published: str, found: float) -> Cell:
    """Equal to the digits given: within half of the last one."""
    return _near(what, float(published), found, 0.5000001 * 10.0 ** -len(published.partition(".")[2]))
