"""What an event does to its block."""

from copy import deepcopy
from hashlib import sha256

import pytest

from services.contracts.event_data import Place
from services.contracts.ids import PackHash
from services.contracts.results import Evaluation
from services.scoring.engine import NOTHING, PackMissing, apply, begin_record
from services.scoring.engine.log.state import BlockState
from tests.unit.scoring.engine.events import (
    BLOCK,
    Log,
    activation,
    at,
    due,
    pack,
    report,
    retraction,
    tick,
)


def scores(
    log: Log, period: str = "2025-01", as_of: str = "2025-02-10", edition: int = 1
) -> dict[str, float | None]:
    evaluation = log.evaluate(period, as_of, edition).evaluation
    assert evaluation is not None
    return {unit.unit: unit.score for unit in evaluation.units}


def test_the_highest_revision_counts_whatever_comes_last() -> None:
    log = Log(pack()).activate()
    log.add(report("u1", "i", "2025-01", 70.0, revision=2), report("u1", "i", "2025-01", 10.0, revision=1))
    assert scores(log)["u1"] == 70.0


def test_of_one_revision_the_later_time_counts() -> None:
    log = Log(pack()).activate()
    log.add(report("u1", "i", "2025-01", 70.0, time=at("2025-02-02")))
    log.add(report("u1", "i", "2025-01", 10.0, time=at("2025-02-01")))
    assert scores(log)["u1"] == 70.0


def test_the_same_event_again_changes_nothing() -> None:
    first = report("u1", "i", "2025-01", 70.0)
    once, twice = Log(pack()).add(first), Log(pack()).add(first, first, first)
    assert once.state.series == twice.state.series


def test_a_retracted_report_gives_way_to_the_next_best() -> None:
    low, middle, high = (report("u1", "i", "2025-01", float(v), revision=v) for v in (10, 20, 30))
    log = Log(pack()).activate().add(high, low, middle, retraction(high))
    assert scores(log, edition=1)["u1"] == 20.0
    log.add(retraction(middle))
    assert scores(log, edition=2)["u1"] == 10.0
    log.add(retraction(low))
    assert scores(log, edition=3)["u1"] == 0.0


def test_a_retraction_that_comes_first_is_remembered() -> None:
    wrong = report("u1", "i", "2025-01", 90.0, revision=5)
    log = Log(pack()).activate().add(retraction(wrong), report("u1", "i", "2025-01", 40.0), wrong)
    assert scores(log)["u1"] == 40.0


def test_a_retraction_takes_back_that_report_and_no_other() -> None:
    kept, other = (
        report("u1", "i", "2025-01", 40.0),
        report("u1", "i", "2025-01", 50.0, source="/other", id="x"),
    )
    log = Log(pack()).activate().add(kept, retraction(other))
    assert scores(log)["u1"] == 40.0


def test_reports_of_one_id_rank_the_same_whichever_comes_first() -> None:
    one, other = (report("u1", "i", "2025-01", value, id="same") for value in (40.0, 50.0))
    assert scores(Log(pack()).activate().add(one, other)) == scores(Log(pack()).activate().add(other, one))


def test_now_is_the_greatest_time_of_receipt() -> None:
    log = Log().add(report("u1", "i", "2025-01", 1.0, received=at("2025-03-01")), tick("2025-02-01"))
    assert log.state.clock == at("2025-03-01")
    assert log.add(tick("2025-04-01")).state.clock == at("2025-04-01")


def test_the_chain_depends_on_every_record_and_their_order() -> None:
    def chain(*values: bytes) -> bytes:
        state = BlockState.new(BLOCK)
        for value in values:
            begin_record(state, value)
        return state.chain

    assert len({chain(b"a", b"b"), chain(b"b", b"a"), chain(b"ab"), chain(b"a")}) == 4
    assert chain(b"a") == sha256(bytes(32) + sha256(b"a").digest()).digest()


def test_an_evaluation_says_where_it_stands() -> None:
    log = Log(pack()).activate().add(report("u1", "i", "2025-01", 40.0))
    made = log.evaluate("2025-01", "2025-02-10").evaluation
    assert made is not None
    assert (made.cause, made.events, made.chain) == (Place(0, 2, 0), 3, log.state.chain.hex())
    assert (made.pack, made.edition, made.period) == (log.hashes[0], 1, "2025-01")


# --- what cannot be applied -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (report("u1", "i", "January", 1.0), "bad-period"),
        (report("u1", "i", "2025-02-30", 1.0), "bad-period"),
        (report("u1", "i", "2025-01"), "bad-measure"),
        (report("u1", "i", "2025-01", 1.0, passed=True), "bad-measure"),
        (report("u1", "i", "2025-01", numerator=1.0), "bad-measure"),
        (report("u1", "i", "2025-01", numerator=1.0, denominator=0.0), "bad-measure"),
        (report("u1", "i", "2025-01", numerator=1.0, denominator=-2.0), "bad-measure"),
        (report("u1", "i", "2025-01", numerator=1e18, denominator=1e-300), "bad-measure"),
        (report("u1", "i", "2025-01", 1e19), "bad-measure"),
        (report("u1", "i", "2025-01", float("inf")), "bad-measure"),
    ],
)
def test_a_bad_report_is_refused_and_not_kept(bad: object, reason: str) -> None:
    log = Log().add(bad)  # type: ignore[arg-type]
    assert [(refusal.reason, refusal.kept) for refusal in log.refused] == [(reason, False)]
    assert not any(series.periods for of_units in log.state.series.values() for series in of_units.values())
    assert log.state.events == 1


