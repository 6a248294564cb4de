"""Flags about figures and reports: silence, sudden changes, figures that repeat, the review list, and paths that are not kept."""

from typing import Any

from services.contracts.flags import Flag, Mover
from tests.unit.scoring.engine.events import Log, at, criterion, due, group, indicator, pack, report, tick

UNITS = [f"u{number}" for number in range(1, 9)]
NAMES = ("a", "b", "c")


def block(flags: dict[str, Any], **fields: Any) -> Log:
    """Eight units on three monthly values of 0 to 100, a third of the scale each."""
    root = group("all", *(criterion(name) for name in NAMES))
    made = {"units": UNITS, "indicators": [indicator(name) for name in NAMES], "root": root}
    made |= {"campaign": {"span": "2025"}} | fields
    return Log(pack(flags=flags, **made)).activate()


def month(log: Log, number: int, **own: dict[str, float | None]) -> list[Flag]:
    """Reports and evaluates a month: unit n has 50 + n + month on each criterion, unless its `own` figures say otherwise."""
    period = f"2025-{number:02d}"
    for at_unit, unit in enumerate(UNITS, 1):
        for name in NAMES:
            value = own.get(unit, {}).get(name, 50.0 + at_unit + number)
            if value is not None:
                log.add(report(unit, name, period, value, received=at(f"{period}-28")))
    return list(log.evaluate(period, f"2025-{number + 1:02d}-10").flags)


def said(flags: list[Flag]) -> list[tuple[str, str, str]]:
    return [(flag.kind, flag.unit, flag.state) for flag in flags]


# --- silent -------------------------------------------------------------------------------------------------------------------

SILENT = {"silent": {"periods": 2, "enter": 2, "leave": 1}}
MUTE: dict[str, float | None] = {"a": None, "b": None}


def test_reports_overdue_for_two_periods_on_two_criteria_are_silence() -> None:
    log = block(SILENT)
    assert month(log, 1, u3=MUTE) == []
    (flag,) = month(log, 2, u3=MUTE)
    assert (flag.kind, flag.unit, flag.state, flag.level) == ("silent", "u3", "proposed", 2.0)
    assert (flag.criteria, flag.rule) == (["a", "b"], "silent: 2 periods, enter 2, leave 1")
    assert flag.evidence == []


def test_nobody_is_silent_of_what_was_not_yet_defined() -> None:
    defined = [indicator(name, valid_from="2025-02-01") for name in NAMES]
    log = block(SILENT, indicators=defined)
    assert month(log, 2, u3=MUTE) == []
    assert said(month(log, 3, u3=MUTE)) == [("silent", "u3", "proposed")]


def test_one_silent_criterion_of_two_wanted_opens_nothing_and_holds_what_is_open() -> None:
    log = block(SILENT)
    month(log, 1, u3={"a": None})
    assert month(log, 2, u3={"a": None}) == []
    month(log, 3, u3=MUTE)
    assert said(month(log, 4, u3=MUTE)) == [("silent", "u3", "proposed")]
    (flag,) = month(log, 5, u3={"a": None})
    assert (flag.state, flag.criteria) == ("proposed", ["a"])
    assert said(month(log, 6)) == [("silent", "u3", "ended")]


def test_silence_opens_and_ends_with_ticks_without_any_evaluation() -> None:
    log = block(SILENT)
    for unit in UNITS[1:]:
        for name in NAMES:
            log.add(report(unit, name, "2025-02", 60.0))
    log.add(tick("2025-02-20"))
    assert log.outcomes[-1].flags == ()
    log.add(tick("2025-03-02"))
    (flag,) = log.outcomes[-1].flags
    assert (flag.unit, flag.state, flag.criteria) == ("u1", "proposed", ["a", "b", "c"])
    assert (flag.period, flag.as_of) == ("2025-03", at("2025-03-02"))
    log.add(tick("2025-03-02T09:00"), tick("2025-03-03"))
    assert [outcome.flags for outcome in log.outcomes[-2:]] == [(), ()]
    for name in NAMES:
        log.add(report("u1", name, "2025-02", 60.0, received=at("2025-03-03T10:00")))
    log.add(tick("2025-03-04"))
    (ended,) = log.outcomes[-1].flags
    assert (ended.id, ended.state) == (flag.id, "ended")


