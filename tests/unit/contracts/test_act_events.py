"""What the office, the council and units do beside reporting: who may, where it goes, and what the door can know to be wrong."""

from typing import Any, Final

import msgspec
import pytest

from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import compile_pack
from services.contracts.pack.methods import Bonus
from services.contracts.pack.scheme import Criterion
from services.contracts.principals import Principal
from services.contracts.problems import (
    AdjustmentNotAllowed,
    BadReportPeriod,
    EventProblem,
    PeriodNotEnded,
    TypeNotAllowed,
    UnitNotYours,
    UnknownBlock,
    UnknownCriterion,
    UnknownUnit,
)
from services.contracts.validation import EventValidator
from tests.door_samples import NOW, as_json, principal, report, small_pack

FLAG: Final = "demo/north:leader:n1:0123456789abcdef"
EVALUATION: Final = "0123456789abcdef" * 2
DATA: Final[dict[str, dict[str, Any]]] = {
    "reply": {"flag": FLAG, "text": "The register was late."},
    "adjustment": {"criterion": "models", "period": "2025-06", "points": 2.0, "reason": "A model found."},
    "hold": {"reason": "Inspection 12."},
    "release": {"reason": "Inspection 12 is over."},
    "period.closed": {"period": "2025-06", "reason": "Figures are final."},
    "period.reopened": {"period": "2025-06", "reason": "A file was lost."},
    "evaluation.published": {"evaluation": EVALUATION, "actor": "office"},
}
ROLE_OF: Final = {
    "reply": "unit",
    "adjustment": "council",
    "hold": "council",
    "release": "council",
    "period.closed": "office",
    "period.reopened": "office",
    "evaluation.published": "office",
}


@pytest.fixture
def validator() -> EventValidator:
    """The scheme has the bonus `models` of at most 3 points, and its root may be adjusted by 5."""
    pack = small_pack().pack
    scheme = pack.schemes[0]
    bonus = Criterion(criterion="models", indicator="growth", weight=3, scoring=Bonus(method="bonus", each=1))
    root = scheme.root.model_copy(update={"adjustable": 5.0})
    scheme = scheme.model_copy(update={"extras": (bonus,), "root": root})
    catalog = PackCatalog()
    catalog.put(compile_pack(pack.model_copy(update={"schemes": (scheme,)})).body)
    return EventValidator(catalog)


def act(type: str, **changes: Any) -> bytes:
    """The event, with `subject` or members of its data changed."""
    about_block = ROLE_OF[type] == "office"
    subject = changes.pop("subject", "demo/north" if about_block else "n1")
    data = DATA[type] | changes
    source = f"/demo/{ROLE_OF[type]}/1"
    return as_json(report(type=f"vn.thidua.{type}.v1", source=source, subject=subject, data=data))


def key(role: str) -> Principal:
    return principal(role)


def problem(validator: EventValidator, event: bytes, who: Principal) -> EventProblem:
    with pytest.raises(EventProblem) as caught:
        validator.check(event, who, NOW)
    return caught.value


@pytest.mark.parametrize("type", DATA)
def test_each_goes_to_the_block_that_it_is_about(validator: EventValidator, type: str) -> None:
    assert validator.check(act(type), key(ROLE_OF[type]), NOW).block == "demo/north"


@pytest.mark.parametrize("type", DATA)
def test_nobody_else_may_send_it(validator: EventValidator, type: str) -> None:
    for role in {"unit", "department", "office", "council"} - {ROLE_OF[type]}:
        assert isinstance(problem(validator, act(type), key(role)), TypeNotAllowed)


@pytest.mark.parametrize("type", ["hold", "release"])
def test_what_is_about_a_unit_goes_to_the_block_that_holds_it_when_it_comes(
    validator: EventValidator, type: str
) -> None:
    assert validator.check(act(type, subject="m1"), key("council"), NOW).block == "demo/south"


def test_an_adjustment_goes_to_the_block_that_ranks_the_unit_in_its_period(validator: EventValidator) -> None:
    assert validator.check(act("adjustment", subject="m1"), key("council"), NOW).block == "demo/north"
    july = act("adjustment", subject="m1", period="2025-07")
    assert validator.check(july, key("council"), NOW).block == "demo/south"


def test_a_group_may_be_adjusted_where_the_pack_says_so(validator: EventValidator) -> None:
    event = act("adjustment", criterion="root", points=-5)
    assert validator.check(event, key("council"), NOW).block == "demo/north"


@pytest.mark.parametrize(
    ("event", "role", "kind", "pointer"),
    [
        (act("reply", flag="n1"), "unit", EventProblem, "/data/flag"),
        (act("reply", subject="n2"), "unit", EventProblem, "/subject"),
        (act("reply", text=""), "unit", EventProblem, "/data/text"),
        (act("reply", flag=FLAG.replace("n1", "n2"), subject="n2"), "unit", UnitNotYours, "/subject"),
        (act("adjustment", criterion="growth"), "council", UnknownCriterion, "/data/criterion"),
        (act("adjustment", points=3.5), "council", AdjustmentNotAllowed, "/data/points"),
        (act("adjustment", points=-3.5), "council", AdjustmentNotAllowed, "/data/points"),
        (act("adjustment", points=0), "council", AdjustmentNotAllowed, "/data/points"),
        (act("adjustment", period="2024-06"), "council", BadReportPeriod, "/data/period"),
        (act("adjustment", reason=""), "council", EventProblem, "/data/reason"),
        (act("hold", subject="nobody"), "council", UnknownUnit, "/subject"),
        (act("hold", reason=""), "council", EventProblem, "/data/reason"),
        (act("period.closed", subject="demo/west"), "office", UnknownBlock, "/subject"),
        (act("period.closed", period="2025-07"), "office", PeriodNotEnded, "/data/period"),
        (act("period.closed", period="2025"), "office", PeriodNotEnded, "/data/period"),
        (act("period.closed", period="June"), "office", BadReportPeriod, "/data/period"),
        (act("period.reopened", period="2024"), "office", BadReportPeriod, "/data/period"),
        (act("evaluation.published", evaluation="one"), "office", EventProblem, "/data/evaluation"),
        (act("evaluation.published", actor="Nguyễn Văn A"), "office", EventProblem, "/data/actor"),
        (act("evaluation.published", subject="demo/west"), "office", UnknownBlock, "/subject"),
    ],
)
def test_what_is_wrong_is_pointed_at(
    validator: EventValidator, event: bytes, role: str, kind: type[EventProblem], pointer: str
) -> None:
    found = problem(validator, event, key(role))
    assert (type(found), found.pointer) == (kind, pointer)


def test_a_correction_says_its_reason(validator: EventValidator) -> None:
    data = {
        "period": "2025-06",
        "as_of": "2025-07-05T00:00:00+07:00",
        "edition": 2,
        "reason": "A file was lost.",
    }
    due = report(type="vn.thidua.evaluation.due.v1", subject="demo/north", source="/demo/office/1", data=data)
    accepted = validator.check(as_json(due), key("office"), NOW)
    assert msgspec.to_builtins(accepted.event)["data"]["reason"] == "A file was lost."
    empty = as_json(due | {"data": data | {"reason": ""}})
    assert problem(validator, empty, key("office")).pointer == "/data/reason"
