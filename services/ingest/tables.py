"""What the door keeps in memory of other topics: the published packs, and who holds which key."""

import msgspec
import pydantic
import structlog

from services.contracts.following import Record
from services.contracts.pack.catalog import PackCatalog
from services.contracts.principals import Principal, decode_principal, opens, split_key
from services.contracts.problems import Unauthenticated
from services.contracts.topics import PACKS, PRINCIPALS

_log = structlog.get_logger("thidua.ingest")


class Principals:
    """A fold of `campaign.principals`: one thread writes, any reads."""

    def __init__(self) -> None:
        self._by_id: dict[str, Principal] = {}

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


class Tables:
    """Folds records of the two topics. What cannot be read is logged and left out: one bad record must not close the door."""

    def __init__(self) -> None:
        self.packs = PackCatalog()
        self.principals = Principals()

    def apply(self, record: Record) -> None:
        try:
            self._apply(record)
        except (pydantic.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
            _log.error(
                "record left out", topic=record.topic, offset=record.offset, key=record.key, error=str(error)
            )

    def _apply(self, record: Record) -> None:
        if record.topic == PACKS.name and record.value is not None:
            compiled = self.packs.put(record.value)
            _log.info("pack known", campaign=compiled.pack.campaign.id, pack=compiled.hash)
        elif record.topic == PRINCIPALS.name and record.value is None:
            self.principals.remove(record.key)
        elif record.topic == PRINCIPALS.name and record.value is not None:
            self.principals.put(decode_principal(record.value))
