"""Rank intervals from seeded draws."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.results import Evaluation
from services.scoring.engine.numbers.random_numbers import seed_of, uniforms
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report


def evaluation(values: dict[str, tuple[float, float]], **uncertainty: float) -> Evaluation:
    root = group("all", criterion("a"), criterion("b"))
    made = pack(units=values, indicators=[indicator("a"), indicator("b")], root=root, uncertainty=uncertainty)
    log = Log(made).activate()
    for unit, (a, b) in values.items():
        log.add(*(report(unit, name, "2025-01", x, id=f"{unit}-{name}") for name, x in (("a", a), ("b", b))))
    result = log.evaluate("2025-01", "2025-02-10").evaluation
    assert result is not None
    return result


def test_draws_are_those_of_philox_whatever_the_machine() -> None:
    assert [float(x).hex() for x in uniforms(1, 1, 3)[0]] == [
        "0x1.36da89edd58a0p-2",
        "0x1.b289f407757c1p-1",
        "0x1.3fc3972bb8304p-3",
    ]
    assert seed_of(1, "test/b1") == 302497700783739


def test_uniforms_fill_the_unit_interval() -> None:
    drawn = uniforms(7, 1000, 10)
    assert 0.0 <= drawn.min() < 0.001 and 0.999 < drawn.max() < 1.0
    assert abs(drawn.mean() - 0.5) < 0.01


def test_a_rank_that_depends_on_the_weights_is_uncertain_and_one_that_does_not_is_certain() -> None:
    values = {"best": (90.0, 90.0), "left": (60.0, 40.0), "right": (40.1, 60.0), "worst": (10.0, 10.0)}
    got = {unit.unit: unit.interval for unit in evaluation(values, weights=0.25, draws=200).units}
    assert got == {"best": (1, 1), "left": (2, 3), "right": (2, 3), "worst": (4, 4)}


def test_without_doubt_about_the_weights_every_interval_is_the_rank() -> None:
    units = evaluation({"u": (60.0, 40.0), "v": (40.1, 60.0)}, weights=0.0).units
    assert [(unit.rank, unit.interval) for unit in units] == [(1, (1, 1)), (2, (2, 2))]


def test_a_drawn_total_at_a_half_in_decimal_is_rounded_as_the_official_one() -> None:
    """50.115 is 5011.4999999999991 hundredths in binary, and rounds to the even 5012."""
    units = evaluation({"half": (50.115, 50.115), "whole": (50.12, 50.12)}, weights=0.25).units
    assert [(unit.rank, unit.interval) for unit in units] == [(1, (1, 1)), (1, (1, 1))]


def test_the_same_evaluation_draws_the_same_and_another_seed_others() -> None:
    values = {f"u{n}": (float(n * 7 % 11), float(n * 5 % 13)) for n in range(12)}
    one, again, other = (evaluation(values, draws=100, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.seed != other.seed
    assert [u.interval for u in one.units] != [u.interval for u in other.units]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=8),
    st.floats(0.01, 0.9),
)
def test_a_rank_lies_in_its_interval_and_the_interval_in_the_block(
    rows: list[tuple[int, int]], weights: float
) -> None:
    values = {f"u{n}": (float(a), float(b)) for n, (a, b) in enumerate(rows)}
    for unit in evaluation(values, weights=weights, draws=100).units:
        assert unit.rank is not None and unit.interval is not None
        assert 1 <= unit.interval[0] <= unit.rank <= unit.interval[1] <= len(rows)


def test_a_weight_moves_by_its_share_and_no_further() -> None:
    """`w` beats `u` as long as no weight is more than 7/3 of the other; at ±20 % the most is 1.5, at ±60 % it is 4."""
    values = {"u": (100.0, 0.0), "v": (0.0, 100.0), "w": (70.0, 70.0)}
    near, far = (evaluation(values, weights=weights, draws=1000).units for weights in (0.2, 0.6))
    assert {unit.unit: unit.interval for unit in near} == {"w": (1, 1), "u": (2, 3), "v": (2, 3)}
    assert {unit.unit: unit.interval for unit in far} == {"w": (1, 2), "u": (1, 3), "v": (1, 3)}
