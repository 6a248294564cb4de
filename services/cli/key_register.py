"""The keys on `campaign.principals`: who holds which; the keys themselves are nowhere."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from services.cli.broker import Broker, Outgoing
from services.cli.failures import CalledWrongly
from services.contracts.ids import CampaignId
from services.contracts.pack.principals import PlannedPrincipal
from services.contracts.principals import (
    PRINCIPAL_SCHEMA,
    IssuedKey,
    Principal,
    decode_principal,
    encode_principal,
    hash_secret,
    issue_key,
    split_key,
)
from services.contracts.topics import PRINCIPALS


def _now() -> datetime:
    return datetime.now(UTC)


class KeyRegister:
    """Reads and writes the principals. Every method raises `CannotReach` when the broker does not answer."""

    def __init__(self, broker: Broker, now: Callable[[], datetime] = _now) -> None:
        self._broker = broker
        self._now = now

    def all(self) -> dict[str, Principal]:
        """Principals by key id, the newest state of each."""
        held: dict[str, Principal] = {}
        for record in self._broker.read(PRINCIPALS):
            if record.value is None:
                held.pop(record.key, None)
            else:
                held[record.key] = decode_principal(record.value)
        return held

    def issue(self, campaign: CampaignId, planned: PlannedPrincipal) -> IssuedKey:
        """A new key, shown to the caller and kept nowhere."""
        issued = issue_key()
        self._put([self._principal(campaign, planned, issued)])
        return issued

    def ensure(self, wanted: Iterable[tuple[CampaignId, PlannedPrincipal, str]]) -> None:
        """That each given key opens the door for its principal, whether or not the log knows it yet."""
        held = self.all()
        missing = []
        for campaign, planned, key in wanted:
            principal = self._principal(campaign, planned, _issued(key))
            known = held.get(principal.id)
            if known is None or msgspec.structs.replace(known, issued=principal.issued) != principal:
                missing.append(principal)
        self._put(missing)

    def revoke(self, key_id: str) -> Principal:
        """The principal, revoked. Raises `CalledWrongly` for an id that is not known."""
        known = self.all().get(key_id)
        if known is None:
            raise CalledWrongly(f"There is no key {key_id!r}.", "List the keys with thidua keys list.")
        revoked = known if known.revoked else msgspec.structs.replace(known, revoked=self._now())
        self._put([revoked])
        return revoked

    def _principal(self, campaign: CampaignId, planned: PlannedPrincipal, issued: IssuedKey) -> Principal:
        return Principal(
            id=issued.id,
            name=planned.name,
            campaign=campaign,
            role=planned.role,
            origin=planned.origin,
            source_prefix=planned.source_prefix(campaign),
            key_hash=issued.key_hash,
            issued=self._now(),
            units=planned.held_units(),
        )

    def _put(self, principals: list[Principal]) -> None:
        if principals:
            records = [Outgoing(one.id, encode_principal(one), PRINCIPAL_SCHEMA) for one in principals]
            self._broker.append(PRINCIPALS, records)


def _issued(key: str) -> IssuedKey:
    parts = split_key(key)
    if parts is None:
        raise CalledWrongly(
            "A key file holds no key.", "Delete the file and run the command again: it issues a new key."
        )
    return IssuedKey(key, parts[0], hash_secret(parts[1]))
