"""Movement: places and points against the last comparable evaluation, the block's own movement taken out."""

from services.contracts.results import Evaluation, UnitResult
from services.scoring.engine import rank_live
from tests.unit.scoring.engine.events import Log, pack, report, tick


def put(log: Log, period: str, **values: float) -> Log:
    return log.add(*(report(unit, "i", period, value) for unit, value in values.items()))


def made(log: Log, period: str, as_of: str, edition: int = 1) -> Evaluation:
    evaluation = log.evaluate(period, as_of, edition).evaluation
    assert evaluation is not None
    return evaluation


def by_unit(evaluation: Evaluation) -> dict[str, UnitResult]:
    return {unit.unit: unit for unit in evaluation.units}


def two_months() -> tuple[Log, Evaluation, Evaluation]:
    log = put(Log(pack()).activate(), "2025-01", u1=10.0, u2=20.0, u3=30.0)
    first = made(log, "2025-01", "2025-02-10")
    put(log, "2025-02", u1=45.0, u2=25.0, u3=40.0)
    return log, first, made(log, "2025-02", "2025-03-10")


def test_the_first_evaluation_has_no_baseline_and_no_movement() -> None:
    _, first, _ = two_months()
    assert first.baseline is None
    assert {(unit.moved, unit.delta) for unit in first.units} == {(None, None)}


def test_a_change_is_the_units_own_not_the_calendars() -> None:
    _, first, second = two_months()
    assert second.baseline is not None
    assert (second.baseline.evaluation, second.baseline.period) == (first.id, "2025-01")
    assert {unit: (row.moved, row.delta) for unit, row in by_unit(second).items()} == {
        "u1": (2, 25.0),
        "u2": (-1, -5.0),
        "u3": (-1, 0.0),
    }


def test_a_correction_is_measured_against_the_month_before_not_against_itself() -> None:
    log, first, _ = two_months()
    assert made(log, "2025-01", "2025-03-11", 2).baseline is None
    again = made(log, "2025-02", "2025-03-11", 2)
    assert again.baseline is not None
    assert again.baseline.period == "2025-01"
    assert again.baseline.evaluation != first.id


def test_an_older_edition_that_comes_late_is_no_baseline() -> None:
    log = put(Log(pack()).activate(), "2025-01", u1=10.0, u2=20.0, u3=30.0)
    newest = made(log, "2025-01", "2025-02-11", 2)
    made(log, "2025-01", "2025-02-10", 1)
    baseline = made(log, "2025-02", "2025-03-10").baseline
    assert baseline is not None and baseline.evaluation == newest.id


def test_another_pack_is_no_baseline() -> None:
    log = put(Log(pack(), pack(decimals=1)).activate(), "2025-01", u1=10.0)
    made(log, "2025-01", "2025-02-10")
    assert made(log.activate(1), "2025-02", "2025-03-10").baseline is None


def test_another_company_of_units_is_no_baseline() -> None:
    units = ["u1", "u2", {"id": "new", "valid_from": "2025-02-01"}]
    log = put(Log(pack(units=units)).activate(), "2025-01", u1=10.0)
    made(log, "2025-01", "2025-02-10")
    assert made(log, "2025-02", "2025-03-10").baseline is None


def test_a_period_of_another_length_is_no_baseline() -> None:
    log, _, _ = two_months()
    assert made(log, "2025-Q1", "2025-04-10").baseline is None


def test_a_unit_that_was_not_ranked_then_has_no_movement() -> None:
    log = put(Log(pack(min_coverage=1.0)).activate(), "2025-01", u1=10.0, u2=20.0)
    made(log, "2025-01", "2025-02-10")
    put(log, "2025-02", u1=10.0, u2=20.0, u3=30.0)
    rows = by_unit(made(log, "2025-02", "2025-03-10"))
    assert (rows["u3"].moved, rows["u3"].delta) == (None, None)
    assert (rows["u1"].moved, rows["u1"].delta) == (-1, 0.0)


def test_the_live_ranking_moves_against_the_newest_evaluation() -> None:
    log, _, second = two_months()
    put(log, "2025-03", u1=1.0, u2=50.0, u3=40.0).add(tick("2025-03-20"))
    ranked = rank_live(log.state, log.packs, None)
    assert ranked is not None and ranked[0].baseline is not None
    assert (ranked[0].period, ranked[0].baseline.evaluation) == ("2025-03", second.id)
    assert [(unit.unit, unit.moved) for unit in ranked[0].units] == [("u2", 2), ("u3", 0), ("u1", -2)]


def test_only_so_many_periods_are_remembered() -> None:
    log = Log(pack()).activate()
    for number in range(60):
        year, month = 2021 + number // 12, number % 12 + 1
        made(log, f"{year}-{month:02d}", f"{year + month // 12}-{month % 12 + 1:02d}-10")
    assert [one.period.text for one in log.state.history] == [
        "2024-12",
        *(f"2025-{m:02d}" for m in range(1, 13)),
    ]
