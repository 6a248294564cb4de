"""Who holds a role, and how to reach them: the value of `campaign.people`. Personal data stands here and nowhere else.

Events, packs, flags and alerts name roles; this topic alone resolves them, and a tombstone erases a person from it.
"""

from typing import Final, Literal, NewType, get_args

import msgspec

PERSON_SCHEMA: Final = b"person/1"

PersonId = NewType("PersonId", str)
"""`<campaign>/<role or member>`: the key of a person's record."""

Channel = Literal["email", "webhook"]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)


class Person(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The person now in a role. `contacts` are an address for each channel: of e-mail, and http or https."""

    id: PersonId
    name: str
    contacts: dict[Channel, str] = {}


def person_id(campaign: str, role: str) -> PersonId:
    """`<campaign>/<role>`."""
    return PersonId(f"{campaign}/{role}")


decode_person: Final = msgspec.json.Decoder(Person).decode
encode_person: Final = msgspec.json.Encoder().encode
