"""How a block of any size is laid out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.pages.layout import layout_for


@pytest.mark.parametrize(
    ("units", "shape", "columns", "rows", "pages"),
    [
        (8, "one", 1, 8, 1),
        (34, "two", 2, 17, 1),
        (45, "cells", 3, 15, 1),
        (69, "line", 3, 23, 1),
        (195, "cells", 3, 17, 4),
    ],
)
def test_sizes_of_the_mock_ups(units: int, shape: str, columns: int, rows: int, pages: int) -> None:
    layout = layout_for(units, has_groups=True, has_flags=True)
    assert (layout.shape, layout.columns, layout.rows, layout.pages) == (shape, columns, rows, pages)


@given(st.integers(1, 500), st.booleans(), st.booleans())
def test_every_unit_has_a_place_and_no_screen_is_empty(units: int, groups: bool, flags: bool) -> None:
    layout = layout_for(units, has_groups=groups, has_flags=flags)
    on_page = [0] * layout.pages
    for place in range(units):
        on_page[layout.page_of(place)] += 1
    assert max(on_page) <= layout.columns * layout.rows
    assert min(on_page) > 0
    assert layout.rows <= {"one": 10, "two": 18, "cells": 17, "line": 23}[layout.shape]


def test_flags_stand_beside_a_small_block_below_a_large_one_and_nowhere_without_rules() -> None:
    assert layout_for(34, has_groups=True, has_flags=True).panel == "side"
    assert layout_for(69, has_groups=True, has_flags=True).panel == "bar"
    assert layout_for(34, has_groups=True, has_flags=False).panel == "none"
