"""The published Human Development Index comes out of the engine: every value of every year, and the ranks of 2022."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from services.contracts.ids import BlockId
from services.contracts.pack.load import load_pack
from services.contracts.results import Evaluation
from tests.unit.scoring.engine.events import START, Log, report

HDI = Path(__file__).parents[4] / "campaigns" / "hdi"
YEARS = range(1990, 2023)


def _rows(name: str) -> list[dict[str, str]]:
    with (HDI / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def evaluations() -> dict[str, Evaluation]:
    log = Log(load_pack(HDI), block=BlockId("hdi/world")).activate()
    made = {}
    by_year = defaultdict(list)
    for row in _rows("reports.csv"):
        by_year[row["period"]].append(row)
    for year in map(str, YEARS):
        for row in by_year[year]:
            for name in ("le", "eys", "mys", "gnipc"):
                if row[name]:
                    log.add(report(row["unit"], name, year, float(row[name]), time=START))
        evaluation = log.evaluate(year, f"{int(year) + 1}-01-06").evaluation
        assert evaluation is not None
        made[year] = evaluation
    return made


def test_every_published_value_is_reproduced_to_three_decimals(evaluations: dict[str, Evaluation]) -> None:
    scores = {(year, unit.unit): unit.score for year, made in evaluations.items() for unit in made.units}
    published = [row for row in _rows("published.csv") if row["hdi"]]
    assert len(published) == 5808
    assert [
        (row, scores[row["period"], row["unit"]])  # type: ignore[index]
        for row in published
        if scores[row["period"], row["unit"]] != float(row["hdi"])  # type: ignore[index]
    ] == []


def test_the_ranks_of_2022_are_the_published_ones(evaluations: dict[str, Evaluation]) -> None:
    ranks = {unit.unit: unit.rank for unit in evaluations["2022"].units}
    published = [row for row in _rows("published.csv") if row["rank"]]
    assert len(published) == 193
    assert [row for row in published if ranks[row["unit"]] != int(row["rank"])] == []  # type: ignore[index]
    assert sum(rank is None for rank in ranks.values()) == 2


def test_only_rwanda_has_inputs_and_no_published_value(evaluations: dict[str, Evaluation]) -> None:
    published = {(row["period"], row["unit"]) for row in _rows("published.csv") if row["hdi"]}
    scored = sorted(
        (year, unit.unit)
        for year, made in evaluations.items()
        for unit in made.units
        if unit.score is not None and (year, unit.unit) not in published
    )
    assert scored == [(str(year), "RWA") for year in range(1990, 1995)]
