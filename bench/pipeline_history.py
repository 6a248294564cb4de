"""A long history for the pipeline's benchmark: packed records as the door writes them, put into the log directly."""

from typing import Final

from kafka import KafkaProducer

from bench.pipeline_load import Load, bodies
from services.contracts.events import EVENT_SCHEMA
from services.contracts.ids import BlockId
from services.contracts.records import SCHEMA
from services.contracts.routing import DEFAULT_PARTITIONS, partition_of
from services.contracts.topics import EVENTS

PER_RECORD: Final = 200
STAMP: Final = ',"receivedtime":"2025-07-05T01:00:00.000001Z","principal":"bench","origin":"department"'
_IN_FLIGHT: Final = 500
"""Records that wait for their acknowledgement: 35 MB."""


def write_history(bootstrap: str, events: int, blocks: int) -> None:
    """Appends so many events, in turn to each block. Returns when all are acknowledged."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, linger_ms=20, batch_size=1024 * 1024, max_request_size=4 * 1024 * 1024
    )
    load = Load("history", events, 1, PER_RECORD, blocks, 1)
    waiting = []
    for number, value in enumerate(bodies(load, STAMP)):
        block = BlockId(f"bench/b{number % blocks}")
        waiting.append(
            producer.send(
                EVENTS.name,
                key=block.encode(),
                value=value,
                partition=partition_of(block, DEFAULT_PARTITIONS),
                headers=[(SCHEMA, EVENT_SCHEMA)],
            )
        )
        if len(waiting) >= _IN_FLIGHT:
            waiting.pop(0).get(timeout=60)
    for future in waiting:
        future.get(timeout=60)
    producer.close()
