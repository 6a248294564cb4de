"""Keys for tests that push through the real door."""

from datetime import UTC, datetime

from services.cli.broker import Broker, Outgoing
from services.contracts.ids import CampaignId
from services.contracts.principals import PRINCIPAL_SCHEMA, Principal, Role, encode_principal, issue_key
from services.contracts.topics import PRINCIPALS


def new_key(broker: Broker, campaign: CampaignId, role: Role) -> str:
    """A key of the campaign for that role, known to the door soon; its sources begin with `/<campaign>/<role>`."""
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
