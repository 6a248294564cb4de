"""The target of a day, the light against it, and what a criterion with a path scores."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.contracts.pack.paths import Lights, PlannedPath
from services.contracts.periods import parse_period
from services.contracts.results import Evaluation, PathResult
from services.scoring.engine import rank_live
from services.scoring.engine.figures.path import attainment, light_of, target_at
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report, tick

SPAN = parse_period("2021/2025")
STRAIGHT = {"shape": "straight", "base": 20.0}
QUOTA = {"shape": "straight", "base": 0.0, "resets": "year"}
RATIO = {"method": "target_ratio", "target": 100.0}


def planned(**fields: Any) -> PlannedPath:
    path: PlannedPath = TypeAdapter(PlannedPath).validate_python(fields)
    return path


def target(day: str, final: float = 100.0, own_base: float | None = None, **fields: Any) -> float | None:
    return target_at(planned(**fields), final, SPAN, date.fromisoformat(day), own_base)


@pytest.mark.parametrize(
    ("day", "value"),
    [("2019-06-01", 20.0), ("2020-12-31", 20.0), ("2025-12-31", 100.0), ("2030-01-01", 100.0)],
)
def test_a_straight_path_leads_from_the_base_to_the_target_at_the_campaigns_end(
    day: str, value: float
) -> None:
    assert target(day, **STRAIGHT) == value


def test_a_straight_path_is_halfway_halfway() -> None:
    assert target("2021-07-01", start="2021-06-01", end="2021-07-31", **STRAIGHT) == 60.0


def test_a_path_from_the_units_own_base_is_none_without_it() -> None:
    own = {"shape": "straight", "base_period": "2020"}
    assert target("2020-12-31", own_base=7.0, **own) == 7.0
    assert target("2023-01-01", own_base=None, **own) is None


@pytest.mark.parametrize(
    ("day", "value"), [("2023-01-01", 1000 / 365), ("2023-12-31", 1000.0), ("2024-01-01", 1000 / 366)]
)
def test_a_quota_begins_anew_each_year(day: str, value: float) -> None:
    assert target(day, 1000.0, **QUOTA) == pytest.approx(value, rel=1e-15)


def test_a_quota_of_the_calendars_first_year_begins_on_its_first_day() -> None:
    assert target("0001-01-01", 1000.0, **QUOTA) == 0.0
    assert target("0001-12-31", 1000.0, **QUOTA) == 1000.0


def test_milestones_are_joined_by_lines_or_hold_until_the_next() -> None:
    reached = [{"day": "2022-12-31", "value": 40.0}, {"day": "2023-01-10", "value": 60.0}]
    path: dict[str, Any] = {"shape": "milestones", "milestones": reached}
    assert [target(day, **path) for day in ("2021-01-01", "2022-12-31", "2023-01-05")] == [40.0, 40.0, 50.0]
    assert [target(day, **path, steps=True) for day in ("2023-01-09", "2023-01-10", "2025-12-30")] == [
        40,
        60,
        60,
    ]
    assert target("2025-12-31", **path, steps=True) == 100.0


def test_a_monthly_table_is_of_month_ends() -> None:
    table: dict[str, Any] = {"shape": "monthly", "first": "2025-10", "values": [50.0, 70.0], "base": 20.0}
    wanted = {
        "2025-09-30": 20.0,
        "2025-10-31": 50.0,
        "2025-11-15": 60.0,
        "2025-11-30": 70.0,
        "2025-12-31": 100.0,
    }
    assert {day: target(day, **table) for day in wanted} == wanted


def test_a_table_that_resets_is_of_every_year() -> None:
    months = [float(month) for month in range(1, 13)]
    table: dict[str, Any] = {"shape": "monthly", "values": months, "resets": "year"}
    assert target("2022-03-31", 12.0, **table) == target("2024-03-31", 12.0, **table) == 3.0
    assert target("2022-01-02", 12.0, **table) == 1.0


# --- lights -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "light"), [(100.0, "on_path"), (99.0, "at_risk"), (90.0, "at_risk"), (89.9, "off_path")]
)
def test_a_light_is_by_the_share_of_the_target_that_is_reached(actual: float, light: str) -> None:
    assert light_of(Lights(), "higher", actual, 100.0) == light
    assert light_of(Lights(), "lower", 100.0, actual) == light


def test_where_nothing_is_asked_yet_a_figure_as_good_as_that_is_on_the_path() -> None:
    assert [attainment("higher", actual, 0.0) for actual in (-1.0, 0.0, 2.0)] == [
        0.0,
        float("inf"),
        float("inf"),
    ]


# --- in a ranking -----------------------------------------------------------------------------------------------------------


def scored(path: dict[str, Any], *, scoring: dict[str, Any] = RATIO, **rule: Any) -> Log:
    root = group("all", criterion("i", scoring, path=path))
    return Log(pack(indicators=[indicator("i", **rule)], root=root)).activate()


def evaluation(log: Log, period: str, as_of: str) -> Evaluation:
    made = log.evaluate(period, as_of).evaluation
    assert made is not None
    return made


def score_of(made: Evaluation, unit: str = "u1") -> float | None:
    return next(row.criteria[0].score for row in made.units if row.unit == unit)


def test_a_figure_is_scored_against_the_target_of_its_periods_last_day() -> None:
    log = scored(QUOTA | {"base": 40.0}).add(
        report("u1", "i", "2025-12", 50.0), report("u1", "i", "2024-12", 50.0)
    )
    made = evaluation(log, "2025-12", "2026-01-10")
    assert score_of(made) == 0.5
    assert made.paths == [
        PathResult("u1", "i", 100.0, "off_path", 0.5, 0.5),  # type: ignore[arg-type]
        PathResult("u2", "i", 100.0, None, None, None),  # type: ignore[arg-type]
        PathResult("u3", "i", 100.0, None, None, None),  # type: ignore[arg-type]
    ]


def test_the_score_is_for_the_path_or_for_the_final_target_and_both_are_shown() -> None:
    milestones = {"shape": "milestones", "milestones": [{"day": "2025-01-31", "value": 50.0}]}
    for what, score in (("path", 0.9), ("final", 0.45)):
        log = scored(milestones | {"score": what}).add(report("u1", "i", "2025-01", 45.0))
        made = evaluation(log, "2025-01", "2025-02-10")
        assert score_of(made) == score
        assert isinstance(made.paths, list)
        assert made.paths[0] == PathResult("u1", "i", 50.0, "at_risk", 0.9, 0.45)  # type: ignore[arg-type]


def test_an_older_figure_that_stands_in_is_asked_for_what_its_own_period_was() -> None:
    milestones = [{"day": "2024-12-31", "value": 40.0}, {"day": "2025-03-31", "value": 80.0}]
    path = {"shape": "milestones", "milestones": milestones}
    log = scored(path, cadence="quarter").add(report("u1", "i", "2024-Q4", 40.0))
    assert score_of(evaluation(log, "2025-02", "2025-03-10")) == 1.0


def test_the_live_ranking_holds_a_figure_against_the_target_of_today() -> None:
    log = scored(QUOTA, within="sum").add(report("u1", "i", "2025-06", 50.0), tick("2025-06-15T12:00"))
    ranked = rank_live(log.state, log.packs, None)
    assert ranked is not None and isinstance(ranked[0].paths, list)
    assert ranked[0].paths[0].target == pytest.approx(100 * 166 / 365, rel=1e-11)
    assert ranked[0].paths[0].light == "on_path"


def test_while_the_path_asks_for_nothing_the_criterion_counts_for_nothing() -> None:
    path = {"shape": "straight", "base": 0.0, "start": "2025-06-30"}
    log = scored(path).add(report("u1", "i", "2025-01", 0.0), report("u2", "i", "2025-01", 5.0))
    made = evaluation(log, "2025-01", "2025-02-10")
    assert [score_of(made, unit) for unit in ("u1", "u2")] == [None, None]


def test_each_unit_has_its_own_line_from_its_own_base() -> None:
    path = {"shape": "straight", "base_period": "2024-12", "end": "2025-12-31"}
    log = scored(path).add(report("u1", "i", "2024-12", 60.0), report("u2", "i", "2024-12", 80.0))
    log.add(*(report(unit, "i", "2025-12", 100.0) for unit in ("u1", "u2", "u3")))
    assert isinstance(before := evaluation(log, "2024-12", "2025-01-10").paths, list)
    assert [(one.unit, one.target) for one in before] == [("u1", 60.0), ("u2", 80.0)]


@pytest.mark.parametrize(
    "scoring",
    [
        RATIO,
        {"method": "capped_ratio", "threshold": 100.0},
        {"method": "pass_fail", "threshold": 100.0},
        {"method": "exceedance", "target": 100.0},
    ],
)
def test_every_method_with_a_target_is_scored_as_if_the_days_target_were_its_own(
    scoring: dict[str, Any],
) -> None:
    path = {"shape": "milestones", "milestones": [{"day": "2025-01-31", "value": 50.0}]}
    figures = [report(f"u{at}", "i", "2025-01", value) for at, value in ((1, 20.0), (2, 50.0), (3, 90.0))]
    on_path = evaluation(scored(path, scoring=scoring).add(*figures), "2025-01", "2025-02-10")
    key = "target" if "target" in scoring else "threshold"
    root = group("all", criterion("i", scoring | {key: 50.0}))
    plain = evaluation(Log(pack(root=root)).activate().add(*figures), "2025-01", "2025-02-10")
    assert [row.score for row in on_path.units] == [row.score for row in plain.units]
    assert plain.paths is msgspec.UNSET


@given(st.floats(0, 200), st.floats(0, 200), st.sampled_from(["target_ratio", "capped_ratio", "pass_fail"]))
def test_on_a_path_a_better_figure_never_scores_less(one: float, other: float, method: str) -> None:
    key = "target" if method == "target_ratio" else "threshold"
    log = scored(STRAIGHT, scoring={"method": method, key: 100.0})
    worse, better = sorted((one, other))
    log.add(report("u1", "i", "2023-05", worse), report("u2", "i", "2023-05", better))
    made = evaluation(log, "2023-05", "2023-06-10")
    assert (score_of(made, "u1") or 0.0) <= (score_of(made, "u2") or 0.0)
