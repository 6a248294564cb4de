"""Where records come from. `Source` is the contract; `KafkaSource` keeps it with kafka-python."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Protocol

import structlog
from kafka import ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from services.contracts.broker_probe import BrokerLook
from services.contracts.following import Record
from services.storage.batch import Partition
from services.storage.errors import TopicMissing

_MAX_RECORDS: Final = 200  # of at most 512 KB: bounds what one poll adds to a batch
_HOLD_STEP_MS: Final = 100
_COMMIT_TIMEOUT_MS: Final = (
    5_000  # bounds a commit that meets a rebalance or a lost broker; it comes again with the next batch
)

_ASK_TIMEOUT_MS: Final = 1_000

_STALE_S: Final = 2.0
"""For so long after a hold the ends that came with fetches may be those of before it: nothing of a paused partition is fetched."""

_UNASSIGNED_S: Final = 15.0
"""Bounds a join that kafka-python 3.0.12 forgets: when new metadata of a topic makes it join again and a poll times out meanwhile, it
never looks at the answer (seen on a busy machine: in the group, heartbeating, without a partition, for ever)."""

_log = structlog.get_logger("thidua.storage")


class Source(Protocol):
    """Reads all topics, each partition in order, from the offset committed last. One thread."""

    def poll(self, timeout_s: float) -> list[Record]:
        """What has come; waits at most `timeout_s` for the first."""

    def hold(self, seconds: float) -> None:
        """Let the time pass without taking more records, and remain a member of the group."""

    def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        """Say that everything below these offsets is stored. May fail quietly: a later commit says it again, or it is read again."""

    def take_reassigned(self) -> bool:
        """Whether partitions were assigned since this was asked last: a topic may then be another log."""

    def lag(self) -> dict[str, int] | None:
        """Records that are not stored yet, by topic; None until partitions are assigned and all their ends are known."""

    def silent_since(self) -> datetime | None:
        """Since when the broker does not answer; None while it does."""

    def close(self) -> None:
        """Leave the group."""


class KafkaSource:
    """A member of the consumer group. Records that a rebalance brings while it holds are kept for the next poll.

    Raises `TopicMissing` when it is made too early, Kafka's errors when the broker does not answer; make it again then.
    """

    def __init__(
        self,
        consumer: Any,
        topics: Iterable[str],
        look: BrokerLook,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer = consumer
        self._look = look
        self._topics = list(topics)
        self._monotonic_s = monotonic_s
        self._assigned_s = monotonic_s()
        self._held_s = float("-inf")
        self._kept: list[Record] = []
        self._reassigned = False
        self._stored: dict[TopicPartition, int] = {}
        self._subscribe()

    def poll(self, timeout_s: float) -> list[Record]:
        if self._kept:
            kept, self._kept = self._kept, []
            return kept
        return self._fetch(int(timeout_s * 1000))

    def hold(self, seconds: float) -> None:
        deadline_s = time.monotonic() + seconds
        while time.monotonic() < deadline_s:
            self._consumer.pause(*self._consumer.assignment())
            self._kept.extend(self._fetch(_HOLD_STEP_MS))
        self._consumer.resume(*self._consumer.paused())
        self._held_s = self._monotonic_s()

    def commit(self, next_offsets: Mapping[Partition, int]) -> None:
        held = self._consumer.assignment()
        offsets = {
            partition: OffsetAndMetadata(offset, "", -1)
            for (topic, number), offset in next_offsets.items()
            if (partition := TopicPartition(topic, number)) in held
        }
        try:
            if offsets:
                self._consumer.commit(offsets, timeout_ms=_COMMIT_TIMEOUT_MS)
                self._stored |= {partition: at.offset for partition, at in offsets.items()}
        except KafkaError as error:
            _log.warning("offsets not committed, the rows will be written again", error=str(error))

    def take_reassigned(self) -> bool:
        reassigned, self._reassigned = self._reassigned, False
        return reassigned

    def lag(self) -> dict[str, int] | None:
        lags: dict[str, int] = {}
        try:
            asked = self._asked_ends()
            for partition in self._consumer.assignment():
                lags[partition.topic] = lags.get(partition.topic, 0) + self._lag_of(partition, asked)
        except KafkaError:
            return None
        return lags or None

    def silent_since(self) -> datetime | None:
        return self._look.silent_since

    def close(self) -> None:
        self._consumer.close()

    def _asked_ends(self) -> dict[TopicPartition, int]:
        """Raises Kafka's errors. Of the partitions of which the client knows no end: after a rebalance that gave the same ones again, those in
        which nothing happens, as the broker tells only what has changed; after a hold all, as their ends have moved on meanwhile."""
        unknown = self._consumer.assignment()
        if self._monotonic_s() - self._held_s > _STALE_S:
            unknown = [one for one in unknown if self._consumer.highwater(one) is None]
        ends: dict[TopicPartition, int] = {}
        for _, places in groupby(
            sorted(unknown), key=itemgetter(0)
        ):  # kafka-python 3 leaves some of several topics out
            ends |= self._consumer.end_offsets(list(places), timeout_ms=_ASK_TIMEOUT_MS)
        return ends

    def _lag_of(self, partition: TopicPartition, asked: Mapping[TopicPartition, int]) -> int:
        """Raises Kafka's errors."""
        if partition in asked:
            read: int = self._consumer.position(partition, timeout_ms=_ASK_TIMEOUT_MS)
            return max(asked[partition] - self._stored.get(partition, read), 0)
        end: int = self._consumer.highwater(partition)
        return max(end - self._stored.get(partition, end), 0)  # nothing read of it: nothing there to read

    def _fetch(self, timeout_ms: int) -> list[Record]:
        fetched = self._consumer.poll(timeout_ms=timeout_ms, max_records=_MAX_RECORDS)
        if fetched:
            self._look.heard()
        else:
            self._look.look()
        self._join_again_if_forgotten()
        for partition, records in fetched.items():
            self._stored.setdefault(partition, records[0].offset)
        return [_as_record(record) for records in fetched.values() for record in records]

    def _join_again_if_forgotten(self) -> None:
        now_s = self._monotonic_s()
        if self._consumer.assignment():
            self._assigned_s = now_s
        elif now_s - self._assigned_s > _UNASSIGNED_S:
            _log.warning("no partitions, joining again", after_s=_UNASSIGNED_S)
            self._assigned_s = now_s
            self._consumer.unsubscribe()
            self._subscribe()  # what it raises ends the process, and it is started again

    def _subscribe(self) -> None:
        """Subscribe, then learn the topics' partitions, so that the first join is no guess and needs no second one."""
        self._consumer.subscribe(self._topics, listener=_Assigned(self._note_assignment))
        if missing := set(self._topics) - self._consumer.topics():
            raise TopicMissing(f"no topic {', '.join(sorted(missing))}: run `thidua topics create`")

    def _note_assignment(self) -> None:
        self._stored.clear()
        self._reassigned = True


class _Assigned(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Losing partitions needs no care: what was read of them is written twice at worst, and twice is once."""

    def __init__(self, note: Callable[[], None]) -> None:
        self._note = note

    def on_partitions_revoked(self, revoked: object) -> None:
        pass

    def on_partitions_assigned(self, assigned: object) -> None:
        self._note()


def _as_record(record: Any) -> Record:
    key = record.key.decode(errors="replace") if record.key is not None else ""
    return Record(
        record.topic,
        record.partition,
        record.offset,
        key,
        record.value,
        tuple(record.headers or ()),
        max(record.timestamp or 0, 0),
    )