def test_what_is_not_due_and_what_a_new_unit_never_owed_is_no_silence() -> None:
    late = [indicator(name, due_lag_days=60) for name in NAMES]
    newcomer = [*UNITS[:-1], {"id": "u8", "valid_from": "2025-02-10"}]
    log = block(SILENT, indicators=late)
    log.add(tick("2025-03-02"))
    assert log.outcomes[-1].flags == ()
    log = block(SILENT, units=newcomer)
    log.add(tick("2025-03-02"))
    assert "u8" not in {flag.unit for flag in log.outcomes[-1].flags}


def test_a_look_as_of_an_earlier_day_than_the_last_changes_nothing() -> None:
    log = block(SILENT)
    log.add(tick("2025-06-02"))
    assert len(log.outcomes[-1].flags) == 8
    assert log.evaluate("2025-01", "2025-02-10").flags == ()


def test_an_evaluation_as_of_a_later_day_finds_nobody_silent_of_what_is_not_due_yet() -> None:
    log = Log(pack(flags={"silent": {"periods": 1}})).activate()
    log.add(*(report(unit, "i", "2025-01", 1.0) for unit in ("u1", "u2", "u3")))
    ahead = due("2025-01", "2025-02-10")
    ahead.data.as_of = at("2025-12-01")
    assert said(list(log.add(ahead).outcomes[-1].flags)) == []
    log.add(report("u1", "i", "2025-02", 1.0), report("u2", "i", "2025-02", 1.0), tick("2025-03-20"))
    assert said(list(log.outcomes[-1].flags)) == [("silent", "u3", "proposed")]


def test_silent_flags_of_a_dropped_rule_end_with_the_next_evaluation() -> None:
    log = block(SILENT)
    log.hashes.append(log.publish(pack(units=UNITS)))
    log.add(tick("2025-03-02")).activate(1)
    flags = log.evaluate("2025-03", "2025-04-10").flags
    assert {(flag.kind, flag.state, flag.rule) for flag in flags} == {("silent", "ended", "silent: no rule")}
    assert log.state.flags == {}


# --- sudden change ------------------------------------------------------------------------------------------------------------

SUDDEN = {"sudden_change": {"least": 3.0, "enter": 4.0, "leave": 2.0}}


def test_a_criterion_that_leaps_while_the_block_does_not_is_a_sudden_change() -> None:
    log = block(SUDDEN)
    assert month(log, 1) == []
    (flag,) = month(log, 2, u2={"a": 84.0})
    assert (flag.kind, flag.unit, flag.criteria) == ("sudden_change", "u2", ["a"])
    assert flag.movers == [Mover("a", 10.0)]  # 31 of 100 more instead of 1, on a third of the scale
    assert said(month(log, 3, u2={"a": 85.0})) == [("sudden_change", "u2", "ended")]


def test_a_leap_of_the_whole_block_is_the_calendar() -> None:
    log = block(SUDDEN)
    month(log, 1)
    leapt: dict[str, float | None] = dict.fromkeys(NAMES, 90.0)
    assert month(log, 2, **dict.fromkeys(UNITS, leapt)) == []


def test_a_report_that_was_missing_before_is_no_change() -> None:
    log = block(SUDDEN)
    month(log, 1, u2={"a": None})
    assert month(log, 2, u2={"a": 99.0}) == []


def test_a_change_below_the_least_is_none_however_still_the_block_stands() -> None:
    log = block(SUDDEN)
    month(log, 1)
    assert month(log, 2, u2={"a": 62.8}) == []  # 2.9 points more than the others
    assert said(month(log, 3, u2={"a": 74.0})) == [("sudden_change", "u2", "proposed")]


def test_a_leap_does_not_hide_another_one() -> None:
    log = block(SUDDEN)
    month(log, 1)
    assert {flag.unit for flag in month(log, 2, u2={"a": 99.0}, u5={"a": 5.0})} == {"u2", "u5"}


# --- frozen -------------------------------------------------------------------------------------------------------------------

FROZEN = {"frozen": {"figures": 3, "k": 2, "n": 3}}
SAME: dict[str, float | None] = dict.fromkeys(NAMES, 55.0)


def test_a_unit_whose_figures_repeat_is_frozen_and_one_that_moves_is_not() -> None:
    log = block(FROZEN)
    month(log, 1, u4=SAME)
    assert month(log, 2, u4=SAME) == []
    (flag,) = month(log, 3, u4=SAME)
    assert (flag.kind, flag.unit, flag.level, flag.criteria) == ("frozen", "u4", 1.0, ["a", "b", "c"])
    month(log, 4)
    assert said(month(log, 5)) == [("frozen", "u4", "ended")]


