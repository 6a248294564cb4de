"""Who is to be told: the council of the newest pack, resolved through `campaign.people`."""

from collections.abc import Iterator
from typing import NamedTuple

import structlog

from services.contracts.following import Record
from services.contracts.ids import BlockId, PackHash
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.council import CouncilRole
from services.contracts.pack.model import Pack
from services.contracts.people import Channel, Person, PersonId, decode_person, person_id
from services.contracts.routing import campaign_of
from services.contracts.topics import PEOPLE

_log = structlog.get_logger("thidua.alerting")


class Recipient(NamedTuple):
    """A role by one channel, with the address of the person who holds it now. Neither name nor address may be logged or recorded."""

    role: CouncilRole
    channel: Channel
    name: str
    address: str


class Directory:
    """A fold of `campaign.packs` and `campaign.people`. One thread applies, others ask."""

    def __init__(self) -> None:
        self._packs = PackCatalog()
        self._people: dict[PersonId, Person] = {}

    def apply(self, record: Record) -> None:
        """Takes a record in; one that cannot be read changes nothing."""
        try:
            if record.topic == PEOPLE.name:
                self._apply_person(record)
            elif record.value is not None:
                self._packs.put(record.value)
        except ValueError as error:  # both decoders' errors; the text of a person's would hold personal data
            _log.warning(
                "record cannot be read", topic=record.topic, offset=record.offset, error=type(error).__name__
            )

    def _apply_person(self, record: Record) -> None:
        key = PersonId(record.key)
        if record.value is None:
            self._people.pop(key, None)
        else:
            self._people[key] = decode_person(record.value)

    def recipients(self, block: BlockId) -> list[Recipient]:
        """Everybody who is to be told of the block's flags and can be reached."""
        return [one for role in self._roles(block) for one in self._channels(block, role)]

    def recipient(self, block: BlockId, role: str, channel: Channel) -> Recipient | None:
        """The role by that channel as it is now; None when the pack, or the people, no longer have it."""
        for one in self._council(block):
            if one.role == role:
                return next((r for r in self._channels(block, one) if r.channel == channel), None)
        return None

    def channels_of(self, block: BlockId, role: str) -> list[Recipient]:
        """A role by each of its channels, whichever blocks it is told of by itself."""
        return [r for one in self._council(block) if one.role == role for r in self._channels(block, one)]

    def role(self, block: BlockId, role: str) -> CouncilRole | None:
        return next((one for one in self._council(block) if one.role == role), None)

    def vacant(self) -> list[str]:
        """`<campaign>/<role>` of the roles whom no message can reach."""
        return [
            person_id(campaign, role.role)
            for campaign in self._packs.campaigns()
            if (newest := self._packs.newest(campaign)) is not None
            for role in newest.pack.council
            if not self._reachable(person_id(campaign, role.role), role)
        ]

    def pack(self, block: BlockId, pack: PackHash) -> Pack | None:
        """The pack of that hash, or else the campaign's newest."""
        found = self._packs.get(pack) or self._packs.newest(campaign_of(block))
        return None if found is None else found.pack

    def _council(self, block: BlockId) -> tuple[CouncilRole, ...]:
        newest = self._packs.newest(campaign_of(block))
        return () if newest is None else newest.pack.council

    def _roles(self, block: BlockId) -> list[CouncilRole]:
        own = block.partition("/")[2]
        return [role for role in self._council(block) if role.hears_of(own)]

    def _channels(self, block: BlockId, role: CouncilRole) -> Iterator[Recipient]:
        person = self._people.get(person_id(campaign_of(block), role.role))
        if person is not None:
            for channel in role.channels:
                if address := person.contacts.get(channel):
                    yield Recipient(role, channel, person.name, address)

    def _reachable(self, key: PersonId, role: CouncilRole) -> bool:
        person = self._people.get(key)
        return person is not None and any(channel in person.contacts for channel in role.channels)
