"""Cells as arrays say what the cells say."""

import numpy as np

from services.scoring.engine.figures.cell_arrays import arrays_of
from services.scoring.engine.figures.cells import NOT_DUE, NOT_REPORTED, Cell

CELLS = [
    [Cell("reported", 0.5), NOT_REPORTED, Cell("not_applicable"), NOT_DUE],
    [Cell("inherited"), Cell("not_reported", last=3.0), Cell("reported", 0.0), Cell("reported", -2.0)],
]


def test_figures_count_only_where_they_are_reported() -> None:
    arrays = arrays_of(CELLS, 4)
    assert arrays.reported.tolist() == [[True, False, False, False], [False, False, True, True]]
    assert arrays.actual[arrays.reported].tolist() == [0.5, 0.0, -2.0]


def test_an_inherited_pass_is_overdue_and_a_figure_that_is_not_due_is_neither() -> None:
    arrays = arrays_of(CELLS, 4)
    assert arrays.overdue.tolist() == [[False, True, False, False], [True, True, False, False]]
    assert np.argwhere(arrays.inapplicable).tolist() == [[0, 2]]


def test_older_figures_stand_beside_those_that_are_missing() -> None:
    last = arrays_of(CELLS, 4).last
    assert last[1, 1] == 3.0
    assert np.isnan(last).sum() == 7


def test_a_criterion_has_its_own_columns() -> None:
    columns = list(arrays_of(CELLS, 4).columns())
    assert [column.overdue.tolist() for column in columns][:2] == [[False, True], [True, True]]


def test_a_block_without_units_has_arrays_without_rows() -> None:
    assert arrays_of([], 3).actual.shape == (0, 3)
