"""What a criterion earns beyond its method: nothing of nothing, and points rounded where the pack says."""

from typing import Any

import numpy as np
import pytest

from services.contracts.results import UnitResult
from services.scoring.engine.scoring.methods import capped_ratio
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report

CAPPED = {"method": "capped_ratio", "threshold": 0.8}


def scored(figures: list[tuple[float, float]], **fields: Any) -> UnitResult:
    """One unit with a ratio for each criterion, of 6 points each on a scale of 6 × their number."""
    names = [f"r{number}" for number in range(len(figures))]
    root = group("all", *(criterion(name, CAPPED, weight=6, **fields) for name in names))
    rules = [indicator(name, measure="ratio") for name in names]
    made = pack(units=["u1"], indicators=rules, root=root, scale=6.0 * len(figures), decimals=4)
    log = Log(made).activate()
    for name, (numerator, denominator) in zip(names, figures, strict=True):
        log.add(report("u1", name, "2025-01", numerator=numerator, denominator=denominator))
    evaluation = log.evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    return evaluation.units[0]


def test_a_capped_ratio_is_full_from_its_threshold_on() -> None:
    shares = np.array([-0.1, 0.0, 0.4, 0.8, 1.0, np.nan])
    np.testing.assert_array_equal(capped_ratio(shares, 0.8), [0.0, 0.0, 0.5, 1.0, 1.0, np.nan])


def test_points_are_rounded_before_they_are_added_where_the_criterion_says_so() -> None:
    """Each is worth 6 × 0.333 / 0.8 = 2.4975 points."""
    assert scored([(333, 1000), (333, 1000)]).score == 4.995
    assert scored([(333, 1000), (333, 1000)], decimals=2).score == 5.0


def test_nothing_of_nothing_earns_nothing_by_default() -> None:
    row = scored([(0, 0), (8, 10)])
    assert (row.criteria[0].state, row.criteria[0].score, row.score) == ("not_applicable", None, 12.0)


@pytest.mark.parametrize(("word", "score", "total"), [("full", 1.0, 9.0), ("zero", 0.0, 3.0)])
def test_nothing_of_nothing_earns_what_the_pack_says_in_that_word(
    word: str, score: float, total: float
) -> None:
    row = scored([(0, 0), (4, 10)], zero_over_zero=word)
    assert (row.criteria[0].state, row.criteria[0].score, row.score) == ("not_applicable", score, total)
    assert row.coverage == 1.0


def test_an_overdue_figure_earns_nothing_even_where_nothing_of_nothing_is_paid() -> None:
    root = group("all", criterion("r", CAPPED, zero_over_zero="full"), criterion("s", CAPPED))
    log = Log(
        pack(
            units=["u1"],
            indicators=[indicator("r", measure="ratio"), indicator("s", measure="ratio")],
            root=root,
        )
    )
    log.activate().add(report("u1", "s", "2025-01", numerator=1.0, denominator=1.0))
    evaluation = log.evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    assert [cell.score for cell in evaluation.units[0].criteria] == [0.0, 1.0]
