"""The embedded stack with its broker alone: start, crash, stop, start again, side by side."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from deploy.embedded import kafka as kafka_program
from deploy.embedded.java import with_learned_classes
from deploy.embedded.leftovers import leftovers
from deploy.embedded.stack import Stack
from deploy.embedded.status import StackStatus
from deploy.embedded.supervision import Supervisor

pytestmark = pytest.mark.system

_GONE_WITHIN_S = 90
_WELL_WITHIN_S = 90


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), programs=("kafka",)) as running:
        yield running


def _write(stack: Stack, topic: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=stack.urls["kafka"])
    producer.send(topic, value).get(timeout=60)
    producer.close()


def _read(stack: Stack, topic: str) -> list[bytes]:
    """All that the topic holds now; waits for a broker that is let in again only when its old session has ended."""
    consumer = KafkaConsumer(bootstrap_servers=stack.urls["kafka"], auto_offset_reset="earliest")
    place = TopicPartition(topic, 0)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    (end,) = consumer.end_offsets([place]).values()
    values: list[bytes] = []
    while consumer.position(place) < end:
        values += [record.value for records in consumer.poll(timeout_ms=1_000).values() for record in records]
    consumer.close()
    return values


def healthy(stack: Stack) -> StackStatus:
    """The status once all is well. A look waits two seconds for an answer, which a busy machine may need."""
    deadline = time.monotonic() + _WELL_WITHIN_S
    while not (status := stack.status()).healthy:
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
    return status


def _create(stack: Stack, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=stack.urls["kafka"])
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    admin.close()


def test_the_status_of_a_started_stack_is_healthy_with_pid_and_memory(stack: Stack) -> None:
    (kafka,) = healthy(stack).processes
    assert kafka.pid is not None and psutil.pid_exists(kafka.pid)
    assert 50 < (kafka.memory_mb or 0) < 600


def test_the_broker_started_with_what_an_earlier_one_has_learned(stack: Stack) -> None:
    cache_dir = stack.layout.cache_dir
    (kafka,) = stack.status().processes
    assert kafka_program.learned_records(cache_dir).exists()
    assert set(with_learned_classes(cache_dir)) <= set(psutil.Process(kafka.pid).cmdline())
    assert with_learned_classes(cache_dir)
    assert "aot" not in stack.layout.log("kafka").read_text()  # the JVM would say that it does not take them


def test_records_survive_kill_9_and_the_restart_is_counted(stack: Stack) -> None:
    _create(stack, "crash")
    _write(stack, "crash", b"before")
    killed = stack.kill("kafka")
    stack.wait_healthy("kafka")
    (kafka,) = stack.status().processes
    assert kafka.pid not in (None, killed)
    assert kafka.restarts == 1
    assert _read(stack, "crash") == [b"before"]


def test_records_survive_stop_and_start_on_other_ports(tmp_path: Path) -> None:
    with Stack(tmp_path / "data", programs=("kafka",)) as first:
        _create(first, "kept")
        _write(first, "kept", b"value")
    with Stack(tmp_path / "data", programs=("kafka",)) as second:
        assert second.urls != first.urls
        assert _read(second, "kept") == [b"value"]


def test_a_message_of_8_mb_passes(stack: Stack) -> None:
    _create(stack, "large")
    producer = KafkaProducer(bootstrap_servers=stack.urls["kafka"], max_request_size=9 * 1024 * 1024)
    metadata = producer.send("large", b"x" * 8 * 1024 * 1024).get(timeout=60)
    producer.close()
    assert metadata.offset == 0


def test_an_unknown_topic_is_not_created(stack: Stack) -> None:
    consumer = KafkaConsumer(
        "never-created", bootstrap_servers=stack.urls["kafka"], consumer_timeout_ms=1_000
    )
    assert list(consumer) == []
    consumer.close()
    admin = KafkaAdminClient(bootstrap_servers=stack.urls["kafka"])
    assert "never-created" not in admin.list_topics()
    admin.close()


def test_starting_twice_changes_nothing(stack: Stack) -> None:
    before = stack.status().processes[0].pid
    stack.start()
    assert stack.status().processes[0].pid == before


def test_a_second_stack_is_untouched_when_the_first_stops(stack: Stack, tmp_path: Path) -> None:
    with Stack(tmp_path / "other", programs=("kafka",)):
        pass
    healthy(stack)


def test_stop_leaves_no_process_of_the_stack(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "data", programs=("kafka",))
    stack.start()
    assert len(leftovers(stack.layout.data_dir)) == 1
    assert stack.stop()
    assert leftovers(stack.layout.data_dir) == []
    assert not stack.is_running()
    assert not stack.stop()


def test_programs_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "data", programs=("kafka",))
    stack.start()
    try:
        os.kill(Supervisor(stack.layout).pid(), signal.SIGKILL)
        deadline = time.monotonic() + _GONE_WITHIN_S
        while leftovers(stack.layout.data_dir) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert leftovers(stack.layout.data_dir) == []
        stack.start()  # the dead supervisor's socket and pid file are no obstacle
        healthy(stack)
    finally:
        stack.stop()
