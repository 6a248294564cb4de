"""Which block an event belongs to, and which partition holds the block: one place, used by every writer."""

from typing import Final

from kafka.partitioner.default import murmur2

from services.contracts.ids import BlockId, CampaignId, block_id

__all__ = ["DEFAULT_PARTITIONS", "block_id", "campaign_of", "partition_of"]

DEFAULT_PARTITIONS: Final = 12


def campaign_of(block: BlockId) -> CampaignId:
    """The campaign's part of a block id."""
    return CampaignId(block.partition("/")[0])


def partition_of(block: BlockId, partitions: int) -> int:
    """The partition of a block: murmur2 of its id, as Kafka's own default partitioner does, so any standard producer agrees."""
    return int((murmur2(block.encode()) & 0x7FFFFFFF) % partitions)
