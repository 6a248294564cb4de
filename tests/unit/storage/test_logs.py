"""A topic that is created anew is another log, of the next generation."""

import pytest

from services.contracts.topics import EVENTS, STORED_TOPICS
from services.storage.errors import TopicMissing
from tests.unit.storage.fakes import FakeStore, fake_logs, log_id


def test_the_first_log_of_a_topic_is_of_generation_one_whoever_asks() -> None:
    store = FakeStore()
    for logs in (fake_logs(store), fake_logs(store)):
        logs.refresh()
        assert logs.of(EVENTS.name) == (log_id(EVENTS.name), 1)
    assert len(store.inserts) == 1


def test_only_the_topic_that_was_created_anew_is_of_the_next_generation() -> None:
    store = FakeStore()
    ids = {topic.name: log_id(topic.name) for topic in STORED_TOPICS}
    logs = fake_logs(store, ids)
    logs.refresh()
    ids[EVENTS.name] = log_id(EVENTS.name, 2)
    logs.refresh()
    assert {topic.name: logs.of(topic.name)[1] for topic in STORED_TOPICS} == {
        topic.name: 2 if topic == EVENTS else 1 for topic in STORED_TOPICS
    }


def test_a_topic_that_is_not_there_is_waited_for() -> None:
    with pytest.raises(TopicMissing, match="thidua topics create"):
        fake_logs(FakeStore(), {}).refresh()
