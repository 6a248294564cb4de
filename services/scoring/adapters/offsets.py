"""The worker's committed offsets, in a consumer group of their own that has no members.

Faust's own commit cannot be used: it moves past events that it skipped during a rebalance (ENGINEERING 1). A commit without membership is
not fenced, and need not be: an offset is only ever committed when its outputs are in the log, whoever wrote them. Where the newest
checkpoint stands is committed with it, as the offset's metadata: so one question finds both, and neither is ever ahead of the other.
"""

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.contracts.checkpoints import CONFIRMED_GROUP, Note, read_note, write_note
from services.contracts.kafka import UNSECURED, Security
from services.contracts.topics import EVENTS
from services.scoring.worker.ports import Confirmed, ConfirmedOffsets


class KafkaOffsets(ConfirmedOffsets):
    """Offsets of the confirmed group."""

    def __init__(self, servers: list[str], partitions: int, security: Security = UNSECURED) -> None:
        self._client = {"bootstrap_servers": servers, **security}
        self._partitions = partitions
        self._consumer: Any = None
        self._admin: Any = None

    async def start(self) -> None:
        self._admin = AIOKafkaAdminClient(**self._client)
        await self._admin.start()
        self._consumer = AIOKafkaConsumer(**self._client, group_id=CONFIRMED_GROUP, enable_auto_commit=False)
        await self._consumer.start()
        self._consumer.assign([TopicPartition(EVENTS.name, p) for p in range(self._partitions)])

    async def stop(self) -> None:
        await self._consumer.stop()
        await self._admin.close()

    async def load(self, partition: int) -> Confirmed:
        place = TopicPartition(EVENTS.name, partition)
        held = (await self._admin.list_consumer_group_offsets(CONFIRMED_GROUP, partitions=[place])).get(place)
        if held is None or held.offset < 0:
            return Confirmed()
        return Confirmed(held.offset, read_note(held.metadata).checkpoint)

    async def commit(self, offsets: Mapping[int, Confirmed]) -> None:
        await self._consumer.commit(
            {
                TopicPartition(EVENTS.name, partition): (one.offset, write_note(Note(one.checkpoint)))
                for partition, one in offsets.items()
            }
        )
