"""Publishes a compiled pack: on `campaign.packs`, read back, then activated in each block (DESIGN 6)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from services.cli.broker import Broker, Outgoing
from services.cli.failures import CannotReach
from services.contracts.events import EVENT_SCHEMA, PackActivated, PackActivatedData, encode_record
from services.contracts.ids import BlockId
from services.contracts.pack.compiled import CompiledPack
from services.contracts.periods import parse_period
from services.contracts.routing import partition_of
from services.contracts.topics import EVENTS, PACKS

PACK_SCHEMA: Final = b"pack/1"
SOURCE: Final = "/thidua/office/packs"


def _now() -> datetime:
    return datetime.now(UTC)


def publish_pack(broker: Broker, compiled: CompiledPack, now: Callable[[], datetime] = _now) -> None:
    """Returns when the pack is stored and every block has its activation. Running it again, or after it was cut off, changes no result:
    the pack's key is its hash, and the fold counts an activation once by its id. Raises `CannotReach`.
    """
    broker.append(PACKS, [Outgoing(compiled.hash, compiled.body, PACK_SCHEMA)])
    held = [record.value for record in broker.read(PACKS) if record.key == compiled.hash]
    if compiled.body not in held:
        raise CannotReach("The pack could not be read back as it was written.", "Run the command again.")
    partitions = broker.partitions(EVENTS)
    at = now()
    broker.append(
        EVENTS, [_activation(compiled, block, partitions, at) for block in compiled.pack.block_by_id]
    )


def _activation(compiled: CompiledPack, block: BlockId, partitions: int, at: datetime) -> Outgoing:
    event = activation(compiled, block, at)
    return Outgoing(block, encode_record([event]), EVENT_SCHEMA, partition_of(block, partitions))


def activation(compiled: CompiledPack, block: BlockId, at: datetime) -> PackActivated:
    """Valid from the campaign's first day. Its id is made of the pack and the block, so it counts once."""
    return PackActivated(
        specversion="1.0",
        id=f"{compiled.hash}:{block}",
        source=SOURCE,
        subject=block,
        time=at,
        receivedtime=at,
        data=PackActivatedData(
            pack=compiled.hash, valid_from=parse_period(compiled.pack.campaign.span).first.isoformat()
        ),
    )
