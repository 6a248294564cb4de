"""Flags: a place that lasts opens one, another threshold ends it, and in between it remembers."""

from typing import Any

from services.contracts.flags import Flag, Mover
from services.scoring.engine import ENGINE_VERSION
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report

UNITS = [f"u{n}" for n in range(1, 11)]
LEADER = {"leader": {"enter": 0.1, "leave": 0.3, "k": 2, "n": 3}}
UNDER = {"underperformer": {"enter": 0.2, "leave": 0.3, "k": 2, "n": 3}}


class Months:
    """A block of ten whose months are evaluated one after the other. Unit n scores n unless told otherwise."""

    def __init__(self, flags: dict[str, Any], **fields: Any) -> None:
        self.log = Log(pack(units=UNITS, flags=flags, **fields)).activate()
        self._month = 0

    def month(self, **values: float | None) -> list[tuple[str, str]]:
        """Evaluates the next month; the flags that it changed, as (unit, state)."""
        return [(flag.unit, flag.state) for flag in self.flags(**values)]

    def flags(self, **values: float | None) -> list[Flag]:
        self._month += 1
        return self.evaluate(self._month, 1, **values)

    def evaluate(self, month: int, edition: int, **values: float | None) -> list[Flag]:
        figures: dict[str, float | None] = {unit: float(unit[1:]) for unit in UNITS}
        for unit, value in (figures | values).items():
            if value is not None:
                self.log.add(report(unit, "i", f"2025-{month:02d}", value, revision=edition))
        return list(self.log.evaluate(f"2025-{month:02d}", f"2025-{month + 1:02d}-10", edition).flags)


def test_a_leader_is_flagged_after_k_of_n_and_not_before() -> None:
    months = Months(LEADER)
    assert months.month() == []
    assert months.month() == [("u10", "proposed")]


def test_an_underperformer_is_flagged_from_the_bottom() -> None:
    months = Months(UNDER)
    assert months.month() == []
    assert months.month() == [("u2", "proposed"), ("u1", "proposed")]


def test_one_good_month_in_between_is_forgiven_within_n() -> None:
    months = Months(LEADER)
    months.month(u1=99.0)
    assert months.month() == []
    assert months.month(u1=99.0) == [("u1", "proposed")]


def test_between_the_two_thresholds_a_flag_stays() -> None:
    months = Months(LEADER)
    months.month()
    months.month()
    for _ in range(4):
        assert ("u10", "proposed") in months.month(u1=98.0, u2=99.0)  # third of ten: out of 0.1, within 0.3


def test_a_flag_ends_when_k_of_n_were_outside_leave_and_not_before() -> None:
    months = Months(LEADER)
    months.month()
    months.month()
    assert months.month(u10=0.0) == [("u10", "proposed")]
    assert months.month(u10=0.0) == [("u9", "proposed"), ("u10", "ended")]
    assert months.month(u10=0.0) == [("u9", "proposed")]


def test_a_flag_keeps_its_id_while_open_and_takes_a_new_one_when_it_opens_again() -> None:
    months = Months(LEADER)
    months.month()
    opened = months.flags()[0]
    updated = months.flags()[0]
    assert updated.id == opened.id == f"test/b1:leader:u10:{opened.evaluation}"
    assert (opened.since, updated.since, updated.period) == ("2025-02", "2025-02", "2025-03")
    assert updated.evaluation != opened.evaluation
    months.flags(u10=0.0)
    assert [(flag.unit, flag.state) for flag in months.flags(u10=0.0)][-1] == ("u10", "ended")
    months.flags()
    again = next(flag for flag in months.flags() if flag.unit == "u10")
    assert again.id != opened.id


def test_a_unit_below_the_minimum_coverage_is_neither_hit_nor_missed() -> None:
    rules = {"underperformer": {"enter": 0.2, "leave": 0.3, "k": 1, "n": 1}}
    months = Months(rules, min_coverage=1.0)
    assert months.month(u1=None) == [("u2", "proposed")]
    assert months.month() == [("u2", "proposed"), ("u1", "proposed")]
    silent = months.flags(u1=None)
    flag = next(flag for flag in silent if flag.unit == "u1")
    assert (flag.state, flag.rank, flag.score, flag.gap, flag.hits, flag.coverage) == (
        "proposed",
        None,
        None,
        None,
        0,
        0.0,
    )


