"""Movement: places and points against the last comparable evaluation, the block's own movement taken out."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from services.contracts.results import Evaluation, UnitResult
from services.scoring.engine import rank_live
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report, tick


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


# --- level and movement -------------------------------------------------------------------------------------------------------


def test_level_and_movement_against_the_block_make_four_quadrants() -> None:
    log = put(Log(pack(units=["a", "b", "c", "d"])).activate(), "2025-01", a=80.0, b=90.0, c=10.0, d=40.0)
    made(log, "2025-01", "2025-02-10")
    rows = by_unit(made(put(log, "2025-02", a=90.0, b=80.0, c=30.0, d=20.0), "2025-02", "2025-03-10"))
    assert {unit: row.quadrant for unit, row in rows.items()} == {
        "a": "leading",
        "b": "slipping",
        "c": "catching_up",
        "d": "falling_behind",
    }
    assert {row.no_delta for row in rows.values()} == {UNSET}


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=9))
def test_deltas_are_never_all_positive_however_much_the_calendar_adds(figures: list[tuple[int, int]]) -> None:
    units = [f"u{number}" for number in range(len(figures))]
    log = Log(pack(units=units)).activate()
    put(log, "2025-01", **{unit: float(then) for unit, (then, _) in zip(units, figures, strict=True)})
    made(log, "2025-01", "2025-02-10")
    put(
        log, "2025-02", **{unit: then + rise + 0.5 for unit, (then, rise) in zip(units, figures, strict=True)}
    )
    deltas = [row.delta for row in made(log, "2025-02", "2025-03-10").units]
    assert None not in deltas
    assert sum(delta > 0 for delta in deltas if delta is not None) <= len(deltas) / 2


# --- why there is no delta ----------------------------------------------------------------------------------------------------


def why(evaluation: Evaluation) -> dict[str, object]:
    for row in evaluation.units:
        assert (row.delta is None) == (row.no_delta is not UNSET) == (row.quadrant is UNSET)
    return {row.unit: row.no_delta for row in evaluation.units}


def test_the_first_evaluation_says_that_there_is_no_earlier_one() -> None:
    _, first, _ = two_months()
    assert why(first) == dict.fromkeys(("u1", "u2", "u3"), "no_earlier_evaluation")


def test_other_rules_and_other_units_are_told_apart() -> None:
    log = put(Log(pack(), pack(decimals=1)).activate(), "2025-01", u1=10.0)
    made(log, "2025-01", "2025-02-10")
    assert set(why(made(log.activate(1), "2025-02", "2025-03-10")).values()) == {"other_rules"}
    units = ["u1", "u2", {"id": "new", "valid_from": "2025-02-01"}]
    log = put(Log(pack(units=units)).activate(), "2025-01", u1=10.0)
    made(log, "2025-01", "2025-02-10")
    assert set(why(made(log, "2025-02", "2025-03-10")).values()) == {"other_units"}


def test_a_unit_that_is_not_ranked_now_or_was_not_then_says_so() -> None:
    log = put(Log(pack(min_coverage=1.0)).activate(), "2025-01", u1=10.0, u2=20.0)
    assert why(made(log, "2025-01", "2025-02-10"))["u3"] == "not_ranked_now"
    put(log, "2025-02", u1=10.0, u3=30.0)
    assert why(made(log, "2025-02", "2025-03-10")) == {
        "u1": UNSET,
        "u2": "not_ranked_now",
        "u3": "not_ranked_then",
    }


def test_a_baseline_with_next_to_nothing_reported_is_no_leap() -> None:
    """Two provinces of a national index stood at exactly 16.00, and 49 points higher at the next look; the others moved by 3 to 25."""
    names = ("a", "b", "c")
    root = group("all", criterion("a", weight=16), criterion("b", weight=42), criterion("c", weight=42))
    log = Log(pack(indicators=[indicator(name) for name in names], root=root)).activate()
    for unit in ("u1", "u2"):
        log.add(*(report(unit, name, "2025-01", 60.0) for name in names))
        log.add(*(report(unit, name, "2025-02", 70.0) for name in names))
    log.add(report("u3", "a", "2025-01", 100.0), *(report("u3", name, "2025-02", 65.0) for name in names))
    then = by_unit(made(log, "2025-01", "2025-02-10"))["u3"]
    assert (then.score, then.rank) == (16.0, 3)
    now = made(log, "2025-02", "2025-03-10")
    assert why(now) == {"u1": UNSET, "u2": UNSET, "u3": "not_reported_then"}
    assert [row.delta for row in now.units if row.unit != "u3"] == [0.0, 0.0]


# --- a pack that says the same ------------------------------------------------------------------------------------------------


def test_a_pack_that_changed_in_words_only_stays_comparable() -> None:
    then = pack()
    now = then.model_copy(
        update={
            "campaign": then.campaign.model_copy(update={"title": then.blocks[0].title.model_copy()}),
            "schemes": tuple(
                scheme.model_copy(
                    update={
                        "root": scheme.root.model_copy(
                            update={"title": scheme.title.model_copy(update={"vi": "Khác"})}
                        )
                    }
                )
                for scheme in then.schemes
            ),
            "units": tuple(unit.model_copy(update={"name": f"Xã {unit.id}"}) for unit in then.units),
        }
    )
    log = put(Log(then, now).activate(), "2025-01", u1=10.0, u2=20.0, u3=30.0)
    first = made(log, "2025-01", "2025-02-10")
    put(log.activate(1), "2025-02", u1=45.0, u2=25.0, u3=40.0)
    second = made(log, "2025-02", "2025-03-10")
    assert first.pack != second.pack
    assert second.baseline is not None
    assert by_unit(second)["u1"].delta == 25.0
