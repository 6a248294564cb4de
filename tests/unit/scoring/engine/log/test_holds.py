"""Holds: a unit under inspection is not put forward as a leader, and everybody can see why."""

import msgspec

from services.contracts.flags import Flag, FlagHold
from services.contracts.results import UnitResult, encode_result
from services.scoring.engine import rank_live
from tests.unit.scoring.engine.acts import decision, hold, release, reply
from tests.unit.scoring.engine.events import Log, at, pack, report

UNITS = [f"u{n}" for n in range(1, 11)]
RULES = {kind: {"enter": 0.1, "leave": 0.3, "k": 1, "n": 1} for kind in ("leader", "underperformer")}


class Months:
    """A block of ten with u10 in front and u1 behind, evaluated month after month."""

    def __init__(self) -> None:
        self.log = Log(pack(units=UNITS, flags=RULES)).activate()
        self._month = 0

    def month(self, **values: float) -> list[Flag]:
        self._month += 1
        for unit, value in ({unit: float(unit[1:]) for unit in UNITS} | values).items():
            self.log.add(report(unit, "i", f"2025-{self._month:02d}", value))
        return list(self.log.evaluate(f"2025-{self._month:02d}", f"2025-{self._month + 1:02d}-10").flags)

    def add(self, *events: object) -> list[Flag]:
        made = len(self.log.outcomes)
        self.log.add(*events)  # type: ignore[arg-type]
        return [flag for outcome in self.log.outcomes[made:] for flag in outcome.flags]

    def live(self) -> dict[str, UnitResult]:
        ranked = rank_live(self.log.state, self.log.packs, None)
        assert ranked is not None
        return {row.unit: row for row in ranked[0].units}


def leaders(flags: list[Flag]) -> list[tuple[str, str, bool]]:
    """(unit, state, muted) of the leader flags."""
    return [(f.unit, f.state, f.hold is not msgspec.UNSET) for f in flags if f.kind == "leader"]


def test_no_leader_flag_of_a_held_unit_opens_and_it_opens_after_the_release() -> None:
    months = Months()
    months.add(hold("u10"))
    assert leaders(months.month()) == []
    assert months.add(release("u10")) == []
    assert leaders(months.month()) == [("u10", "proposed", False)]


def test_a_standing_leader_flag_is_muted_and_says_by_what() -> None:
    months = Months()
    months.month()
    (muted,) = months.add(hold("u10", "2025-03-01", id="h1"))
    assert muted.hold == FlagHold("/test/hold", "h1", at("2025-03-01"), "inspection 12")
    assert muted.cause == months.log.state.last
    assert leaders(months.month()) == [("u10", "proposed", True)]
    (free,) = months.add(release("u10"))
    assert (free.state, free.hold) == ("proposed", msgspec.UNSET)


def test_a_muted_flag_cannot_be_confirmed_but_dismissed() -> None:
    months = Months()
    flag = next(flag for flag in months.month() if flag.kind == "leader")
    months.add(hold("u10"))
    assert months.add(decision(flag.id, "confirm")) == []
    assert [refusal.reason for refusal in months.log.refused] == ["unit-held"]
    (dismissed,) = months.add(decision(flag.id, "dismiss"))
    assert dismissed.state == "dismissed"
    assert months.add(release("u10")) == []


def test_a_confirmed_leader_that_is_held_stays_confirmed_and_muted() -> None:
    months = Months()
    flag = next(flag for flag in months.month() if flag.kind == "leader")
    months.add(decision(flag.id, "confirm"))
    assert leaders(months.add(hold("u10"))) == [("u10", "confirmed", True)]


def test_a_muted_flag_ends_as_any_other() -> None:
    months = Months()
    months.month()
    months.add(hold("u10"))
    assert ("u10", "ended", True) in leaders(months.month(u10=0.0))


def test_underperformer_flags_are_not_muted() -> None:
    months = Months()
    months.add(hold("u1"))
    assert [(f.unit, f.state, f.hold) for f in months.month() if f.kind == "underperformer"] == [
        ("u1", "proposed", msgspec.UNSET)
    ]


def test_the_row_of_a_held_unit_says_since_when_and_keeps_its_place() -> None:
    months = Months()
    months.add(hold("u10", "2025-03-01"))
    months.month()
    row = months.live()["u10"]
    assert (row.held, row.rank) == (at("2025-03-01"), 1)
    months.add(release("u10"))
    assert months.live()["u10"].held is msgspec.UNSET
    assert b'"held"' not in encode_result(rank_live(months.log.state, months.log.packs, None)[0])  # type: ignore[index]


def test_a_copy_of_a_hold_does_not_bring_it_back() -> None:
    months = Months()
    months.add(hold("u10", id="h1"), release("u10"), hold("u10", id="h1"))
    assert leaders(months.month()) == [("u10", "proposed", False)]


def test_a_release_of_what_is_not_held_changes_nothing() -> None:
    months = Months()
    months.month()
    assert months.add(release("u10")) == []


def test_the_unit_may_answer_a_muted_flag() -> None:
    months = Months()
    flag = next(flag for flag in months.month() if flag.kind == "leader")
    months.add(hold("u10"))
    assert leaders(months.add(reply(flag.id))) == [("u10", "replied", True)]
