"""API keys: what is issued opens, everything else does not, and the key itself is kept nowhere."""

from datetime import UTC, datetime

import pytest

from services.contracts.ids import UnitId
from services.contracts.principals import (
    decode_principal,
    encode_principal,
    hash_secret,
    issue_key,
    opens,
    split_key,
)
from tests.door_samples import principal


def test_an_issued_key_opens_for_its_holder_and_another_does_not() -> None:
    issued, other = issue_key(), issue_key()
    holder = principal(id=issued.id, key_hash=issued.key_hash)
    assert opens(holder, secret_of(issued.key))
    assert not opens(holder, secret_of(other.key))


def secret_of(key: str) -> str:
    parts = split_key(key)
    assert parts is not None
    return parts[1]


def test_a_secret_with_underscores_stays_whole() -> None:
    assert split_key("td_abc_one_two") == ("abc", "one_two")


@pytest.mark.parametrize("key", ["", "td_abc", "xx_abc_secret", "Bearer"])
def test_what_has_not_the_form_of_a_key_is_none(key: str) -> None:
    assert split_key(key) is None


def test_a_revoked_key_opens_nothing() -> None:
    holder = principal(key_hash=hash_secret("s"), revoked=datetime.now(UTC))
    assert not opens(holder, "s")


def test_the_record_of_a_principal_does_not_hold_the_secret() -> None:
    issued = issue_key()
    record = encode_principal(principal(id=issued.id, key_hash=issued.key_hash))
    assert secret_of(issued.key).encode() not in record
    assert decode_principal(record).id == issued.id


def test_a_unit_reports_for_itself_and_a_department_for_all() -> None:
    own = principal("unit", units=frozenset({UnitId("n1")}))
    assert own.may_report_for("n1")
    assert not own.may_report_for("n2")
    assert principal("department").may_report_for("anything")
