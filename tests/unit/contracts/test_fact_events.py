"""A fact goes to the block that holds its unit on the day on which it occurred."""

from typing import Any

import pytest

from services.contracts.events import Fact
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import compile_pack
from services.contracts.principals import Principal
from services.contracts.problems import (
    BadMeasure,
    BadReportPeriod,
    EventProblem,
    TypeNotAllowed,
    UnitNotYours,
)
from services.contracts.validation import EventValidator
from tests.door_samples import NOW, as_json, counted_indicator, principal, report, small_pack

DEPARTMENT = principal("department", source_prefix="/")


@pytest.fixture
def validator() -> EventValidator:
    pack = small_pack().pack
    catalog = PackCatalog()
    catalog.put(
        compile_pack(
            pack.model_copy(update={"indicators": (*pack.indicators, counted_indicator("founded"))})
        ).body
    )
    return EventValidator(catalog)


def fact(subject: str = "n1", **data: Any) -> bytes:
    fields = {"indicator": "founded", "occurred": "2025-06-17"} | data
    return as_json(report(type="vn.thidua.fact.v1", subject=subject, data=fields))


def problem(validator: EventValidator, event: bytes, who: Principal | None = None) -> EventProblem:
    with pytest.raises(EventProblem) as caught:
        validator.check(event, who or principal(), NOW)
    return caught.value


def test_a_fact_is_one_occurrence_unless_it_says_more(validator: EventValidator) -> None:
    event = validator.check(fact(), principal(), NOW).event
    assert isinstance(event, Fact)
    assert event.data.amount == 1.0


@pytest.mark.parametrize(("occurred", "block"), [("2025-06-30", "demo/north"), ("2025-07-01", "demo/south")])
def test_a_fact_goes_to_the_block_that_holds_the_unit_on_its_day(
    validator: EventValidator, occurred: str, block: str
) -> None:
    assert validator.check(fact("m1", occurred=occurred), DEPARTMENT, NOW).block == block


def test_a_retraction_names_the_day_of_its_fact(validator: EventValidator) -> None:
    data = {
        "indicator": "founded",
        "period": "2025-06-17",
        "source": "/demo/unit/1",
        "id": "f",
        "reason": "twice",
    }
    taken_back = report(type="vn.thidua.retraction.v1", data=data)
    assert validator.check(as_json(taken_back), principal(), NOW).block == "demo/north"
    by_month = report(type="vn.thidua.retraction.v1", data=data | {"period": "2025-06"})
    assert "let period be its day" in problem(validator, as_json(by_month)).what_next


@pytest.mark.parametrize(
    ("event", "kind", "pointer"),
    [
        (fact(indicator="growth"), BadMeasure, "/data/indicator"),
        (fact(occurred="2025-06"), EventProblem, "/data/occurred"),
        (fact(occurred="2025-06-31"), EventProblem, "/data/occurred"),
        (fact(occurred="2024-12-31"), BadReportPeriod, "/data/occurred"),
        (fact(occurred="2025-07-06"), BadReportPeriod, "/data/occurred"),
        (fact(amount=-1), EventProblem, "/data/amount"),
        (fact(amount=1.1e18), BadMeasure, "/data/amount"),
        (fact("n2"), UnitNotYours, "/subject"),
    ],
)
def test_what_is_wrong_is_pointed_at(
    validator: EventValidator, event: bytes, kind: type[EventProblem], pointer: str
) -> None:
    found = problem(validator, event)
    assert (type(found), found.pointer) == (kind, pointer)


def test_a_figure_of_what_facts_count_is_refused_with_what_to_send(validator: EventValidator) -> None:
    by_day = as_json(report(data={"indicator": "founded", "period": "2025-06-17", "value": 3}))
    by_month = as_json(report(data={"indicator": "founded", "period": "2025-06", "value": 3}))
    assert all("vn.thidua.fact.v1" in problem(validator, event).what_next for event in (by_day, by_month))


@pytest.mark.parametrize("role", ["office", "council"])
def test_office_and_council_send_no_facts(validator: EventValidator, role: str) -> None:
    assert isinstance(problem(validator, fact(), principal(role)), TypeNotAllowed)
