"""Places and ties."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.engine.scoring.ranks import level_or_above, rank

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
    together = rank(np.array(draws, dtype=np.int64), "min")
    assert together.tolist() == [rank(np.array(one, dtype=np.int64), "min").tolist() for one in draws]


@given(TICKS)
def test_level_or_above_counts_the_unit_itself(ticks: list[int]) -> None:
    wanted = [sum(other >= own for other in ticks) for own in ticks]
    assert level_or_above(np.array(ticks, dtype=np.int64)).tolist() == wanted
