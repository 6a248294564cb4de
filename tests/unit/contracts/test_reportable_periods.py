"""Which periods of an indicator the door takes: those of its definition, and baselines from before the campaign."""

from typing import Any

import pytest

from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.indicator import Indicator
from services.contracts.pack.model import Pack
from services.contracts.problems import BadMeasure, BadReportPeriod, EventProblem
from services.contracts.validation import EventValidator
from tests.door_samples import NOW, as_json, principal, report, small_pack


def validator(criterion: dict[str, Any], growth: list[dict[str, Any]] | None = None) -> EventValidator:
    """The small pack, with its one criterion and its indicator `growth` changed."""
    data = small_pack().pack.model_dump(mode="json")
    data["schemes"][0]["root"]["members"][0] |= criterion
    newest, others = data["indicators"][0], data["indicators"][1:]
    data["indicators"] = [*(newest | fields for fields in growth or [{}]), *others]
    catalog = PackCatalog()
    catalog.put(compile_pack(Pack.model_validate(data)).body)
    return EventValidator(catalog)


def sent(rules: EventValidator, period: str, **figure: Any) -> EventProblem | None:
    data = {"indicator": "growth", "period": period} | (figure or {"value": 1.0})
    try:
        rules.check(as_json(report(data=data)), principal(), NOW)
    except EventProblem as problem:
        return problem
    return None


@pytest.mark.parametrize(
    ("change", "taken", "refused"),
    [
        ({"against": "base", "base_period": "2023-12"}, "2023-12", "2023-11"),
        ({"against": "year_before"}, "2024-01", "2023-12"),
        ({"against": "period_before"}, "2024-12", "2024-11"),
    ],
)
def test_what_a_change_is_against_may_be_reported_from_before_the_campaign(
    change: dict[str, Any], taken: str, refused: str
) -> None:
    rules = validator({"change": change})
    assert sent(rules, taken) is None
    assert isinstance(sent(rules, refused), BadReportPeriod)
    assert isinstance(sent(validator({}), taken), BadReportPeriod)


def test_the_base_of_a_path_may_be_reported_from_before_the_campaign() -> None:
    scoring = {"method": "target_ratio", "target": 5.0}
    rules = validator({"scoring": scoring, "path": {"shape": "straight", "base_period": "2024-12"}})
    assert sent(rules, "2024-12") is None
    assert isinstance(sent(rules, "2024-11"), BadReportPeriod)


def test_a_report_is_checked_by_the_definition_at_the_end_of_its_period() -> None:
    rules = validator({}, [{"valid_to": "2025-04-01"}, {"valid_from": "2025-04-01", "measure": "ratio"}])
    assert sent(rules, "2025-03") is None
    assert isinstance(sent(rules, "2025-04"), BadMeasure)
    assert sent(rules, "2025-04", numerator=1.0, denominator=2.0) is None


def test_a_period_without_a_definition_is_refused_and_told_when_there_is_one() -> None:
    problem = sent(validator({}, [{"valid_from": "2025-04-01"}]), "2025-03")
    assert isinstance(problem, BadReportPeriod)
    assert problem.detail == (
        "'growth' is not defined on 2025-03-31, the end of 2025-03; it is from 2025-04-01 to the end."
    )


def test_a_definition_holds_from_its_first_day_until_the_day_before_its_last() -> None:
    one = Indicator.model_validate(
        small_pack().pack.indicators[0].model_dump() | {"valid_from": "2025-04-01", "valid_to": "2025-05-01"}
    )
    days = ("2025-03-31", "2025-04-01", "2025-04-30", "2025-05-01")
    assert [one.holds(type(NOW).fromisoformat(day).date()) for day in days] == [False, True, True, False]
