"""Publishes compiled packs: on `campaign.packs`, read back, then activated in each block (DESIGN 6)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from services.cli.broker import Broker, Outgoing
from services.cli.failures import CannotReach
from services.contracts.event_data import PackActivatedData
from services.contracts.events import EVENT_SCHEMA, PackActivated, encode_record
from services.contracts.ids import BlockId
from services.contracts.pack.catalog import PackCatalog
from services.contracts.pack.compiled import CompiledPack
from services.contracts.periods import parse_period
from services.contracts.topics import EVENTS, PACKS

PACK_SCHEMA: Final = b"pack/1"
SOURCE: Final = "/thidua/office/packs"


def _now() -> datetime:
    return datetime.now(UTC)


def publish_packs(broker: Broker, packs: Sequence[CompiledPack], now: Callable[[], datetime] = _now) -> None:
    """Returns when the packs are stored and every block has its activation. Running it again, or after it was cut off, changes no result:
    a pack's key is its hash, and the fold ignores the activation of the pack that is active. An earlier pack published again is active again.
    Raises `CannotReach`.
    """
    broker.append(PACKS, [Outgoing(pack.hash, pack.body, PACK_SCHEMA) for pack in packs])
    held = {(record.key, record.value) for record in broker.read(PACKS)}
    if any((pack.hash, pack.body) not in held for pack in packs):
        raise CannotReach("A pack could not be read back as it was written.", "Run the command again.")
    at = now()
    events = [activation(pack, block, at) for pack in packs for block in pack.pack.block_by_id]
    broker.append(EVENTS, [Outgoing(str(e.subject), encode_record([e]), EVENT_SCHEMA) for e in events])


def activation(compiled: CompiledPack, block: BlockId, at: datetime) -> PackActivated:
    """Valid from the campaign's first day. Its id has the time in it: a pack may be activated again after another one."""
    return PackActivated(
        specversion="1.0",
        id=f"{compiled.hash}:{block}:{at.isoformat()}",
        source=SOURCE,
        subject=block,
        time=at,
        receivedtime=at,
        data=PackActivatedData(
            pack=compiled.hash, valid_from=parse_period(compiled.pack.campaign.span).first.isoformat()
        ),
    )


def published_packs(broker: Broker) -> PackCatalog:
    """Every pack that stands in the broker. Raises `CannotReach`."""
    catalog = PackCatalog()
    for record in broker.read(PACKS):
        if record.value is not None:
            catalog.put(record.value)
    return catalog
