"""What the door keeps in memory of other topics: the published packs, and who holds which key."""

import msgspec
import pydantic
import structlog

from services.contracts.following import Record
from services.contracts.pack.catalog import PackCatalog
from services.contracts.principals import Principals
from services.contracts.topics import PACKS, PRINCIPALS

_log = structlog.get_logger("thidua.ingest")


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
        elif record.topic == PRINCIPALS.name:
            self.principals.apply(record)
