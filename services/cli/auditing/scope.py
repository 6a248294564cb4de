"""Of what an audit is: one evaluation, a block, a campaign, or everything."""

from dataclasses import dataclass

from services.contracts.ids import BlockId, EvaluationId
from services.contracts.routing import partition_of


@dataclass(frozen=True)
class Scope:
    """`text` is a block id, a campaign id, or empty for all blocks; `evaluation` narrows it to one."""

    text: str
    evaluation: EvaluationId | None = None

    @property
    def block(self) -> BlockId | None:
        """The one block; None when there may be more."""
        return BlockId(self.text) if "/" in self.text else None

    def has(self, block: BlockId) -> bool:
        return self.text in ("", block) or block.startswith(f"{self.text}/")

    def is_of(self, block: BlockId, partition: int, partitions: int) -> bool:
        """Whether it is the audit's, and this partition's."""
        return self.has(block) and partition_of(block, partitions) == partition

    def partitions(self, partitions: int) -> list[int]:
        """Those to read."""
        return list(range(partitions)) if self.block is None else [partition_of(self.block, partitions)]
