"""Keys for tests that push through the real door."""

import time
from datetime import UTC, datetime

import httpx

from services.cli.broker import Broker, Outgoing
from services.contracts.ids import CampaignId
from services.contracts.principals import PRINCIPAL_SCHEMA, Principal, Role, encode_principal, issue_key
from services.contracts.topics import PRINCIPALS


def new_key(broker: Broker, campaign: CampaignId, role: Role) -> str:
    """A key of the campaign for that role, known to the door soon (`wait_known`); its sources begin with `/<campaign>/<role>`."""
    key = issue_key()
    principal = Principal(
        id=key.id,
        name=role,
        campaign=campaign,
        role=role,
        origin="department",
        source_prefix=f"/{campaign}/{role}",
        key_hash=key.key_hash,
        issued=datetime.now(UTC),
    )
    broker.append(PRINCIPALS, [Outgoing(key.id, encode_principal(principal), PRINCIPAL_SCHEMA)])
    return key.key


def wait_known(door: str, key: str, within_s: float = 60.0) -> str:
    """The key, as soon as the door at that address takes it; it then knows the packs that were published before the key, too."""
    deadline_s = time.monotonic() + within_s
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(trust_env=False, headers=headers) as client:
        while client.get(f"{door}/v1/limits").status_code != 200:
            assert time.monotonic() < deadline_s, f"the door did not know the key within {within_s} s"
            time.sleep(0.1)
    return key