def test_too_few_figures_reported_again_say_nothing() -> None:
    log = block({"frozen": {"figures": 3, "k": 1, "n": 1}})
    month(log, 1, u4=SAME)
    assert month(log, 2, u4=SAME | {"c": None}) == []
    assert log.state.history[-1].levels["frozen"].get("u4") is None  # type: ignore[call-overload] # a UnitId is a str


# --- review -------------------------------------------------------------------------------------------------------------------


def test_figures_heaped_just_over_a_target_are_listed_and_figures_on_both_sides_are_not() -> None:
    scoring = {"method": "target_ratio", "target": 60.0}
    root = group("all", *(criterion(name, scoring) for name in NAMES))
    log = block({"review": {"heaped": {"band": 0.05, "chance": 0.01}}}, root=root)
    heaped: dict[str, float | None] = dict.fromkeys(NAMES, 60.5)
    either: dict[str, float | None] = {"a": 59.0, "b": 61.0, "c": 59.5}
    flags: list[Flag] = []
    for number in (1, 2, 3):
        flags = month(log, number, u1=heaped, u2=either)
    flag = next(flag for flag in flags if flag.unit == "u1")
    assert (flag.kind, flag.signs, flag.criteria, flag.level) == ("review", ["heaped"], ["a", "b", "c"], 1.0)
    assert "u2" not in {flag.unit for flag in flags}


def test_a_large_late_revision_is_listed_and_an_early_or_small_one_is_not() -> None:
    log = block({"review": {"revised": {"by": 0.2}}})
    for unit, day, value in (
        ("u1", "2025-02-03", 90.0),
        ("u2", "2025-01-30", 90.0),
        ("u3", "2025-02-03", 55.0),
    ):
        log.add(report(unit, "a", "2025-01", 50.0, time=at("2025-01-20")))
        log.add(report(unit, "a", "2025-01", value, revision=1, time=at(day)))
    flags = log.evaluate("2025-01", "2025-02-10").flags
    assert [(flag.unit, flag.signs, flag.criteria) for flag in flags] == [("u1", ["revised"], ["a"])]


def test_a_sum_that_comes_at_the_end_is_listed_unless_everyones_does() -> None:
    root = group("all", criterion("a"))
    rules = {"review": {"burst": {"last": 0.25, "over": 0.4}}}
    summed = [indicator("a", cadence="week", within="sum")]
    log = block(rules, root=root, indicators=summed)
    for unit in UNITS:
        for week in (2, 3, 4, 5):
            late = unit == "u6"
            log.add(report(unit, "a", f"2025-W{week:02d}", (20.0 if week == 5 else 1.0) if late else 5.0))
    flags = log.evaluate("2025-01", "2025-02-10").flags
    assert [(flag.unit, flag.signs) for flag in flags] == [("u6", ["burst"])]


def test_a_review_ends_when_nothing_is_to_be_seen_any_more() -> None:
    log = block({"review": {"revised": {"by": 0.2}}})
    log.add(report("u1", "a", "2025-01", 50.0, time=at("2025-01-20")))
    log.add(report("u1", "a", "2025-01", 90.0, revision=1, time=at("2025-02-03")))
    assert said(list(log.evaluate("2025-01", "2025-02-10").flags)) == [("review", "u1", "proposed")]
    assert said(month(log, 2)) == [("review", "u1", "ended")]


# --- off path -----------------------------------------------------------------------------------------------------------------


def test_a_unit_whose_heavier_work_has_a_red_light_is_off_path() -> None:
    path = {"shape": "straight", "base": 0.0}
    scoring = {"method": "target_ratio", "target": 100.0}
    root = group("all", criterion("a", scoring, path=path, weight=3), criterion("b", scoring, path=path))
    log = block({"off_path": {"enter": 0.5, "leave": 0.3, "k": 1, "n": 1}}, root=root)
    behind: dict[str, float | None] = {"a": 1.0, "b": 99.0}
    half: dict[str, float | None] = {"a": 99.0, "b": 1.0}
    kept: dict[str, float | None] = {"a": 99.0, "b": 99.0}
    flags = month(log, 1, u1=behind, u8=half, **dict.fromkeys(UNITS[1:-1], kept))
    assert [(flag.kind, flag.unit, flag.level, flag.criteria) for flag in flags] == [
        ("off_path", "u1", 0.75, ["a"])
    ]
    assert said(month(log, 2, u1=kept, u8=half, **dict.fromkeys(UNITS[1:-1], kept))) == [
        ("off_path", "u1", "ended")
    ]
