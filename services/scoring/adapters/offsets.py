"""The worker's committed offsets, in a consumer group of their own that has no members.

Faust's own commit cannot be used: it moves past events that it skipped during a rebalance (ENGINEERING 1). A commit without membership is
not fenced, and need not be: an offset is only ever committed when its outputs are in the log, whoever wrote them.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.contracts.kafka import UNSECURED, Security
from services.contracts.topics import EVENTS
from services.scoring.worker.ports import ConfirmedOffsets

CONFIRMED_GROUP: Final = "thidua-scoring"
"""The group whose lag is the worker's lag."""


class KafkaOffsets(ConfirmedOffsets):
    """Offsets of the confirmed group."""

    def __init__(self, servers: list[str], partitions: int, security: Security = UNSECURED) -> None:
        self._client = {"bootstrap_servers": servers, **security}
        self._partitions = partitions
        self._consumer: Any = None

    async def start(self) -> None:
        self._consumer = AIOKafkaConsumer(**self._client, group_id=CONFIRMED_GROUP, enable_auto_commit=False)
        await self._consumer.start()
        self._consumer.assign([TopicPartition(EVENTS.name, p) for p in range(self._partitions)])

    async def stop(self) -> None:
        await self._consumer.stop()

    async def load(self, partition: int) -> int:
        return int(await self._consumer.committed(TopicPartition(EVENTS.name, partition)) or 0)

    async def commit(self, offsets: Mapping[int, int]) -> None:
        await self._consumer.commit({TopicPartition(EVENTS.name, p): offset for p, offset in offsets.items()})