def test_a_tie_that_does_not_fit_the_share_is_outside_it() -> None:
    rules = {kind: {"enter": 0.2, "leave": 0.2, "k": 1, "n": 1} for kind in ("leader", "underperformer")}
    assert Months(rules).month(**dict.fromkeys(UNITS, 5.0)) == []
    assert Months(rules).month(u8=50.0, u9=50.0, u10=50.0) == [("u2", "proposed"), ("u1", "proposed")]
    assert Months(rules).month(u9=50.0, u10=50.0)[:2] == [("u10", "proposed"), ("u9", "proposed")]


def test_a_new_edition_replaces_the_old_one_in_the_count() -> None:
    months = Months(LEADER)
    months.month()
    assert months.evaluate(1, 2, u10=0.0) == []
    assert [(flag.unit, flag.hits, flag.window) for flag in months.flags()] == []
    assert [(flag.unit, flag.hits, flag.window) for flag in months.flags()] == [("u10", 2, 3)]


def test_a_correction_of_an_older_month_may_end_a_flag_but_does_not_age_its_figures() -> None:
    months = Months(LEADER)
    for _ in range(3):
        months.month()
    assert months.evaluate(2, 2) == []
    assert months.evaluate(2, 3, u10=0.0) == []
    ended = months.evaluate(3, 2, u10=0.0)
    assert [(flag.unit, flag.state) for flag in ended] == [("u9", "proposed"), ("u10", "ended")]


def corrected_february(*rules: dict[str, Any]) -> list[tuple[str, str, str]]:
    """February of old, u2 and u3 is corrected after March, in which new stands in the place of old; rules of later packs hold from March on."""
    units = [{"id": "old", "valid_to": "2025-03-01"}, {"id": "new", "valid_from": "2025-03-01"}, "u2", "u3"]
    log = Log(*(pack(units=units, flags=flags) for flags in rules))
    for number in range(len(rules)):
        log.activate(number, "2025-03-01" if number else "1900-01-01")
    log.add(
        *(report(unit, "i", "2025-02", value) for unit, value in (("old", 1.0), ("u2", 3.0), ("u3", 2.0)))
    )
    log.evaluate("2025-02", "2025-03-10")
    log.add(
        *(report(unit, "i", "2025-03", value) for unit, value in (("new", 9.0), ("u2", 3.0), ("u3", 2.0)))
    )
    flags = log.evaluate("2025-03", "2025-04-10").flags
    log.add(report("old", "i", "2025-02", 99.0, revision=1))
    flags = (*flags, *log.evaluate("2025-02", "2025-04-12", 2).flags)
    return [
        (flag.unit, flag.period, flag.state) for flag in flags if flag.state != "ended" or flag.unit != "u2"
    ]


FIRST_OF_THREE = {"leader": {"enter": 0.34, "leave": 0.34, "k": 1, "n": 3}}


def test_a_correction_of_an_older_month_flags_no_unit_that_has_left_and_ends_no_flag_of_one_that_came() -> (
    None
):
    assert corrected_february(FIRST_OF_THREE) == [("new", "2025-03", "proposed")]


def test_a_correction_of_a_month_under_an_older_pack_ends_no_flag_by_the_rules_of_that_pack() -> None:
    assert corrected_february({}, FIRST_OF_THREE) == [("new", "2025-03", "proposed")]


def test_an_older_edition_that_comes_late_flags_nothing() -> None:
    months = Months({"leader": {"enter": 0.1, "leave": 0.1, "k": 1, "n": 1}})
    months.evaluate(1, 2)
    assert months.evaluate(1, 1, u1=99.0) == []


