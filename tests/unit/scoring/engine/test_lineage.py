"""Units are merged and split: numerators and denominators go over whole, passes have to be confirmed, and a change keeps its baseline."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.event_data import FactData, PeriodClosedData
from services.contracts.events import AnyEvent, Fact, PeriodClosed, Report
from services.contracts.pack.model import Pack
from services.contracts.periods import parse_period
from services.contracts.results import CriterionResult, Evaluation, UnitResult
from services.scoring.engine import Outcome, plan_of
from services.scoring.engine.figures.carried_figures import combined, parts_of
from services.scoring.engine.log.state import Figure
from tests.unit.scoring.engine.acts import adjustment
from tests.unit.scoring.engine.events import Log, at, criterion, group, indicator, pack, report, retraction

JULY = "2025-07-01"
AFTER = at("2025-07-20")
BEFORE = at("2025-06-20")
RATIO = {"method": "target_ratio", "target": 1.0}


def fact(unit: str, occurred: str, amount: float) -> Fact:
    return Fact(
        specversion="1.0",
        id=f"{unit}/{occurred}",
        source="/test",
        time=AFTER,
        subject=unit,
        receivedtime=AFTER,
        origin="self",
        data=FactData(indicator="i", occurred=date.fromisoformat(occurred), amount=amount),
    )


def closed(period: str) -> PeriodClosed:
    return PeriodClosed(
        specversion="1.0",
        id=f"closed/{period}",
        source="/office",
        time=BEFORE,
        receivedtime=BEFORE,
        data=PeriodClosedData(period=period, reason="The table is final."),
    )


def edge(old: str, new: str, share: float | None = None, **fields: Any) -> dict[str, Any]:
    return {"old": old, "new": new, "date": JULY, "share": share} | fields


def until(unit: str) -> dict[str, Any]:
    return {"id": unit, "valid_to": JULY}


def since(unit: str) -> dict[str, Any]:
    return {"id": unit, "valid_from": JULY}


def merged(measure: str = "ratio", lineage: list[dict[str, Any]] | None = None, **fields: Any) -> Pack:
    """Of a, b and c, which end in June, come m (of a, b and a third of c) and n (of the rest of c); s stays."""
    return pack(
        units=[until("a"), until("b"), until("c"), since("m"), since("n"), "s"],
        indicators=[indicator("i", measure=measure, **{"stale_after": 12, "within": "sum"} | fields)],
        root=group("all", criterion("i", RATIO if measure != "value" else None)),
        lineage=lineage or [edge("a", "m"), edge("b", "m"), edge("c", "m", 1 / 3), edge("c", "n", 2 / 3)],
    )


def in_log(log: Log, *events: AnyEvent) -> Log:
    """The events and what they carry over, as the worker would append it."""
    for event in events:
        before = len(log.outcomes)
        log.add(event)
        for outcome in log.outcomes[before:]:
            log.add(*(carry.event for carry in outcome.carried))
    return log


def ratio(unit: str, numerator: float, denominator: float, period: str = "2025-05", **more: Any) -> Report:
    return report(
        unit,
        "i",
        period,
        numerator=numerator,
        denominator=denominator,
        received=more.pop("received", AFTER),
        **more,
    )


def evaluation_of(outcome: Outcome) -> Evaluation:
    assert outcome.evaluation is not None
    return outcome.evaluation


def cells(evaluation: Evaluation) -> dict[str, CriterionResult]:
    return {unit.unit: unit.criteria[0] for unit in evaluation.units}


def rows(evaluation: Evaluation) -> dict[str, UnitResult]:
    return {unit.unit: unit for unit in evaluation.units}


def test_a_late_report_is_carried_to_every_successor_with_its_share_and_where_it_comes_from() -> None:
    log = Log(merged()).activate().add(ratio("c", 30.0, 60.0, id="late", source="/test/c"))
    first, second = (carry for outcome in log.outcomes for carry in outcome.carried)
    assert (first.block, first.event.subject, second.event.subject) == ("test/b1", "m", "n")
    assert isinstance(second.event, Report)
    data = second.event.data
    assert (data.numerator, data.denominator) == pytest.approx((20.0, 40.0))
    assert data.carried is not None
    assert (data.carried.unit, data.carried.source, data.carried.id) == ("c", "/test/c", "late")
    assert (first.event.source, first.event.id) == ("/thidua/lineage", "/test/c late > m x 0.333333333333")


def test_nothing_is_carried_before_the_change() -> None:
    log = Log(merged()).activate().add(ratio("a", 1.0, 2.0, received=BEFORE))
    assert not any(outcome.carried for outcome in log.outcomes)


def test_what_was_carried_is_not_carried_again() -> None:
    log = in_log(Log(merged()).activate(), ratio("a", 1.0, 2.0))
    assert [len(outcome.carried) for outcome in log.outcomes] == [0, 1, 0]


def test_the_successor_has_the_sums_of_numerators_and_denominators() -> None:
    log = in_log(
        Log(merged()).activate(), ratio("a", 10.0, 20.0), ratio("b", 1.0, 80.0), ratio("c", 30.0, 60.0)
    )
    found = cells(evaluation_of(log.evaluate("2025-07", "2025-08-10")))
    assert (found["m"].actual, found["n"].actual) == pytest.approx((21 / 120, 0.5))


def test_a_part_is_not_the_whole() -> None:
    log = in_log(Log(merged()).activate(), ratio("a", 10.0, 20.0), ratio("c", 30.0, 60.0))
    found = cells(evaluation_of(log.evaluate("2025-07", "2025-08-10")))
    assert (found["m"].state, found["n"].state) == ("not_reported", "reported")


def test_each_predecessor_counts_by_its_own_first_origin() -> None:
    log = in_log(
        Log(merged(lineage=[edge("a", "m"), edge("b", "m")])).activate(),
        ratio("a", 10.0, 20.0, origin="self"),
        ratio("b", 1.0, 80.0, origin="self"),
        ratio("b", 11.0, 80.0, origin="department"),
    )
    assert cells(evaluation_of(log.evaluate("2025-07", "2025-08-10")))["m"].actual == pytest.approx(0.21)


def test_a_correction_and_a_retraction_are_carried_too() -> None:
    first, better = ratio("a", 1.0, 10.0), ratio("a", 5.0, 10.0, revision=1)
    log = in_log(Log(merged(lineage=[edge("a", "m")])).activate(), first, better)
    assert cells(evaluation_of(log.evaluate("2025-07", "2025-08-10")))["m"].actual == 0.5
    in_log(log, retraction(better))
    assert cells(evaluation_of(log.evaluate("2025-07", "2025-08-11")))["m"].actual == 0.1
    in_log(log, retraction(first))
    assert cells(evaluation_of(log.evaluate("2025-07", "2025-08-12")))["m"].state == "not_reported"


def test_an_additive_value_is_shared_out_and_a_plain_level_is_not_carried() -> None:
    late = [report("c", "i", "2025-05", 9.0, received=AFTER)]
    additive = in_log(Log(merged("value", carried="sum")).activate(), *late)
    found = cells(evaluation_of(additive.evaluate("2025-05", "2025-08-10")))
    assert found["c"].actual == 9.0
    to_date = in_log(Log(merged("value", carried="sum", within="to_date")).activate(), *late)
    assert cells(evaluation_of(to_date.evaluate("2025-07", "2025-08-10")))["n"].actual == pytest.approx(6.0)
    level = in_log(Log(merged("value")).activate(), *late)
    assert not any(outcome.carried for outcome in level.outcomes)


def test_a_level_is_averaged_by_the_weights_that_the_pack_gives() -> None:
    edges = [edge("a", "m", weight=3.0), edge("b", "m", weight=1.0)]
    log = in_log(
        Log(merged("value", edges, carried="weighted", within="last")).activate(),
        report("a", "i", "2025-05", 40.0, received=AFTER),
        report("b", "i", "2025-05", 80.0, received=AFTER),
    )
    assert cells(evaluation_of(log.evaluate("2025-07", "2025-08-10")))["m"].actual == 50.0


def test_a_pass_is_inherited_and_counts_only_when_it_is_confirmed() -> None:
    log = in_log(
        Log(merged("passed", lineage=[edge("a", "m"), edge("b", "m")])).activate(),
        report("a", "i", "2025-05", passed=True, received=AFTER),
        report("b", "i", "2025-05", passed=True, received=AFTER),
    )
    found = rows(evaluation_of(log.evaluate("2025-07", "2025-08-10")))["m"]
    assert (found.criteria[0].state, found.criteria[0].actual, found.criteria[0].score) == (
        "inherited",
        None,
        0.0,
    )
    assert (found.coverage, found.criteria[0].period) == (0.0, "2025-05")
    log.add(report("m", "i", "2025-07", passed=True, received=AFTER))
    assert cells(evaluation_of(log.evaluate("2025-07", "2025-08-11")))["m"].actual == 1.0


def test_what_comes_late_for_a_closed_period_is_carried_as_well() -> None:
    log = Log(merged()).activate()
    log.add(closed("2025-05"), ratio("a", 1.0, 2.0))
    assert [len(outcome.carried) for outcome in log.outcomes] == [0, 0, 1]


def test_facts_of_a_split_unit_are_shared_out() -> None:
    rules = pack(
        units=[until("c"), since("m"), since("n")],
        indicators=[indicator("i", measure="facts", within="to_date", stale_after=12)],
        lineage=[edge("c", "m", 0.25), edge("c", "n", 0.75)],
    )
    log = in_log(Log(rules).activate(), fact("c", "2025-05-20", 8.0))
    found = cells(evaluation_of(log.evaluate("2025-07", "2025-08-10")))
    assert (found["m"].actual, found["n"].actual) == (2.0, 6.0)


def test_shares_that_the_pack_no_longer_says_do_not_count() -> None:
    log = Log(
        merged(lineage=[edge("c", "m", 0.5), edge("c", "n", 0.5)]),
        merged(lineage=[edge("c", "m", 0.25), edge("c", "n", 0.75)]),
    ).activate()
    late = ratio("c", 30.0, 60.0)
    in_log(log, late).activate(1)
    assert cells(evaluation_of(log.evaluate("2025-07", "2025-08-10")))["m"].state == "not_reported"
    in_log(log, late)
    assert cells(evaluation_of(log.evaluate("2025-07", "2025-08-11")))["m"].actual == 0.5


def two_months(log: Log, *, carried: bool) -> Evaluation:
    """June over a, b and s, and then July over m and s."""
    june = [
        ratio(unit, at_, 10.0, "2025-06", received=BEFORE)
        for unit, at_ in (("a", 2.0), ("b", 6.0), ("s", 5.0))
    ]
    log.add(*june).evaluate("2025-06", "2025-06-30")
    if carried:
        in_log(log, *(msg for msg in june_again(june)))
    log.add(ratio("m", 6.0, 10.0, "2025-07"), ratio("s", 5.0, 10.0, "2025-07"))
    return evaluation_of(log.evaluate("2025-07", "2025-08-10"))


def june_again(june: list[Report]) -> list[Report]:
    """The same reports, seen after the change: what `thidua lineage apply` does."""
    for one in june:
        one.receivedtime = AFTER
    return [one for one in june if one.subject != "s"]


def small() -> Pack:
    return pack(
        units=[until("a"), until("b"), since("m"), "s"],
        indicators=[indicator("i", measure="ratio")],
        root=group("all", criterion("i", RATIO)),
        lineage=[edge("a", "m"), edge("b", "m")],
    )


def test_a_change_across_the_merger_is_taken_against_what_was_carried_over() -> None:
    evaluation = two_months(Log(small()).activate(), carried=True)
    assert evaluation.baseline is not None
    assert (evaluation.baseline.period, evaluation.baseline.carried_over) == ("2025-06", True)
    # m had (2 + 6) of 20 and has 6 of 10: +20 points; s stood still: the block's median change is +10
    assert {unit: row.delta for unit, row in rows(evaluation).items()} == {"m": 10.0, "s": -10.0}
    assert rows(evaluation)["m"].moved == 1


def test_points_that_the_council_gave_count_on_both_sides_of_a_merger() -> None:
    rules = small()
    root = rules.schemes[0].root.model_copy(update={"adjustable": 9.0})
    scheme = rules.schemes[0].model_copy(update={"root": root})
    log = Log(rules.model_copy(update={"schemes": (scheme,)})).activate()
    log.add(*(adjustment("s", "all", 8.0, month) for month in ("2025-06", "2025-07")))
    found = rows(two_months(log, carried=True))
    assert {unit: row.delta for unit, row in found.items()} == {"m": 10.0, "s": -10.0}


def test_without_what_was_carried_over_there_is_no_delta_and_that_is_said() -> None:
    found = rows(two_months(Log(small()).activate(), carried=False))
    assert (found["m"].delta, found["m"].no_delta) == (None, "merged")
    assert found["s"].delta == 0.0


def test_a_unit_that_came_of_nothing_leaves_the_block_without_a_baseline() -> None:
    evaluation = two_months(
        Log(small().model_copy(update={"lineage": ()})).activate(),
        carried=False,
    )
    assert evaluation.baseline is None
    assert rows(evaluation)["s"].no_delta == "other_units"


AMOUNTS = st.integers(0, 10**6)
SHARES = st.lists(st.integers(1, 9), min_size=1, max_size=4)


@given(
    st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=8),
    SHARES,
    st.randoms(use_true_random=False),
)
def test_a_merger_and_a_split_conserve_numerators_and_denominators(
    reported: list[tuple[int, int]], shares: list[int], order: Any
) -> None:
    """All that the old units had, the new ones have: neither more nor less, whatever comes first and however often."""
    olds = [f"old{number}" for number in range(len(reported))]
    news = [f"new{number}" for number in range(len(shares))]
    whole = sum(shares)
    edges = [edge(old, new, part / whole) for old in olds for new, part in zip(news, shares, strict=True)]
    rules = merged(lineage=edges).model_copy(
        update={"units": pack(units=[*map(until, olds), *map(since, news)]).units}
    )
    events = [ratio(old, float(n), float(n + d)) for old, (n, d) in zip(olds, reported, strict=True)]
    log = Log(rules).activate()
    log.add(*events)
    carried = [carry.event for outcome in log.outcomes for carry in outcome.carried] * 2
    order.shuffle(carried)
    log.add(*carried)
    sums = [added_up(log, rules, new) for new in news]
    assert sum(figure.amount for figure in sums) == pytest.approx(sum(n for n, _ in reported))
    assert sum(figure.of for figure in sums) == pytest.approx(sum(n + d for n, d in reported))


def added_up(log: Log, rules: Pack, unit: str) -> Figure:
    """The figure of the unit for a month before it came into being."""
    series, may = log.state.series["i", "month"][unit], parse_period("2025-05")
    parts = parts_of(series, unit, rules.descent, may, ["self"], "ratio")
    assert parts is not None
    return combined(parts, "sum").figure


def test_a_unit_in_transition_is_known_to_the_plan() -> None:
    rules = merged().model_copy(
        update={"campaign": merged().campaign.model_copy(update={"transition_days": 92})}
    )
    log = Log(rules).activate()
    plan = plan_of(log.hashes[0], log.packs, log.state.block)
    assert plan.in_transition("m", date(2025, 9, 30))
    assert not plan.in_transition("m", date(2025, 10, 1))
    assert not plan.in_transition("s", date(2025, 7, 2))
