"""Places and ties."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.engine.scoring.ranks import Ties, level_or_above, places, rank

TICKS = st.lists(st.integers(0, 8), max_size=12)


@given(TICKS)
def test_min_ties_count_the_better_units(ticks: list[int]) -> None:
    wanted = [1 + sum(other > own for other in ticks) for own in ticks]
    assert rank(np.array(ticks, dtype=np.int64), "min").tolist() == wanted


@given(TICKS)
def test_dense_ties_count_the_better_scores(ticks: list[int]) -> None:
    wanted = [1 + len({other for other in ticks if other > own}) for own in ticks]
    assert rank(np.array(ticks, dtype=np.int64), "dense").tolist() == wanted


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 4), min_size=n, max_size=n), min_size=1)
    )
)
def test_many_draws_rank_as_each_alone(draws: list[list[int]]) -> None:
    for ties in get_args(Ties):
        together = rank(np.array(draws, dtype=np.int64), ties)
        assert together.tolist() == [rank(np.array(one, dtype=np.int64), ties).tolist() for one in draws]


@pytest.mark.parametrize("ties", ["min", "dense"])
def test_ranks_do_not_depend_on_how_the_ticks_lie_in_memory(ties: Ties) -> None:
    ticks = np.array([[3, 1, 3, 2], [5, 5, 5, 1], [1, 2, 2, 2]])
    assert rank(np.asfortranarray(ticks), ties).tolist() == rank(ticks, ties).tolist()
    assert rank(np.repeat(ticks, 2, axis=1)[:, ::2], ties).tolist() == rank(ticks, ties).tolist()


@given(TICKS)
def test_level_or_above_counts_the_unit_itself(ticks: list[int]) -> None:
    wanted = [sum(other >= own for other in ticks) for own in ticks]
    assert level_or_above(np.array(ticks, dtype=np.int64)).tolist() == wanted


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=1)
    ),
    st.integers(1, 5),
)
def test_units_that_are_level_across_the_edge_of_the_first_k_are_torn_in_every_such_draw(
    draws: list[list[int]], k: int
) -> None:
    wanted = [
        sum(
            sum(other > draw[unit] for other in draw) < k < sum(other >= draw[unit] for other in draw)
            for draw in draws
        )
        for unit in range(len(draws[0]))
    ]
    assert places(np.array(draws), "dense").torn(k).tolist() == wanted
