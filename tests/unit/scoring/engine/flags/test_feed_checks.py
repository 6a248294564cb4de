"""A feed that repeats itself and a group that leaps are told as notices, without a flag and without a change of any score."""

from typing import Any

import msgspec
import pytest

from services.contracts.pack.model import Pack
from services.contracts.results import Evaluation, Notice, encode_result
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report

UNITS = ("u1", "u2", "u3", "u4")
CHECKS = {"frozen": 0.9, "jump": 10}


def checked(checks: dict[str, Any] | None = CHECKS) -> Pack:
    """Two groups of 60 and 40 points, one figure from 0 to 100 in each."""
    root = group(
        "all",
        group("first", criterion("a"), weight=60),
        group("second", criterion("b"), weight=40),
    )
    rules = [indicator("a", stale_after=1), indicator("b", stale_after=1)]
    return pack(units=UNITS, indicators=rules, root=root, feed_checks=checks)


def month(
    log: Log, number: int, *, add: float = 0.0, leave_out: tuple[str, ...] = (), **own: float
) -> Evaluation:
    """Reports a month, each unit `add` above what it always has, or its `own` figure of `a`, and evaluates it."""
    period = f"2025-{number:02d}"
    for at, unit in enumerate(UNITS):
        if unit not in leave_out:
            log.add(report(unit, "a", period, own.get(unit, 50.0 + at + add)))
            log.add(report(unit, "b", period, 30.0 + at + add))
    evaluation = log.evaluate(period, f"2025-{number + 1:02d}-10").evaluation
    assert evaluation is not None
    return evaluation


def notices(evaluation: Evaluation) -> list[Notice]:
    assert not isinstance(evaluation.notices, msgspec.UnsetType)
    return evaluation.notices


@pytest.fixture
def log() -> Log:
    return Log(checked()).activate()


def test_a_month_that_repeats_the_one_before_is_frozen(log: Log) -> None:
    assert notices(month(log, 1)) == []
    assert notices(month(log, 2)) == [
        Notice("frozen", "2025-01", None, ["u1", "u2", "u3", "u4"], 4, 1.0, 0.9)  # type: ignore[list-item]
    ]


def test_one_figure_of_eight_that_moved_is_below_the_threshold(log: Log) -> None:
    month(log, 1)
    assert notices(month(log, 2, u1=51.0)) == []


def test_a_figure_that_stands_in_repeats_by_itself_and_is_not_counted(log: Log) -> None:
    month(log, 1)
    found = notices(month(log, 2, leave_out=("u1", "u2")))
    assert [(notice.units, notice.of) for notice in found] == [(["u3", "u4"], 2)]


def test_a_month_without_any_new_report_is_silent_not_frozen(log: Log) -> None:
    month(log, 1)
    assert notices(month(log, 2, leave_out=UNITS)) == []


def test_a_group_that_moves_further_than_the_threshold_is_a_jump_of_its_units(log: Log) -> None:
    month(log, 1)
    found = notices(month(log, 2, add=1.0, u2=20.0, u3=95.0))
    assert found == [Notice("jump", "2025-01", "first", ["u2", "u3"], 4, 25.8, 10.0)]  # type: ignore[list-item]


def test_a_move_of_exactly_the_threshold_is_no_jump() -> None:
    log = Log(checked({"jump": 6})).activate()
    month(log, 1)
    assert notices(month(log, 2, add=1.0, u1=60.0)) == []


def test_a_missing_report_is_no_jump() -> None:
    log = Log(checked({"jump": 1})).activate()
    month(log, 1)
    month(log, 2, leave_out=("u1",))
    assert notices(month(log, 3, leave_out=("u1",))) == []


def test_the_period_before_is_the_one_evaluated_before_whatever_lies_between(log: Log) -> None:
    month(log, 1)
    assert [notice.since for notice in notices(month(log, 4))] == ["2025-01"]


def test_notices_change_no_score_and_raise_no_flag(log: Log) -> None:
    plain = Log(checked(None)).activate()
    for number in (1, 2):
        with_checks, without = month(log, number), month(plain, number)
        assert [(u.unit, u.rank, u.score) for u in with_checks.units] == [
            (u.unit, u.rank, u.score) for u in without.units
        ]
    assert all(outcome.flags == () for outcome in log.outcomes)


def test_a_pack_without_feed_checks_has_no_word_of_them_in_its_bytes() -> None:
    evaluation = month(Log(checked(None)).activate(), 1)
    assert b"notices" not in encode_result(evaluation)
