"""Decisions: a flag is a proposal until the council confirms or dismisses it, and a dismissed one stays away while its streak lasts."""

from typing import Any, Literal

from services.contracts.event_data import DecisionData
from services.contracts.events import Decision
from services.contracts.flags import Flag, FlagDecision
from services.contracts.results import encode_result
from tests.unit.scoring.engine.events import Log, at, pack, report

UNITS = [f"u{n}" for n in range(1, 11)]
LEADER = {"leader": {"enter": 0.1, "leave": 0.3, "k": 1, "n": 1}}
DECIDED = at("2025-03-01T08:00")


class Months:
    """A block of ten with u10 in front, evaluated month after month."""

    def __init__(self) -> None:
        self.log = Log(pack(units=UNITS, flags=LEADER)).activate()
        self._month = 0

    def month(self, **values: float) -> list[Flag]:
        self._month += 1
        for unit, value in ({unit: float(unit[1:]) for unit in UNITS} | values).items():
            self.log.add(report(unit, "i", f"2025-{self._month:02d}", value))
        return list(self.log.evaluate(f"2025-{self._month:02d}", f"2025-{self._month + 1:02d}-10").flags)

    def decide(self, flag: str, decision: Literal["confirm", "dismiss"], id: str = "d1") -> list[Flag]:
        made = len(self.log.outcomes)
        self.log.add(decided(flag, decision, id))
        return [flag for outcome in self.log.outcomes[made:] for flag in outcome.flags]


def decided(flag: str, decision: Literal["confirm", "dismiss"], id: str = "d1") -> Decision:
    return Decision(
        specversion="1.0",
        id=id,
        source="/test/council",
        time=DECIDED,
        subject="u10",
        receivedtime=DECIDED,
        data=DecisionData(flag=flag, decision=decision, reason="seen on the spot"),
    )


def states(flags: list[Flag]) -> list[tuple[str, str]]:
    return [(flag.unit, flag.state) for flag in flags]


def test_a_confirmed_flag_keeps_its_figures_and_says_who_decided_and_why() -> None:
    months = Months()
    (proposed,) = months.month()
    (confirmed,) = months.decide(proposed.id, "confirm")
    assert (confirmed.id, confirmed.state, confirmed.rank) == (proposed.id, "confirmed", 1)
    assert confirmed.decision == FlagDecision("/test/council", "d1", DECIDED, "seen on the spot")
    assert confirmed.cause > proposed.cause
    assert confirmed.evaluation == proposed.evaluation


def test_a_confirmed_flag_stays_so_with_new_figures_until_its_streak_is_over() -> None:
    months = Months()
    (proposed,) = months.month()
    months.decide(proposed.id, "confirm")
    (updated,) = months.month()
    assert (updated.state, updated.period, updated.since) == ("confirmed", "2025-02", "2025-01")
    assert states(months.month(u10=0.0)) == [("u9", "proposed"), ("u10", "ended")]


def test_a_dismissed_flag_does_not_come_back_while_its_streak_lasts() -> None:
    months = Months()
    (proposed,) = months.month()
    assert states(months.decide(proposed.id, "dismiss")) == [("u10", "dismissed")]
    assert months.month() == []
    assert months.month() == []


def test_a_dismissed_flag_ends_in_silence_and_may_be_proposed_anew_after_that() -> None:
    months = Months()
    (proposed,) = months.month()
    months.decide(proposed.id, "dismiss")
    assert states(months.month(u10=0.0)) == [("u9", "proposed")]
    again = months.month()
    assert ("u10", "proposed") in states(again)
    assert proposed.id not in [flag.id for flag in again]


def test_the_newest_decision_counts() -> None:
    months = Months()
    (proposed,) = months.month()
    months.decide(proposed.id, "dismiss", "d1")
    months.month()
    (confirmed,) = months.decide(proposed.id, "confirm", "d2")
    assert (confirmed.state, confirmed.period) == ("confirmed", "2025-02")
    assert states(months.month()) == [("u10", "confirmed")]


def test_the_same_decision_again_changes_nothing() -> None:
    months = Months()
    (proposed,) = months.month()
    months.decide(proposed.id, "confirm", "d1")
    assert months.decide(proposed.id, "confirm", "d2") == []


def test_a_decision_about_a_flag_that_does_not_stand_is_refused() -> None:
    months = Months()
    months.month()
    months.decide("test/b1:leader:u1:0", "confirm")
    assert [refusal.reason for refusal in months.log.refused] == ["unknown-flag"]


def test_an_undecided_flag_says_nothing_of_decisions() -> None:
    (proposed,) = Months().month()
    assert b'"decision"' not in encode_result(proposed)


def test_a_decision_is_no_evaluation() -> None:
    months = Months()
    (proposed,) = months.month()
    before: Any = months.log.state.evaluated.copy()
    months.decide(proposed.id, "confirm")
    assert months.log.state.evaluated == before