def test_a_unit_that_no_pack_names_is_refused_and_kept() -> None:
    log = Log(pack(units=["u1"]), pack(units=["u1", "u2"])).activate().add(report("u2", "i", "2025-01", 60.0))
    assert [(refusal.reason, refusal.kept) for refusal in log.refused] == [("unknown-unit", True)]
    log.activate(1)
    assert scores(log)["u2"] == 60.0


def test_an_indicator_that_no_pack_names_is_refused_and_kept() -> None:
    log = Log(pack()).activate().add(report("u1", "other", "2025-01", 60.0))
    assert [(refusal.reason, refusal.kept) for refusal in log.refused] == [("unknown-indicator", True)]


def test_before_any_activation_every_unit_is_kept_in_silence() -> None:
    log = Log(pack()).add(report("u1", "i", "2025-01", 60.0), report("stranger", "i", "2025-01", 1.0))
    assert log.refused == []
    assert scores(log.activate())["u1"] == 60.0


# --- packs ------------------------------------------------------------------------------------------------------------------


def test_a_pack_that_is_not_read_yet_leaves_the_state_as_it_was() -> None:
    log = Log(pack()).activate().add(report("u1", "i", "2025-01", 60.0))
    for event in (activation(PackHash("f" * 64)), due("2025-01", "2025-02-10")):
        before = deepcopy(log.state)
        with pytest.raises(PackMissing):
            apply(log.state, event, Place(0, 99, 0), lambda _: None)
        assert log.state == before


def test_an_activation_again_changes_nothing() -> None:
    log = Log(pack(), pack(decimals=0))
    first, second = activation(log.hashes[0]), activation(log.hashes[1])
    log.add(first, second, first, second)
    assert [one.pack for one in log.state.activations] == log.hashes


def test_an_activation_for_a_block_that_the_pack_has_not_is_refused() -> None:
    log = Log(pack(campaign={"id": "other"})).activate()
    assert [refusal.reason for refusal in log.refused] == ["unknown-block"]
    assert log.state.activations == []


def test_the_last_activation_valid_by_the_end_of_the_period_decides() -> None:
    log = Log(pack(decimals=0), pack(decimals=1)).add(
        report("u1", "i", "2025-01", 12.34), report("u1", "i", "2025-02", 12.34)
    )
    log.activate(0).activate(1, valid_from="2025-02-28")
    assert scores(log, "2025-01")["u1"] == 12.0
    assert scores(log, "2025-02", "2025-03-10")["u1"] == 12.3


def test_an_activation_after_an_evaluation_does_not_touch_it() -> None:
    log = Log(pack(decimals=0), pack(decimals=1)).activate().add(report("u1", "i", "2025-01", 12.34))
    assert scores(log)["u1"] == 12.0
    log.activate(1)
    assert scores(log, edition=2)["u1"] == 12.3


# --- evaluations ------------------------------------------------------------------------------------------------------------


def test_an_evaluation_asked_for_twice_is_made_once() -> None:
    log = Log(pack()).activate()
    assert log.evaluate("2025-01", "2025-02-10").evaluation is not None
    assert log.evaluate("2025-01", "2025-02-10") == NOTHING


@pytest.mark.parametrize(
    ("period", "reason"), [("2031-01", "bad-period"), ("nonsense", "bad-period"), ("1999-01", "unknown-pack")]
)
def test_an_evaluation_that_makes_no_sense_is_refused(period: str, reason: str) -> None:
    log = Log(pack()).activate(valid_from="2020-01-01").add(due(period, "2025-02-10"))
    assert [refusal.reason for refusal in log.refused] == [reason]


def test_an_evaluation_refused_for_want_of_a_pack_can_be_asked_for_again() -> None:
    log, asked = Log(pack()), due("2025-01", "2025-02-10")
    log.add(asked)
    assert [refusal.reason for refusal in log.refused] == ["unknown-pack"]
    log.activate().add(asked)
    assert isinstance(log.outcomes[-1].evaluation, Evaluation)


def test_units_are_those_in_the_block_at_the_end_of_the_period() -> None:
    units = [
        {"id": "old", "valid_to": "2025-02-01"},
        {"id": "new", "valid_from": "2025-02-01"},
        {"id": "both"},
    ]
    log = Log(pack(units=units)).activate()
    assert set(scores(log, "2025-01")) == {"old", "both"}
    assert set(scores(log, "2025-02", "2025-03-10")) == {"new", "both"}


def test_a_block_with_no_unit_at_that_time_is_refused() -> None:
    log = (
        Log(pack(units=[{"id": "new", "valid_from": "2025-02-01"}]))
        .activate()
        .add(due("2025-01", "2025-02-10"))
    )
    assert [refusal.reason for refusal in log.refused] == ["unknown-unit"]


def test_invented_figures_mark_their_unit_and_the_result() -> None:
    log = (
        Log(pack())
        .activate()
        .add(report("u1", "i", "2025-01", 5.0, simulated=True), report("u2", "i", "2025-01", 6.0))
    )
    made = log.evaluate("2025-01", "2025-02-10").evaluation
    assert made is not None
    assert made.simulated
    assert {unit.unit: unit.simulated for unit in made.units} == {"u1": True, "u2": False, "u3": False}