def test_a_flag_of_a_unit_that_left_the_block_ends() -> None:
    units = [*UNITS[:-1], {"id": "u10", "valid_to": "2025-02-15"}]
    log = Log(pack(units=units, flags={"leader": {"enter": 0.1, "leave": 0.3, "k": 1, "n": 1}})).activate()
    log.add(report("u10", "i", "2025-01", 50.0))
    assert [(f.unit, f.state) for f in log.evaluate("2025-01", "2025-02-10").flags] == [("u10", "proposed")]
    flags = log.evaluate("2025-02", "2025-03-10").flags
    assert [(f.unit, f.state, f.rank) for f in flags] == [("u10", "ended", None)]


def test_flags_of_a_rule_that_the_pack_dropped_end() -> None:
    rules = {"leader": {"enter": 0.1, "leave": 0.3, "k": 1, "n": 1}}
    log = Log(pack(units=UNITS, flags=rules), pack(units=UNITS)).activate()
    log.add(report("u10", "i", "2025-01", 50.0), report("u10", "i", "2025-02", 50.0))
    log.evaluate("2025-01", "2025-02-10")
    flags = log.activate(1).evaluate("2025-02", "2025-03-10").flags
    assert [(f.unit, f.state, f.rank, f.rule) for f in flags] == [("u10", "ended", 1, "leader: no rule")]
    assert log.state.flags == {}


def test_an_evaluation_of_another_cadence_raises_no_flags() -> None:
    rules = {"leader": {"enter": 0.1, "leave": 0.1, "k": 1, "n": 1}}
    schedule = {"cadence": "month", "first": "2025-01"}
    log = (
        Log(pack(units=UNITS, flags=rules, schedule=schedule))
        .activate()
        .add(report("u1", "i", "2025-01", 50.0))
    )
    assert log.evaluate("2025-Q1", "2025-04-10").flags == ()
    assert len(log.evaluate("2025-01", "2025-04-10").flags) == 1


def test_a_flag_carries_what_a_council_needs() -> None:
    root = group("all", criterion("a", weight=3), criterion("b", weight=1), criterion("c", weight=1))
    names = ("a", "b", "c")
    rules = {"leader": {"enter": 0.4, "leave": 0.5, "k": 1, "n": 2}}
    made = pack(units=["u1", "u2", "u3"], indicators=[indicator(n) for n in names], root=root, flags=rules)
    log = Log(made).activate()
    for unit, values in {
        "u1": (100.0, 100.0, 10.0),
        "u2": (50.0, 20.0, 60.0),
        "u3": (0.0, 0.0, 20.0),
    }.items():
        for name, value in zip(names, values, strict=True):
            log.add(report(unit, name, "2025-01", value, id=f"{unit}-{name}", simulated=unit == "u1"))
    (flag,) = log.evaluate("2025-01", "2025-02-10").flags
    assert (flag.unit, flag.kind, flag.rank, flag.of) == ("u1", "leader", 1, 3)
    assert (flag.score, flag.gap, flag.interval) == (82.0, 36.0, (1, 1))
    assert flag.movers == [Mover("a", 30.0), Mover("b", 16.0)]
    assert flag.evidence == [("/test", "u1-a"), ("/test", "u1-b")]
    assert (flag.hits, flag.window, flag.rule) == (1, 1, "leader: enter 0.4, leave 0.5, 1 of 2")
    assert (flag.pack, flag.engine, flag.simulated) == (log.hashes[0], ENGINE_VERSION, True)


def test_what_lowers_an_underperformer_is_counted_downwards_a_missing_figure_too() -> None:
    root = group("all", criterion("a"), criterion("b"), aggregate="geometric")
    rules = {"underperformer": {"enter": 0.4, "leave": 0.5, "k": 1, "n": 1}}
    made = pack(units=["u1", "u2", "u3"], indicators=[indicator("a"), indicator("b")], root=root, flags=rules)
    log = Log(made).activate()
    for unit, a, b in (("u1", 90.0, None), ("u2", 40.0, 90.0), ("u3", 40.0, 40.0)):
        log.add(report(unit, "a", "2025-01", a))
        if b is not None:
            log.add(report(unit, "b", "2025-01", b))
    (flag,) = log.evaluate("2025-01", "2025-02-10").flags
    assert (flag.unit, flag.score) == ("u1", 0.0)
    assert flag.movers == [Mover("b", -60.0)]  # √(0.9 × 0.4) with the median
    assert flag.evidence == []
