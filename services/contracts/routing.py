"""Which block an event belongs to, and which partition holds the block: one place, used by every writer."""

from typing import Final

from kafka.partitioner.default import murmur2

from services.contracts.ids import BlockId, CampaignId

DEFAULT_PARTITIONS: Final = 12


def block_id(campaign: str, block: str) -> BlockId:
    """`<campaign>/<block>`, the key of a block's records."""
    return BlockId(f"{campaign}/{block}")


def campaign_of(block: BlockId) -> CampaignId:
    """The campaign's part of a block id."""
    return CampaignId(block.partition("/")[0])


def partition_of(block: BlockId, partitions: int) -> int:
    """The partition of a block: murmur2 of its id, as Kafka's own default partitioner does, so any standard producer agrees."""
    return int((murmur2(block.encode()) & 0x7FFFFFFF) % partitions)
