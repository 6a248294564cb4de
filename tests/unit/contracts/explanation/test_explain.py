"""An explanation adds up: to the score, to the gaps, to the change, to the last published decimal."""

from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.explanation import Explanation, NotExplained, OtherFigure, explain
from services.contracts.ids import UnitId
from services.contracts.results import Evaluation, OriginFigure
from services.scoring.engine import rank_live
from tests.unit.contracts.explanation.trees import (
    UNITS,
    Figures,
    evaluated,
    figures,
    leaves,
    line,
    names_of,
    schemes,
    total,
)
from tests.unit.scoring.engine.acts import adjustment
from tests.unit.scoring.engine.events import Log, criterion, group, indicator, pack, report, tick


class Case(NamedTuple):
    """A scheme with the figures of two months, and what the council adjusted in the second."""

    scheme: dict[str, Any]
    months: tuple[Figures, Figures]
    adjusted: tuple[float, ...]

    def made(self) -> tuple[Log, list[Evaluation]]:
        return evaluated(self.scheme, *self.months, adjusted=self.adjusted)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    scheme = draw(schemes())
    first, second = (draw(figures(len(names_of(scheme)))) for _ in range(2))
    return Case(scheme, (first, second), draw(st.sampled_from([(), (0.07, -0.05), (-0.3, 0.011)])))


def explained(log: Log, evaluation: Evaluation, unit: str, previous: Evaluation | None = None) -> Explanation:
    pack = log.packs(evaluation.pack)
    assert pack is not None
    return explain(evaluation, UnitId(unit), pack, previous)


def exact(value: float | None) -> Decimal:
    assert value is not None
    return Decimal(repr(value))


# --- parts sum ----------------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(cases())
def test_parts_add_up_exactly_for_any_tree_any_figures_and_anything_missing(
    case: Case,
) -> None:
    log, (before, now) = case.made()
    for unit in UNITS:
        told = explained(log, now, unit, before)
        if told.total is not None:
            assert total(told.lines) == exact(told.total)
        if told.score is not None:
            assert told.total == told.score
        for comparison in (told.above, told.below, told.middle, told.change):
            if comparison is not None:
                assert total(comparison.parts) == exact(comparison.gap)
                assert exact(comparison.gap) == exact(told.score) - exact(comparison.score)
                assert all(part.points for part in comparison.parts)


@settings(max_examples=25)
@given(cases())
def test_members_add_up_to_their_group(case: Case) -> None:
    log, (_, now) = case.made()
    for unit in UNITS:
        lines = explained(log, now, unit).lines
        for at, head in enumerate(lines):
            if head.kind != "group" or head.points is None:
                continue
            inside = []
            for one in lines[at + 1 :]:
                if one.depth <= head.depth:
                    break
                if one.depth == head.depth + 1:
                    inside.append(one)
            assert sum((exact(one.points) for one in inside if one.points is not None), Decimal(0)) == exact(
                head.points
            )


@settings(max_examples=25)
@given(cases())
def test_the_tree_is_the_engines(case: Case) -> None:
    log, (_, now) = case.made()
    for row in now.units:
        told = explained(log, now, row.unit)
        top = [one.score for one in told.lines if one.depth == 1 and one.kind in ("group", "criterion")]
        assert [score is None for score in top] == [score is None for score in row.groups]
        for own, published in zip(top, row.groups, strict=True):
            assert own is None or own == pytest.approx(published, rel=1e-11, abs=1e-12)


@settings(max_examples=25)
@given(cases())
def test_criteria_that_are_equal_make_no_part_of_a_gap(case: Case) -> None:
    log, (_, now) = case.made()
    rows = {row.unit: row for row in now.units}
    for unit in UNITS:
        told = explained(log, now, unit)
        for comparison in (told.above, told.below):
            if comparison is None:
                continue
            columns = {leaf: at for at, leaf in enumerate(c.id for c in told.lines if c.kind == "criterion")}
            for part in comparison.parts:
                if part.kind == "criterion":
                    own, other = (
                        rows[u].criteria[columns[part.id]].score for u in (told.unit, comparison.unit)
                    )
                    assert own != other


# --- what a line says ---------------------------------------------------------------------------------------------------------


def one_block(
    root: dict[str, Any], figures: dict[str, list[float | None]], **scheme: Any
) -> tuple[Log, Evaluation]:
    """Figures by unit, in the order of the criteria."""
    names = leaves(root) + [extra["criterion"] for extra in scheme.get("extras", ())]
    log = Log(
        pack(units=list(figures), indicators=[indicator(n) for n in names], root=root, **scheme)
    ).activate()
    for unit, row in figures.items():
        log.add(*(report(unit, n, "2025-01", x) for n, x in zip(names, row, strict=True) if x is not None))
    evaluation = log.evaluate("2025-01", "2025-02-10").evaluation
    assert evaluation is not None
    return log, evaluation


