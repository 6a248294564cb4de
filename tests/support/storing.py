"""Waits until storage has stored what stands in the log."""

import time

from services.cli.auditing.run import STORAGE_GROUP
from services.cli.broker import KafkaBroker
from services.contracts.topics import Topic


def wait_stored(
    broker: KafkaBroker, *topics: Topic, group: str = STORAGE_GROUP, within_s: float = 180.0
) -> None:
    """Returns when all that stands in the topics now is in ClickHouse, in every table: storage commits an offset after that."""
    deadline_s = time.monotonic() + within_s
    for topic in topics:
        ends = {
            partition: span.end for partition, span in broker.spans(topic).items() if span.end > span.begin
        }
        while lacking := _lacking(broker, group, topic, ends):
            assert time.monotonic() < deadline_s, f"not stored within {within_s:g} s: {topic.name} {lacking}"
            time.sleep(0.2)


def _lacking(broker: KafkaBroker, group: str, topic: Topic, ends: dict[int, int]) -> dict[int, int]:
    """Ends of partitions that storage has not come to."""
    committed = {partition: held.offset for partition, held in broker.committed(group, topic).items()}
    return {partition: end for partition, end in ends.items() if committed.get(partition, 0) < end}
