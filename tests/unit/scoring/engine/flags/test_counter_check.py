"""Could this flag be wrong? Each flag says what in the figures speaks for doubt."""

from typing import Any

import msgspec

from services.contracts.event_data import HoldData
from services.contracts.events import Hold
from services.contracts.flags import CounterCheck, Flag, MissingReport, SmallestBase
from tests.unit.scoring.engine.events import START, Log, criterion, group, indicator, pack, report

UNITS = [f"u{number}" for number in range(1, 6)]
RULES = {kind: {"enter": 0.2, "leave": 0.4, "k": 1, "n": 1} for kind in ("leader", "underperformer")}


def flagged(log: Log, month: str = "2025-01") -> dict[str, Flag]:
    return {flag.unit: flag for flag in log.evaluate(month, f"{month[:-1]}{int(month[-1]) + 1}-10").flags}


def check_of(flag: Flag) -> CounterCheck:
    assert not isinstance(flag.check, msgspec.UnsetType)
    return flag.check


def block(**fields: Any) -> Log:
    root = group("all", criterion("a", weight=2), criterion("b"))
    return Log(
        pack(units=UNITS, indicators=[indicator("a"), indicator("b")], root=root, flags=RULES, **fields)
    ).activate()


def test_a_place_that_hangs_on_one_missing_report_is_told_with_the_rank_that_the_median_would_give() -> None:
    log = block()
    for at, unit in enumerate(UNITS):
        log.add(report(unit, "a", "2025-01", 50.0 + at))
        if unit != "u1":
            log.add(report(unit, "b", "2025-01", 60.0 - 10.0 * at))
    under = check_of(flagged(log)["u1"])
    assert (under.overdue, under.missing) == (1, MissingReport("b", 4, True))


def test_a_missing_report_that_changes_nothing_is_told_so() -> None:
    log = block()
    for at, unit in enumerate(UNITS):
        log.add(report(unit, "a", "2025-01", 10.0 + 20.0 * at))
        if unit != "u1":
            log.add(report(unit, "b", "2025-01", 50.0))
    under = check_of(flagged(log)["u1"])
    assert under.missing == MissingReport("b", 5, False)


def test_a_unit_that_reported_everything_has_nothing_missing() -> None:
    log = block()
    for at, unit in enumerate(UNITS):
        log.add(report(unit, "a", "2025-01", 10.0 * at), report(unit, "b", "2025-01", 50.0))
    check = check_of(flagged(log)["u5"])
    assert check == CounterCheck(None, 0, None, False, False)


def test_the_smallest_denominator_of_the_moving_criteria_stands_beside_the_blocks() -> None:
    root = group("all", criterion("r", {"method": "goalposts", "low": 0.0, "high": 1.0}))
    log = Log(
        pack(units=UNITS, indicators=[indicator("r", measure="ratio")], root=root, flags=RULES)
    ).activate()
    for at, unit in enumerate(UNITS):
        size = 10.0 if unit == "u5" else 1000.0
        log.add(report(unit, "r", "2025-01", numerator=0.1 * (at + 1) * size, denominator=size))
    assert check_of(flagged(log)["u5"]).smallest == SmallestBase("r", 10.0, 1000.0)


def test_a_hold_stands_in_the_check_of_any_kind_and_mutes_leaders_only() -> None:
    log = block()
    for unit in ("u1", "u5"):
        data = HoldData(reason="thanh tra")
        log.add(
            Hold(
                specversion="1.0",
                id=f"h-{unit}",
                source="/c",
                time=START,
                subject=unit,
                receivedtime=START,
                data=data,
            )
        )
    for at, unit in enumerate(UNITS):
        log.add(report(unit, "a", "2025-01", 10.0 * at), report(unit, "b", "2025-01", 50.0))
    flags = flagged(log)
    assert set(flags) == {"u1"}
    assert check_of(flags["u1"]).held


def test_a_lineage_transition_pauses_flags() -> None:
    lineage = [{"old": "u9", "new": "u5", "date": "2025-01-15", "share": 1.0}]
    units = [*UNITS, {"id": "u9", "valid_to": "2025-01-15"}]
    made = pack(units=units, flags=RULES, campaign={"transition_days": 30})
    model = type(made).model_validate(made.model_dump() | {"lineage": lineage})
    log = Log(model).activate()
    for month in (1, 3):
        for at, unit in enumerate(UNITS):
            log.add(report(unit, "i", f"2025-{month:02d}", 10.0 * at))
    assert set(flagged(log)) == {"u1"}
    assert set(flagged(log, "2025-03")) == {"u1", "u5"}