def test_of_a_sum_each_criterion_gets_its_weight_times_its_score() -> None:
    root = group("all", criterion("a", weight=3), criterion("b", weight=1, missing="exclude"))
    log, made = one_block(root, {"u1": [80.0, 40.0], "u2": [60.0, None]})
    told = explained(log, made, "u1")
    assert (told.score, line(told, "a").points, line(told, "b").points) == (70.0, 60.0, 10.0)
    assert (line(told, "a").weight, line(told, "a").worth, line(told, "a").target) == (0.75, 75.0, 100.0)
    told = explained(log, made, "u2")
    assert (line(told, "a").points, line(told, "a").worth) == (60.0, 100.0)
    missing = line(told, "b")
    assert (missing.points, missing.worth, missing.state, missing.missing) == (
        None,
        None,
        "not_reported",
        "exclude",
    )


def test_of_a_geometric_mean_what_is_lost_is_shared_by_logarithms() -> None:
    root = group("all", criterion("a"), criterion("b"), aggregate="geometric")
    log, made = one_block(root, {"u1": [25.0, 50.0]})
    told = explained(log, made, "u1")
    assert told.score == 35.36
    lost = [50.0 - (line(told, name).points or 0.0) for name in "ab"]
    assert lost[0] == pytest.approx(2 * lost[1], abs=0.02)


def test_a_zero_that_brings_a_geometric_mean_to_zero_answers_for_all_of_it() -> None:
    root = group("all", criterion("a"), criterion("b"), aggregate="geometric")
    log, made = one_block(root, {"u1": [0.0, 100.0], "u2": [64.0, 100.0]})
    told = explained(log, made, "u1")
    assert told.above is not None
    assert [(part.id, part.points) for part in told.above.parts] == [("a", -80.0)]
    assert (line(told, "a").points, line(told, "b").points) == (-50.0, 50.0)


def test_a_criterion_that_one_unit_lacks_is_compared_with_the_mean_of_its_others() -> None:
    root = group("all", criterion("a"), criterion("b", missing="exclude"))
    log, made = one_block(root, {"u1": [80.0, 40.0], "u2": [80.0, None]})
    told = explained(log, made, "u1")
    assert told.above is not None
    assert [(part.id, part.points) for part in told.above.parts] == [("b", -20.0)]


def test_rounding_to_the_last_decimal_goes_to_those_that_lost_most_by_it() -> None:
    root = group("all", *(criterion(name) for name in "abc"))
    log, made = one_block(root, {"u1": [100.0, 100.0, 100.0]})
    assert [line(explained(log, made, "u1"), name).points for name in "abc"] == [33.34, 33.33, 33.33]


def test_bonuses_the_scales_ends_and_gates_have_lines_of_their_own() -> None:
    extras = [criterion("more", {"method": "bonus", "each": 2.0}, weight=10.0)]
    gate = {"at_least": 0.5, "otherwise_at_most": 0.3}
    root = group("all", criterion("a"), criterion("b", gate=gate))
    log, made = one_block(root, {"u1": [100.0, 90.0, 5.0], "u2": [100.0, 40.0, 1.0]}, extras=extras)
    first, second = explained(log, made, "u1"), explained(log, made, "u2")
    assert [(one.kind, one.points) for one in first.lines[3:]] == [("bonus", 10.0), ("cap", -5.0)]
    assert [(one.kind, one.points) for one in second.lines[3:]] == [("bonus", 2.0), ("gate", -42.0)]
    assert second.lines[-1].title.vi.startswith("Chưa đạt mức tối thiểu")
    assert (first.score, second.score) == (100.0, 30.0)


def test_what_the_council_adjusted_has_a_line_or_stands_with_the_bonus() -> None:
    extras = [criterion("more", {"method": "bonus", "each": 2.0}, weight=10.0)]
    log = Log(
        pack(
            indicators=[indicator("i"), indicator("more")],
            root=group("all", criterion("i"), adjustable=5.0),
            extras=extras,
        )
    )
    log.activate().add(report("u1", "i", "2025-01", 50.0), report("u1", "more", "2025-01", 1.0))
    log.add(adjustment("u1", "all", -3.0), adjustment("u1", "more", 1.5))
    made = log.evaluate("2025-01", "2025-02-10").evaluation
    assert made is not None
    told = explained(log, made, "u1")
    assert [(one.kind, one.points, one.adjusted) for one in told.lines[2:]] == [
        ("bonus", 3.5, 1.5),
        ("adjustment", -3.0, None),
    ]
    assert told.score == 50.5


def test_what_rounding_a_group_adds_stands_with_the_group() -> None:
    root = group("all", group("inner", criterion("a"), criterion("b"), decimals=0), criterion("c"))
    log, made = one_block(root, {"u1": [71.0, 70.0, 50.0]})
    told = explained(log, made, "u1")
    rounding = next(one for one in told.lines if one.kind == "rounding")
    assert (rounding.id, rounding.depth, rounding.points) == ("inner", 2, -0.25)


