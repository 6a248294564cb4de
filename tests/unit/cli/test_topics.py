"""Topics are created once, with their settings; those that exist must have them."""

import pytest

from services.cli.broker import TopicState
from services.cli.failures import FoundWrong
from services.cli.topics import create_topics
from services.contracts.topics import EVENTS, FLAGS, TOPICS
from tests.unit.cli.fakes import FakeBroker


def test_topics_are_created_once() -> None:
    broker = FakeBroker()
    assert create_topics(broker, TOPICS, 12, 1) == ([topic.name for topic in TOPICS], [])
    assert create_topics(broker, TOPICS, 12, 1) == ([], [])
    assert broker.topics[EVENTS.name].partitions == 12


def test_only_what_is_missing_is_created() -> None:
    broker = FakeBroker()
    create_topics(broker, [EVENTS], 12, 1)
    assert EVENTS.name not in create_topics(broker, TOPICS, 12, 1).created


def test_another_number_of_partitions_is_told_and_nothing_is_created() -> None:
    broker = FakeBroker()
    create_topics(broker, [EVENTS], 6, 1)
    with pytest.raises(FoundWrong, match=r"campaign\.events has 6 partitions, not 12\."):
        create_topics(broker, TOPICS, 12, 1)
    assert list(broker.topics) == [EVENTS.name]


def test_another_setting_is_altered_and_other_settings_stay() -> None:
    broker = FakeBroker()
    broker.topics[EVENTS.name] = TopicState(12, {**EVENTS.config, "retention.ms": "1000", "flush.ms": "5"})
    assert create_topics(broker, [EVENTS], 12, 1) == ([], [EVENTS.name])
    assert broker.topics[EVENTS.name].config == {**EVENTS.config, "flush.ms": "5"}


def test_the_order_of_policies_does_not_matter() -> None:
    broker = FakeBroker()
    broker.topics[FLAGS.name] = TopicState(12, {**FLAGS.config, "cleanup.policy": "delete,compact"})
    assert create_topics(broker, [FLAGS], 12, 1) == ([], [])
