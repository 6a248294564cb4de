"""Keys are shown once and stored as hashes; demonstration keys are issued once and go on opening the door."""

import stat
from pathlib import Path

import pytest

from services.cli.failures import CalledWrongly, FoundWrong
from services.cli.key_files import read_key, write_key
from services.cli.key_register import KeyRegister
from services.cli.keys import issue_demo_keys
from services.cli.pack_folder import read_pack
from services.contracts.ids import CampaignId
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.principals import opens, split_key
from services.contracts.topics import PRINCIPALS
from tests.unit.cli.fakes import FakeBroker

SAMPLE = Path(__file__).parents[3] / "campaigns" / "sample"
UNIT = PlannedPrincipal(id="a", name="Xã A", role="unit", units=("a",))


def opened_by(register: KeyRegister, key: str) -> list[str]:
    _, secret = split_key(key) or ("", "")
    return [principal.name for principal in register.all().values() if opens(principal, secret)]


def test_an_issued_key_opens_and_its_secret_is_stored_nowhere() -> None:
    broker = FakeBroker()
    issued = KeyRegister(broker).issue(CampaignId("test"), UNIT)
    assert opened_by(KeyRegister(broker), issued.key) == ["Xã A"]
    secret = issued.key.split("_", 2)[2].encode()
    assert all(secret not in (record.value or b"") for record in broker.records[PRINCIPALS.name])


def test_a_principal_has_its_own_prefix_units_and_origin() -> None:
    broker = FakeBroker()
    issued = KeyRegister(broker).issue(CampaignId("test"), UNIT)
    principal = KeyRegister(broker).all()[issued.id]
    assert (principal.source_prefix, principal.origin, principal.units) == ("/test/a", "self", {"a"})


def test_a_revoked_key_opens_no_more_and_stays_listed() -> None:
    broker = FakeBroker()
    issued = KeyRegister(broker).issue(CampaignId("test"), UNIT)
    KeyRegister(broker).revoke(issued.id)
    assert opened_by(KeyRegister(broker), issued.key) == []
    assert KeyRegister(broker).all()[issued.id].revoked is not None


def test_an_unknown_key_cannot_be_revoked() -> None:
    with pytest.raises(CalledWrongly, match="There is no key 'x'"):
        KeyRegister(FakeBroker()).revoke("x")


def test_demonstration_keys_are_issued_once(tmp_path: Path) -> None:
    broker, packs = FakeBroker(), [read_pack(SAMPLE)]
    issue_demo_keys(KeyRegister(broker), packs, tmp_path)
    appended = len(broker.records[PRINCIPALS.name])
    issue_demo_keys(KeyRegister(broker), packs, tmp_path)
    assert appended == len(packs[0].principals) == len(list(tmp_path.glob("sample-*.key")))
    assert len(broker.records[PRINCIPALS.name]) == appended


def test_key_files_open_a_log_that_was_begun_anew(tmp_path: Path) -> None:
    packs = [read_pack(SAMPLE)]
    issue_demo_keys(KeyRegister(FakeBroker()), packs, tmp_path)
    register = KeyRegister(FakeBroker())
    issue_demo_keys(register, packs, tmp_path)
    assert opened_by(register, read_key(tmp_path / "sample-xa-mau-1.key")) == ["Xã Mẫu Một"]


def test_a_demonstration_key_that_was_revoked_is_valid_again(tmp_path: Path) -> None:
    register, packs = KeyRegister(FakeBroker()), [read_pack(SAMPLE)]
    issue_demo_keys(register, packs, tmp_path)
    key = read_key(tmp_path / "sample-office.key")
    register.revoke((split_key(key) or ("",))[0])
    issue_demo_keys(register, packs, tmp_path)
    assert opened_by(register, key) == ["Hội đồng Thi đua Mẫu"]


def test_a_key_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "a.key"
    write_key(file, "td_1_x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FoundWrong):
        write_key(file, "td_2_y")
    assert read_key(file) == "td_1_x"
    assert list(tmp_path.iterdir()) == [file]