def test_a_planned_path_stands_beside_the_target() -> None:
    scoring = {"method": "target_ratio", "target": 200.0}
    root = group("all", criterion("a", scoring, path={"shape": "straight", "base": 0, "start": "2025-01-01"}))
    log, made = one_block(root, {"u1": [30.0]})
    told = line(explained(log, made, "u1"), "a")
    assert told.target == 200.0
    assert told.path is not None and 15 < told.path < 18
    assert told.light == "on_path"


def test_what_another_origin_reported_stands_beside_the_figure_that_counts() -> None:
    root = group("all", criterion("a"), criterion("b"))
    log, made = one_block(root, {"u1": [30.0, 40.0], "u2": [50.0, 60.0]})
    found = OriginFigure(UnitId("u1"), "a", "department", 35.0)
    differing = msgspec.structs.replace(made, origins=[found])
    told = explained(log, differing, "u1")
    assert line(told, "a").others == [OtherFigure("department", 35.0)]
    assert line(told, "b").others == []
    assert line(explained(log, differing, "u2"), "a").others == []


# --- neighbours and time ------------------------------------------------------------------------------------------------------


def test_neighbours_are_of_another_rank_and_those_level_are_named() -> None:
    log, made = one_block(group("all", criterion("i")), {"a": [90.0], "b": [70.0], "c": [70.0], "d": [10.0]})
    told = explained(log, made, "b")
    assert told.above is not None and told.below is not None
    assert (told.above.unit, told.level_with, told.below.unit) == ("a", ["c"], "d")
    assert (told.above.gap, told.below.gap) == (-20.0, 60.0)
    best = explained(log, made, "a")
    assert best.above is None and best.middle is not None and best.middle.gap == 20.0


def moving() -> tuple[Log, Evaluation, Evaluation]:
    log = Log(pack()).activate()
    made = []
    for month, values in ((1, (10.0, 20.0, 30.0)), (2, (45.0, 25.0, 40.0))):
        log.add(*(report(f"u{at}", "i", f"2025-{month:02d}", x) for at, x in enumerate(values, 1)))
        evaluation = log.evaluate(f"2025-{month:02d}", f"2025-{month + 1:02d}-10").evaluation
        assert evaluation is not None
        made.append(evaluation)
    return log, made[0], made[1]


def test_what_moved_since_the_baseline_is_told_with_the_blocks_own_movement() -> None:
    log, before, now = moving()
    told = explained(log, now, "u1", before)
    assert told.change is not None
    assert (told.change.period, told.change.gap, told.common, told.delta) == ("2025-01", 35.0, 10.0, 25.0)
    assert [(part.id, part.points) for part in told.change.parts] == [("i", 35.0)]


def test_without_an_earlier_evaluation_or_under_other_rules_there_is_no_change() -> None:
    log, before, now = moving()
    assert explained(log, now, "u1").no_change == "no_earlier_evaluation"
    other = pack(decimals=3)
    own = log.packs(now.pack)
    assert own is not None
    told = explain(now, UnitId("u1"), own, before, other)
    assert (told.change, told.no_change) == (None, "other_rules")


def test_a_unit_that_is_not_ranked_has_lines_and_no_score() -> None:
    root = group("all", criterion("a"), criterion("b", missing="exclude"))
    log, made = one_block(root, {"u1": [80.0, 40.0], "u2": [80.0, None]}, min_coverage=0.9)
    told = explained(log, made, "u2")
    assert (told.rank, told.score, told.total, told.no_change) == (None, None, 80.0, "not_ranked_now")
    assert (told.above, told.below, told.middle) == (None, None, None)


def test_a_live_ranking_is_explained_as_well() -> None:
    log, _, now = moving()
    log.add(*(report(f"u{at}", "i", "2025-03", 60.0 + at) for at in (1, 2, 3)), tick("2025-03-20"))
    live = rank_live(log.state, log.packs, None)
    own = log.packs(now.pack)
    assert live is not None and own is not None
    told = explain(live[0], UnitId("u1"), own, now)
    assert (told.evaluation, told.score) == (None, 61.0)
    assert told.change is not None and told.change.gap == 16.0


# --- what cannot be explained -------------------------------------------------------------------------------------------------


def test_figures_that_do_not_make_up_the_score_are_not_explained_away() -> None:
    log, _, now = moving()
    tampered = msgspec.structs.replace(
        now, units=[msgspec.structs.replace(row, score=99.0) for row in now.units]
    )
    with pytest.raises(NotExplained, match="do not make up its score"):
        explained(log, tampered, "u1")


def test_a_unit_that_is_not_in_the_result_is_not_explained() -> None:
    log, _, now = moving()
    with pytest.raises(NotExplained, match="no unit u9"):
        explained(log, now, "u9")


def test_an_explanation_is_written_as_json_and_read_back() -> None:
    log, before, now = moving()
    told = explained(log, now, "u1", before)
    assert msgspec.json.decode(msgspec.json.encode(told), type=Explanation) == told
