"""A role is held by one person; removing erases; what is no address is refused."""

import pytest

from services.cli.broker import Outgoing
from services.cli.failures import CalledWrongly
from services.cli.people import people, person_of, put_person
from services.contracts.people import PERSON_SCHEMA, PersonId
from services.contracts.topics import PEOPLE
from tests.unit.cli.fakes import FakeBroker

CHAIR = PersonId("sample/chair")


def test_the_last_person_put_into_a_role_holds_it() -> None:
    broker = FakeBroker()
    put_person(broker, person_of(CHAIR, "Bà Thử", "ba@tinh.example", None))
    put_person(broker, person_of(CHAIR, "Ông Thử", None, "https://hooks.example/x"))
    assert [(one.name, one.contacts) for one in people(broker).values()] == [
        ("Ông Thử", {"webhook": "https://hooks.example/x"})
    ]


def test_a_tombstone_erases() -> None:
    broker = FakeBroker()
    put_person(broker, person_of(CHAIR, "Bà Thử", "ba@tinh.example", None))
    broker.append(PEOPLE, [Outgoing(CHAIR, None, PERSON_SCHEMA)])
    assert people(broker) == {}


@pytest.mark.parametrize(
    ("role", "email", "webhook"),
    [
        ("chair", "ba@tinh.example", None),
        ("sample/chair/x", "ba@tinh.example", None),
        ("sample/", "ba@tinh.example", None),
        (CHAIR, None, None),
        (CHAIR, "ba", None),
        (CHAIR, "ba@", None),
        (CHAIR, "a@x.example, b@x.example", None),
        (CHAIR, None, "hooks.example/x"),
        (CHAIR, None, "ftp://hooks.example/x"),
    ],
)
def test_what_is_no_role_or_no_address_is_refused(role: str, email: str | None, webhook: str | None) -> None:
    with pytest.raises(CalledWrongly):
        person_of(role, "Bà Thử", email, webhook)
