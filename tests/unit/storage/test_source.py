"""The Kafka source holds without leaving the group, and commits only what it still owns."""

from typing import Any, NamedTuple

import pytest
from kafka import TopicPartition
from kafka.errors import CommitFailedError, KafkaTimeoutError

from services.contracts.broker_probe import BrokerLook
from services.contracts.topics import EVENTS
from services.storage.batch import Partition
from services.storage.errors import TopicMissing
from services.storage.source import KafkaSource
from tests.unit.storage.fakes import FakeClock

LOOK = BrokerLook([])
P0, P1 = TopicPartition(EVENTS.name, 0), TopicPartition(EVENTS.name, 1)


class ConsumerRecord(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: bytes | None = b"tiny/a"
    value: bytes | None = b"[]"
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp: int = 1


class FakeConsumer:
    """Gives what waits, of partitions that are not paused. A rebalance brings P1 during the next poll."""

    def __init__(self) -> None:
        self.owned = {P0}
        self.halted: set[TopicPartition] = set()
        self.waiting: list[ConsumerRecord] = []
        self.committed: dict[TopicPartition, int] = {}
        self.rebalances = False
        self.polls = 0
        self.joins = 0
        self.commit_error: Exception | None = None
        self.ends: dict[TopicPartition, int] = {}
        self.asked_ends: dict[TopicPartition, int] = {}
        self.positions: dict[TopicPartition, int] = {}

    def subscribe(self, topics: list[str], listener: Any) -> None:
        self.listener = listener
        self.joins += 1

    def topics(self) -> set[str]:
        return {EVENTS.name}

    def unsubscribe(self) -> None:
        self.owned.clear()

    def assignment(self) -> set[TopicPartition]:
        return set(self.owned)

    def poll(self, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        self.polls += 1
        if self.rebalances:
            self.rebalances = False
            self.owned.add(P1)
            self.listener.on_partitions_assigned([P1])
        open_ones = self.owned - self.halted
        found = [r for r in self.waiting if TopicPartition(r.topic, r.partition) in open_ones]
        self.waiting = [r for r in self.waiting if r not in found]
        return {TopicPartition(r.topic, r.partition): [r] for r in found}

    def pause(self, *partitions: TopicPartition) -> None:
        self.halted |= set(partitions)

    def paused(self) -> set[TopicPartition]:
        return set(self.halted)

    def resume(self, *partitions: TopicPartition) -> None:
        self.halted -= set(partitions)

    def end_offsets(self, partitions: list[TopicPartition], timeout_ms: int) -> dict[TopicPartition, int]:
        if not set(partitions) <= set(self.asked_ends):
            raise KafkaTimeoutError("no broker")
        return {partition: self.asked_ends[partition] for partition in partitions}

    def position(self, partition: TopicPartition, timeout_ms: int) -> int:
        return self.positions.get(partition, 0)

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.ends.get(partition)

    def commit(self, offsets: dict[TopicPartition, Any], timeout_ms: int) -> None:
        if self.commit_error:
            raise self.commit_error
        self.committed |= {partition: at.offset for partition, at in offsets.items()}


def test_while_it_holds_it_polls_and_takes_nothing() -> None:
    consumer = FakeConsumer()
    source = KafkaSource(consumer, [EVENTS.name], LOOK)
    consumer.waiting = [ConsumerRecord(EVENTS.name, 0, 5)]
    source.hold(0.001)
    assert consumer.polls >= 1
    assert len(consumer.waiting) == 1
    assert [record.offset for record in source.poll(0)] == [5]


def test_what_a_rebalance_brings_while_it_holds_is_not_lost() -> None:
    consumer = FakeConsumer()
    source = KafkaSource(consumer, [EVENTS.name], LOOK)
    consumer.waiting = [ConsumerRecord(EVENTS.name, 1, 7)]
    consumer.rebalances = True
    source.hold(0.001)
    assert [(record.partition, record.offset) for record in source.poll(0)] == [(1, 7)]
    assert source.poll(0) == []
    assert (source.take_reassigned(), source.take_reassigned()) == (True, False)


def test_offsets_of_partitions_that_were_lost_are_left_to_their_new_owner() -> None:
    consumer = FakeConsumer()
    KafkaSource(consumer, [EVENTS.name], LOOK).commit(
        {Partition(EVENTS.name, 0): 6, Partition(EVENTS.name, 1): 9}
    )
    assert consumer.committed == {P0: 6}


def test_a_commit_that_fails_is_left_to_the_next() -> None:
    consumer = FakeConsumer()
    source = KafkaSource(consumer, [EVENTS.name], LOOK)
    consumer.commit_error = CommitFailedError("rebalanced")
    source.commit({Partition(EVENTS.name, 0): 6})
    consumer.commit_error = None
    source.commit({Partition(EVENTS.name, 0): 8})
    assert consumer.committed == {P0: 8}


def test_a_key_that_is_no_text_is_kept_as_far_as_it_is() -> None:
    consumer = FakeConsumer()
    source = KafkaSource(consumer, [EVENTS.name], LOOK)
    consumer.waiting = [ConsumerRecord(EVENTS.name, 0, 1, key=b"\xff", value=None)]
    (record,) = source.poll(0)
    assert (record.key, record.value) == ("\ufffd", None)


def test_the_lag_is_what_is_not_stored_yet() -> None:
    consumer = FakeConsumer()
    source = KafkaSource(consumer, [EVENTS.name], LOOK)
    assert source.lag() is None
    consumer.ends = {P0: 8}
    assert source.lag() == {EVENTS.name: 0}
    consumer.waiting = [ConsumerRecord(EVENTS.name, 0, 5)]
    source.poll(0)
    assert source.lag() == {EVENTS.name: 3}
    source.commit({Partition(EVENTS.name, 0): 8})
    assert source.lag() == {EVENTS.name: 0}


def test_the_end_of_a_partition_in_which_nothing_happens_is_asked_for() -> None:
    consumer = FakeConsumer()
    source = KafkaSource(consumer, [EVENTS.name], LOOK)
    consumer.asked_ends, consumer.positions = {P0: 8}, {P0: 6}
    assert source.lag() == {EVENTS.name: 2}
    consumer.positions = {P0: 8}
    assert source.lag() == {EVENTS.name: 0}


def test_while_it_holds_and_soon_after_the_ends_are_those_of_now_and_not_of_the_last_fetch() -> None:
    consumer, clock = FakeConsumer(), FakeClock()
    source = KafkaSource(consumer, [EVENTS.name], LOOK, monotonic_s=clock)
    consumer.waiting, consumer.ends = [ConsumerRecord(EVENTS.name, 0, 5)], {P0: 6}
    source.poll(0)
    assert source.lag() == {EVENTS.name: 1}
    source.hold(0.001)
    consumer.asked_ends, consumer.positions = {P0: 9}, {P0: 6}
    assert source.lag() == {EVENTS.name: 4}
    source.commit({Partition(EVENTS.name, 0): 6})
    assert source.lag() == {EVENTS.name: 3}
    clock.now_s, consumer.ends = 10, {P0: 10}
    assert source.lag() == {EVENTS.name: 4}


def test_a_member_that_has_been_without_partitions_for_long_joins_again() -> None:
    consumer, clock = FakeConsumer(), FakeClock()
    source = KafkaSource(consumer, [EVENTS.name], LOOK, monotonic_s=clock)
    clock.now_s = 100
    source.poll(0)
    consumer.owned.clear()
    for after_s, joins in ((110, 1), (116, 2), (130, 2), (132, 3)):
        clock.now_s = after_s
        source.poll(0)
        assert consumer.joins == joins


def test_topics_that_are_not_there_are_named() -> None:
    with pytest.raises(TopicMissing, match="no topic gone:"):
        KafkaSource(FakeConsumer(), [EVENTS.name, "gone"], LOOK)
