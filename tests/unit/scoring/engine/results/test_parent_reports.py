"""A block's evaluation reports to the blocks of its units' parents how many of their children pass."""

from typing import Any

import pytest

from services.contracts.events import Report
from services.contracts.ids import BlockId
from services.contracts.pack.model import Pack
from services.scoring.engine import Carry, NotApplicable
from tests.unit.scoring.engine.events import TEXT, Log, criterion, group, indicator, pack, report

PROVINCE = BlockId("test/provinces")
CHILDREN = ("c1", "c2", "c3", "c4")


def campaign(**from_children: Any) -> Pack:
    """Three communes of province p and one of province q, which are ranked on the share of theirs that pass."""
    made = {"block": "b1", "criterion": "solid"} | from_children
    rules = [indicator("solid", measure="passed"), indicator("share", measure="ratio", from_children=made)]
    children = [{"id": unit, "parent": "q" if unit == "c4" else "p"} for unit in CHILDREN]
    scoring = {"method": "pass_fail"}
    data = pack(
        units=children, indicators=rules, root=group("all", criterion("solid", scoring, missing="exclude"))
    ).model_dump(mode="json")
    data["blocks"].append({"id": "provinces", "title": TEXT, "scheme": "provinces"})
    data["schemes"].append({"id": "provinces", "title": TEXT, "root": group("all", criterion("share"))})
    data["units"] += [{"id": unit, "name": unit, "kind": "province", "block": "provinces"} for unit in "pq"]
    return Pack.model_validate(data)


def children_log(rules: Pack | None = None, *passing: str) -> Log:
    log = Log(rules or campaign()).activate()
    return log.add(*(report(unit, "solid", "2025-01", passed=unit in passing) for unit in CHILDREN))


def sent(log: Log, period: str = "2025-01", as_of: str = "2025-02-10", edition: int = 1) -> list[Report]:
    carried: tuple[Carry, ...] = log.evaluate(period, as_of, edition).carried
    assert all(one.block == PROVINCE for one in carried)
    return [one.event for one in carried if isinstance(one.event, Report)]


def shares(reports: list[Report]) -> dict[str | None, tuple[float | None, float | None]]:
    return {one.subject: (one.data.numerator, one.data.denominator) for one in reports}


def test_every_parent_hears_how_many_of_its_children_pass() -> None:
    assert shares(sent(children_log(None, "c1", "c4"))) == {"p": (1.0, 3.0), "q": (1.0, 1.0)}


def test_a_child_whose_criterion_does_not_count_is_not_in_the_denominator() -> None:
    log = Log(campaign()).activate().add(report("c1", "solid", "2025-01", passed=True))
    assert shares(sent(log)) == {"p": (1.0, 1.0), "q": (0.0, 0.0)}


def test_only_evaluations_of_the_indicators_own_cadence_report() -> None:
    assert sent(children_log(), "2025-Q1", "2025-04-10") == []


def test_making_the_evaluation_again_makes_the_same_report() -> None:
    first, again = (sent(children_log(None, "c2")) for _ in range(2))
    assert [(one.source, one.id, one.data) for one in first] == [
        (one.source, one.id, one.data) for one in again
    ]
    assert first[0].data.evidence[0].startswith("evaluation:test/b1:")


def test_the_report_counts_in_the_parents_block_once_however_often_it_comes() -> None:
    rules = campaign()
    reports = sent(children_log(rules, "c1", "c2"))
    log = Log(rules, block=PROVINCE).activate().add(*reports, *reports)
    evaluation = log.evaluate("2025-01", "2025-02-20").evaluation
    assert evaluation is not None and not log.refused
    cells = {row.unit: row.criteria[0] for row in evaluation.units}
    assert (cells["p"].actual, cells["p"].origin) == (pytest.approx(2 / 3), "automatic")  # type: ignore[index]


def test_a_new_edition_outranks_the_older_one_in_either_order() -> None:
    rules = campaign()
    log = children_log(rules, "c1")
    old = sent(log)
    log.add(report("c2", "solid", "2025-01", passed=True, revision=1))
    new = sent(log, as_of="2025-03-10", edition=2)
    for order in ((*old, *new), (*new, *old)):
        province = Log(rules, block=PROVINCE).activate().add(*order)
        evaluation = province.evaluate("2025-01", "2025-03-20").evaluation
        assert evaluation is not None
        row = next(row for row in evaluation.units if row.unit == "p")
        assert row.criteria[0].actual == pytest.approx(2 / 3)


def test_a_child_may_pass_with_less_than_all_its_points() -> None:
    rules = campaign(at_least=0.5)
    assert shares(sent(children_log(rules, "c1")))["p"] == (1.0, 3.0)


def test_an_evaluation_that_is_refused_reports_nothing() -> None:
    log = Log(campaign()).add(report("c1", "solid", "2025-01", passed=True))
    with pytest.raises(AssertionError):
        log.evaluate("2025-01", "2025-02-10")
    assert isinstance(log.refused[0], NotApplicable)
