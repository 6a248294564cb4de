"""A decision goes to the block of its flag, and only the council may send one."""

from typing import Any

import msgspec
import pytest

from services.contracts.events import Decision
from services.contracts.ids import flag_parts
from services.contracts.pack.catalog import PackCatalog
from services.contracts.principals import Principal
from services.contracts.problems import EventProblem, TypeNotAllowed, UnknownBlock, UnknownUnit
from services.contracts.validation import EventValidator
from tests.door_samples import NOW, as_json, principal, report, small_pack

FLAG = "demo/north:leader:n1:0123456789abcdef"
COUNCIL = msgspec.structs.replace(principal("office"), role="council", source_prefix="/demo/council/1")


@pytest.fixture
def validator() -> EventValidator:
    catalog = PackCatalog()
    catalog.put(small_pack().body)
    return EventValidator(catalog)


def decision(flag: str = FLAG, subject: str | None = "n1", **data: Any) -> bytes:
    fields = {"flag": flag, "decision": "confirm", "reason": "seen on the spot"} | data
    source = "/demo/council/1"
    return as_json(report(type="vn.thidua.decision.v1", source=source, subject=subject, data=fields))


def problem(validator: EventValidator, event: bytes, who: Principal = COUNCIL) -> EventProblem:
    with pytest.raises(EventProblem) as caught:
        validator.check(event, who, NOW)
    return caught.value


def test_a_decision_goes_to_the_block_of_its_flag(validator: EventValidator) -> None:
    accepted = validator.check(decision(), COUNCIL, NOW)
    assert accepted.block == "demo/north"
    assert isinstance(accepted.event, Decision)
    assert accepted.event.receivedtime == NOW


@pytest.mark.parametrize("role", ["unit", "department", "office"])
def test_nobody_else_decides(validator: EventValidator, role: str) -> None:
    assert isinstance(problem(validator, decision(), principal(role)), TypeNotAllowed)


def test_the_council_does_not_report(validator: EventValidator) -> None:
    assert isinstance(problem(validator, as_json(report(source="/demo/council/1"))), TypeNotAllowed)


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (decision(flag="n1"), "/data/flag"),
        (decision(subject="n2"), "/subject"),
        (decision(subject=None), "/subject"),
        (decision(reason=""), "/data/reason"),
        (decision(decision="perhaps"), "/data/decision"),
    ],
)
def test_what_is_wrong_is_pointed_at(validator: EventValidator, event: bytes, pointer: str) -> None:
    assert problem(validator, event).pointer == pointer


def test_a_flag_of_another_campaign_or_unit_is_refused(validator: EventValidator) -> None:
    elsewhere = problem(validator, decision(flag=FLAG.replace("demo", "other")))
    assert isinstance(elsewhere, UnknownBlock)
    assert elsewhere.pointer == "/data/flag"
    assert isinstance(problem(validator, decision(FLAG.replace("n1", "n9"), "n9")), UnknownUnit)


def test_an_id_of_a_flag_says_what_it_is_about() -> None:
    parts = flag_parts(FLAG)
    assert parts == ("demo/north", "leader", "n1", "0123456789abcdef")
    assert flag_parts("demo/north:leader:n1") is None
