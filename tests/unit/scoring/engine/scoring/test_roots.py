"""Many sets of weights at once: the short way is the long way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.ids import BlockId
from services.scoring.engine import plan_of
from services.scoring.engine.numbers.exact_product import Multiplier
from services.scoring.engine.scoring.aggregate import aggregate
from services.scoring.engine.scoring.plan import Plan
from services.scoring.engine.scoring.roots import Replaced, Roots
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack


def plan(**inner: object) -> Plan:
    root = group(
        "all", criterion("a", weight=3.0), group("inner", criterion("b"), criterion("c", weight=0.5), **inner)
    )
    log = Log(pack(indicators=[indicator(name) for name in "abc"], root=root))
    return plan_of(log.hashes[0], log.packs, BlockId("test/b1"))


def walked(scheme: Plan, scores: np.ndarray, factors: np.ndarray) -> np.ndarray:
    return aggregate(scheme, list(scores.T), factors)[-1]


@pytest.mark.parametrize("inner", [{}, {"aggregate": "geometric"}, {"decimals": 2}])
def test_all_draws_at_once_are_the_draws_one_by_one(inner: dict[str, object]) -> None:
    random = np.random.default_rng(3)
    scores, factors = random.random((6, 3)), 0.5 + random.random((40, 5))
    scores[2, 1] = np.nan
    drawn = Roots(plan(**inner), scores).drawn(factors)
    for draw, factor in zip(drawn, factors, strict=True):
        assert draw == pytest.approx(walked(plan(**inner), scores, factor[np.newaxis])[0], abs=1e-11)


@pytest.mark.parametrize("inner", [{}, {"aggregate": "geometric"}])
def test_a_cell_that_differs_from_draw_to_draw_counts_in_its_unit_alone(inner: dict[str, object]) -> None:
    random = np.random.default_rng(4)
    scores, factors, values = random.random((4, 3)), 0.5 + random.random((9, 5)), random.random(9)
    drawn = Roots(plan(**inner), scores, [Replaced(2, 1, values)]).drawn(factors)
    for draw, factor, value in zip(drawn, factors, values, strict=True):
        changed = scores.copy()
        changed[2, 1] = value
        assert draw == pytest.approx(walked(plan(**inner), changed, factor[np.newaxis])[0], abs=1e-11)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_product_is_right_whatever_the_order_of_its_sums(inner: int, rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    left, right = random.random((rows, inner)), random.normal(size=(inner, 5))
    product, order = Multiplier(right).after(left), random.permutation(inner)
    assert product == pytest.approx(left @ right, abs=1e-11)
    assert (Multiplier(right[order]).after(left[:, order]) == product).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_quick_product_is_within_its_gap_of_the_other(inner: int, rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    multiplier = Multiplier(random.normal(size=(inner, 5)))
    left = random.uniform(-1.0, 1.0, (rows, inner))
    assert np.abs(multiplier.near(left) - multiplier.after(left)).max() <= multiplier.gap < 1e-10


def test_what_the_council_added_counts_in_every_draw() -> None:
    random = np.random.default_rng(5)
    scores, factors = 0.5 * random.random((4, 3)), 0.5 + random.random((9, 5))
    beside = np.array([0.0, 0.1, -0.05, 0.2])
    for scheme in (plan(), plan(aggregate="geometric")):
        plain = Roots(scheme, scores).drawn(factors)
        assert Roots(scheme, scores, beside=beside).drawn(factors) == pytest.approx(
            np.maximum(plain + beside, 0)
        )
