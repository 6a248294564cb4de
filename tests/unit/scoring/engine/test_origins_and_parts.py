"""What other origins say differently stands beside the evaluation; a part that is above its whole is a notice. Neither changes a score."""

from typing import Any

import msgspec
import pytest

from services.contracts.event_data import Origin
from services.contracts.results import Evaluation, Notice, OriginFigure
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report

JANUARY = "2025-01"


def evaluated(log: Log) -> Evaluation:
    evaluation = log.evaluate(JANUARY, "2025-02-10").evaluation
    assert evaluation is not None
    return evaluation


# --- origins ----------------------------------------------------------------------------------------------------------------


def two_origins(tolerance: float | None, counting: Origin = "department", **rule: Any) -> Log:
    """Unit u1 says 90, the department 80; of u2 both say 50."""
    checks = None if tolerance is None else {"origins": tolerance}
    log = Log(pack(indicators=[indicator("i", **rule)], feed_checks=checks)).activate()
    for unit, own, department in (("u1", 90.0, 80.0), ("u2", 50.0, 50.0)):
        log.add(report(unit, "i", JANUARY, own), report(unit, "i", JANUARY, department, origin="department"))
    return log


def test_what_the_unit_says_differently_from_the_department_is_listed() -> None:
    evaluation = evaluated(two_origins(0.0))
    assert evaluation.origins == [OriginFigure("u1", "i", "self", 90.0)]  # type: ignore[arg-type]
    assert next(row.score for row in evaluation.units if row.unit == "u1") == 80.0


@pytest.mark.parametrize(("tolerance", "listed"), [(0.124, 1), (0.125, 0), (None, None)])
def test_a_difference_within_the_tolerated_share_is_not(tolerance: float | None, listed: int | None) -> None:
    origins = evaluated(two_origins(tolerance)).origins
    assert (None if isinstance(origins, msgspec.UnsetType) else len(origins)) == listed


def test_the_packs_order_says_which_origin_counts_and_which_is_listed() -> None:
    evaluation = evaluated(two_origins(0.0, origins=["self", "department"]))
    assert evaluation.origins == [OriginFigure("u1", "i", "department", 80.0)]  # type: ignore[arg-type]


def test_an_origin_that_the_pack_does_not_take_is_not_listed() -> None:
    assert evaluated(two_origins(0.0, origins=["department"])).origins == []


# --- parts ------------------------------------------------------------------------------------------------------------------


def budget(**rule: Any) -> Log:
    indicators = [indicator("revenue", **rule), indicator("domestic", part_of="revenue", **rule)]
    root = group("all", criterion("revenue"), criterion("at-home", indicator="domestic"))
    return Log(pack(indicators=indicators, root=root)).activate()


def test_a_part_above_its_whole_is_noticed_and_both_count_as_they_are() -> None:
    log = budget()
    for unit, revenue, domestic in (("u1", 40.0, 46.0), ("u2", 40.0, 40.0)):
        log.add(report(unit, "domestic", JANUARY, domestic), report(unit, "revenue", JANUARY, revenue))
    evaluation = evaluated(log)
    assert evaluation.notices == [
        Notice("part_above_whole", JANUARY, "at-home", ["u1"], 2, 6.0, 0.0)  # type: ignore[list-item]
    ]
    assert next(row.score for row in evaluation.units if row.unit == "u1") == 43.0


def test_a_part_of_a_ratio_may_be_of_another_population_but_is_no_more_of_them() -> None:
    """Of 90 households with hygienic water 80 have standard water: 80/90 is above 90/100 in no sense that matters."""
    log = budget(measure="ratio")
    log.add(
        report("u1", "revenue", JANUARY, numerator=90.0, denominator=100.0),
        report("u1", "domestic", JANUARY, numerator=89.0, denominator=90.0),
        report("u2", "revenue", JANUARY, numerator=90.0, denominator=100.0),
        report("u2", "domestic", JANUARY, numerator=91.0, denominator=200.0),
    )
    notices = evaluated(log).notices
    assert isinstance(notices, list)
    assert [(notice.units, notice.value) for notice in notices] == [(["u2"], 1.0)]


def test_without_both_figures_of_one_period_there_is_nothing_to_compare() -> None:
    log = budget(stale_after=3).add(
        report("u1", "domestic", JANUARY, 46.0), report("u1", "revenue", "2024-12", 40.0)
    )
    assert evaluated(log).notices == []


def test_a_block_without_parts_or_feed_checks_has_no_notices_at_all() -> None:
    assert evaluated(Log(pack()).activate()).notices is msgspec.UNSET
