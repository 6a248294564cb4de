"""Who may push what: the value of `campaign.principals`, and the form of an API key. The key itself is stored nowhere."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from services.contracts.event_data import Origin
from services.contracts.events import (
    Adjustment,
    Decision,
    EvaluationDue,
    EvaluationPublished,
    Fact,
    Hold,
    PeriodClosed,
    PeriodReopened,
    Release,
    Reply,
    Report,
    Retraction,
)
from services.contracts.following import Record
from services.contracts.ids import CampaignId, UnitId
from services.contracts.problems import Unauthenticated

PRINCIPAL_SCHEMA: Final = b"principal/1"

Role = Literal["unit", "department", "office", "council"]

ALLOWED_TYPES: Final[dict[Role, frozenset[type]]] = {
    "unit": frozenset({Report, Fact, Retraction, Reply}),
    "department": frozenset({Report, Fact, Retraction}),
    "office": frozenset({EvaluationDue, EvaluationPublished, PeriodClosed, PeriodReopened}),
    "council": frozenset({Decision, Adjustment, Hold, Release}),
}
"""Event classes that each role may send through the door."""


class Principal(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One API key's holder. `units` is null when it may report for every unit of the campaign."""

    id: str
    name: str
    campaign: CampaignId
    role: Role
    origin: Origin
    source_prefix: str
    key_hash: str
    issued: datetime
    units: frozenset[UnitId] | None = None
    revoked: datetime | None = None

    def may_report_for(self, unit: str) -> bool:
        return self.units is None or unit in self.units


class IssuedKey(NamedTuple):
    """A new key as it is shown once, with the id and the hash that are kept."""

    key: str
    id: str
    key_hash: str


def issue_key() -> IssuedKey:
    """A fresh random key: `td_<id>_<secret>`, 256 bits of secret."""
    key_id = secrets.token_hex(6)
    secret = secrets.token_urlsafe(32)
    return IssuedKey(f"td_{key_id}_{secret}", key_id, hash_secret(secret))


def hash_secret(secret: str) -> str:
    """SHA-256 of the secret in hexadecimal; the secret is random and long, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def split_key(key: str) -> tuple[str, str] | None:
    """(id, secret) of a key, or None when it has not the form of one."""
    parts = key.split("_", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "td" else None


def opens(principal: Principal, secret: str) -> bool:
    """Whether the secret is this principal's and it was not revoked; compares in constant time."""
    return principal.revoked is None and hmac.compare_digest(principal.key_hash, hash_secret(secret))


class Principals:
    """A fold of `campaign.principals`: one thread writes, any reads."""

    def __init__(self) -> None:
        self._by_id: dict[str, Principal] = {}

    def apply(self, record: Record) -> None:
        """Raises msgspec's errors for what is no principal."""
        if record.value is None:
            self.remove(record.key)
        else:
            self.put(decode_principal(record.value))

    def put(self, principal: Principal) -> None:
        self._by_id[principal.id] = principal

    def remove(self, key_id: str) -> None:
        self._by_id.pop(key_id, None)

    def authenticate(self, authorization: str | None) -> Principal:
        """The holder of the key in the header `Authorization: Bearer <key>`. Raises `Unauthenticated`; it does not tell which part was wrong."""
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("There is no 'Authorization: Bearer <key>' header.")
        parts = split_key(key.strip())
        holder = self._by_id.get(parts[0]) if parts else None
        if parts is None or holder is None or not opens(holder, parts[1]):
            raise Unauthenticated("The key is not known here, or was revoked.")
        return holder


decode_principal: Final = msgspec.json.Decoder(Principal).decode
encode_principal: Final = msgspec.json.Encoder().encode
