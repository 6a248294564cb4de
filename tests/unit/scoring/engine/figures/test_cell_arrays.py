"""Cells as arrays say what the cells say."""

import numpy as np

from services.scoring.engine.figures.cell import NOT_DUE, NOT_REPORTED, Cell
from services.scoring.engine.figures.cell_arrays import Cells
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report

CELLS = [
    [Cell("reported", 0.5), NOT_REPORTED, Cell("not_applicable"), NOT_DUE],
    [Cell("inherited"), Cell("not_reported", last=3.0), Cell("reported", 0.0), Cell("reported", -2.0)],
]


def test_figures_count_only_where_they_are_reported() -> None:
    arrays = Cells.of(CELLS, 4).arrays()
    assert arrays.reported.tolist() == [[True, False, False, False], [False, False, True, True]]
    assert arrays.actual[arrays.reported].tolist() == [0.5, 0.0, -2.0]


def test_an_inherited_pass_is_overdue_and_a_figure_that_is_not_due_is_neither() -> None:
    arrays = Cells.of(CELLS, 4).arrays()
    assert arrays.overdue.tolist() == [[False, True, False, False], [True, True, False, False]]
    assert np.argwhere(arrays.inapplicable).tolist() == [[0, 2]]


def test_older_figures_stand_beside_those_that_are_missing() -> None:
    last = Cells.of(CELLS, 4).arrays().last
    assert last[1, 1] == 3.0
    assert np.isnan(last).sum() == 7


def test_a_criterion_has_its_own_columns() -> None:
    columns = list(Cells.of(CELLS, 4).arrays().columns())
    assert [column.overdue.tolist() for column in columns][:2] == [[False, True], [True, True]]


def test_a_block_without_units_has_arrays_without_rows() -> None:
    assert Cells.of([], 3).arrays().actual.shape == (0, 3)


def test_a_figure_that_nobody_reports_scores_nothing_and_is_still_missing() -> None:
    """With `zero` its points are 0; its weight is due all the same, and nothing of it is reported."""
    root = group("all", criterion("a"), criterion("b", {"method": "min_max"}, missing="zero"))
    log = Log(pack(units=["u1"], indicators=[indicator("a"), indicator("b")], root=root)).activate()
    log.add(report("u1", "a", "2025-01", 50.0))
    evaluation = log.evaluate("2025-01", "2025-05-10").evaluation
    assert evaluation is not None
    unit = evaluation.units[0]
    assert [one.score for one in unit.criteria] == [0.5, 0.0]
    assert unit.coverage == 0.5


def test_a_row_of_cells_is_the_cells_of_its_unit() -> None:
    cells = Cells.of(CELLS, 4)
    assert [list(row) for row in cells] == CELLS
    assert len(cells) == 2
