"""Which partition holds a block: what Kafka's own producers would choose, and the same for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2

from services.contracts.ids import BlockId
from services.contracts.routing import block_id, campaign_of, partition_of


@pytest.mark.parametrize(
    ("block", "partition"), [("hdi/countries", 3), ("sample/xa", 7), ("sample/phường-1", 1)]
)
def test_a_blocks_partition_never_changes(block: str, partition: int) -> None:
    """The log is kept for ever: another answer here would split every block's history."""
    assert partition_of(BlockId(block), 12) == partition


@given(st.text(min_size=1), st.integers(min_value=1, max_value=1_000))
def test_a_partition_is_one_of_the_topics(block: str, partitions: int) -> None:
    assert 0 <= partition_of(BlockId(block), partitions) < partitions


@given(st.text(min_size=1), st.integers(min_value=1, max_value=1_000))
def test_any_standard_producer_would_choose_the_same(block: str, partitions: int) -> None:
    assert partition_of(BlockId(block), partitions) == (murmur2(block.encode()) & 0x7FFFFFFF) % partitions


def test_a_block_id_names_its_campaign() -> None:
    block = block_id("sample", "xa")
    assert block == "sample/xa"
    assert campaign_of(block) == "sample"
