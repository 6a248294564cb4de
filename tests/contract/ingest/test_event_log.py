"""What every event log promises; the log in memory and the log on Kafka pass the same tests."""

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from deploy.embedded.stack import Stack
from services.contracts.events import EVENT_SCHEMA
from services.contracts.ids import BlockId
from services.contracts.problems import LogUnavailable
from services.contracts.routing import partition_of
from services.contracts.topics import EVENTS
from services.ingest.event_log import EventLog, LogRecord
from services.ingest.kafka_log import KafkaEventLog
from services.ingest.memory_log import InMemoryEventLog
from services.ingest.settings import IngestSettings

ReadBack = Callable[[BlockId], list[bytes]]


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.system)])
async def log(request: pytest.FixtureRequest) -> AsyncIterator[EventLog]:
    log = InMemoryEventLog() if request.param == "memory" else await _connected(request)
    yield log
    await log.close()


async def _connected(request: pytest.FixtureRequest) -> KafkaEventLog:
    broker: Stack = request.getfixturevalue("broker")
    log = KafkaEventLog(IngestSettings(kafka_bootstrap=broker.urls["kafka"]))
    await log.connect()
    return log


@pytest.fixture
def read_back(log: EventLog, request: pytest.FixtureRequest) -> ReadBack:
    """The values of a block's records, in the order of the log."""
    if isinstance(log, InMemoryEventLog):
        return lambda block: [record.value for record in log.records if record.block == block]
    broker: Stack = request.getfixturevalue("broker")
    return lambda block: [record.value for record in _records(broker, block)]


def _records(broker: Stack, block: BlockId) -> list[Any]:
    """The block's records, read from its own partition."""
    consumer = KafkaConsumer(bootstrap_servers=[broker.urls["kafka"]], group_id=None)
    count = len(consumer.partitions_for_topic(EVENTS.name))
    place = TopicPartition(EVENTS.name, partition_of(block, count))
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    end, found = consumer.end_offsets([place])[place], []
    while consumer.position(place) < end:
        for records in consumer.poll(timeout_ms=1_000).values():
            found += [record for record in records if record.key == block.encode()]
    consumer.close()
    return found


def fresh_block() -> BlockId:
    return BlockId(f"demo/{uuid.uuid4().hex}")


async def test_what_is_appended_stands_in_the_log_when_append_returns(
    log: EventLog, read_back: ReadBack
) -> None:
    block = fresh_block()
    await log.append([LogRecord(block, b"[1]")])
    assert read_back(block) == [b"[1]"]


async def test_records_of_a_block_keep_their_order(log: EventLog, read_back: ReadBack) -> None:
    block, other = fresh_block(), fresh_block()
    await log.append([LogRecord(block if n % 2 else other, b"[%d]" % n) for n in range(20)])
    await log.append([LogRecord(block, b"[99]")])
    assert read_back(block) == [b"[%d]" % n for n in range(20) if n % 2] + [b"[99]"]
    assert read_back(other) == [b"[%d]" % n for n in range(20) if n % 2 == 0]


async def test_a_record_of_half_a_megabyte_is_taken(log: EventLog, read_back: ReadBack) -> None:
    block, value = fresh_block(), b"[" + b" " * (512 * 1024 - 2) + b"]"
    await log.append([LogRecord(block, value)])
    assert read_back(block) == [value]


async def test_nothing_to_append_is_no_fault(log: EventLog) -> None:
    await log.append([])


async def test_a_log_that_runs_is_available(log: EventLog) -> None:
    assert log.is_available


async def test_a_closed_log_is_not_available_and_takes_nothing(log: EventLog) -> None:
    await log.close()
    assert not log.is_available
    with pytest.raises(LogUnavailable):
        await log.append([LogRecord(fresh_block(), b"[1]")])


@pytest.mark.system
async def test_on_kafka_the_key_is_the_block_and_the_headers_name_the_schema(broker: Stack) -> None:
    log = KafkaEventLog(IngestSettings(kafka_bootstrap=broker.urls["kafka"]))
    await log.connect()
    block = fresh_block()
    await log.append([LogRecord(block, b"[1]")])
    await log.close()
    [record] = _records(broker, block)
    assert record.key == block.encode()
    assert dict(record.headers)["schema"] == EVENT_SCHEMA
