"""The commands' broker: the same promises hold for the stand-in of the unit tests and for a real Kafka."""

import time
from uuid import uuid4

import pytest

from deploy.embedded.stack import Stack
from services.cli.broker import Broker, KafkaBroker, Outgoing
from services.cli.failures import CannotReach
from services.cli.topics import create_topics
from services.contracts.topics import Topic
from tests.unit.cli.fakes import FakeBroker

pytestmark = pytest.mark.system


@pytest.fixture(params=["fake", "kafka"])
def broker(request: pytest.FixtureRequest) -> Broker:
    if request.param == "fake":
        return FakeBroker()
    engines: Stack = request.getfixturevalue("engines")
    return KafkaBroker([engines.layout.urls["kafka"]])


@pytest.fixture
def topic() -> Topic:
    config = {"cleanup.policy": "compact,delete", "retention.ms": "86400000"}
    return Topic(f"test.{uuid4().hex[:8]}", by_block=True, config=config)


def test_topics_are_created_once_and_found_to_be_right(broker: Broker, topic: Topic) -> None:
    assert create_topics(broker, [topic], 3, 1) == ([topic.name], [])
    assert create_topics(broker, [topic], 3, 1) == ([], [])
    assert broker.existing([topic])[topic.name].partitions == 3


def test_a_topic_of_an_earlier_version_gets_todays_settings(broker: Broker, topic: Topic) -> None:
    create_topics(broker, [topic], 3, 1)
    today = Topic(
        topic.name, by_block=True, config={**topic.config, "retention.ms": "90000000", "segment.ms": "600000"}
    )
    assert create_topics(broker, [today], 3, 1) == ([], [topic.name])
    deadline = time.monotonic() + 60  # what the controller has decided the broker tells a moment later
    while create_topics(broker, [today], 3, 1) != ([], []):
        assert time.monotonic() < deadline, "the settings are altered again and again"


def test_what_was_appended_is_read_back(broker: Broker, topic: Topic) -> None:
    create_topics(broker, [topic], 3, 1)
    broker.append(topic, [Outgoing(f"hdi/b{n}", str(n).encode(), b"test/1") for n in range(9)])
    broker.append(topic, [Outgoing("hdi/b1", None, b"test/1")])
    held = [(record.key, record.value) for record in broker.read(topic)]
    assert sorted(held, key=str) == sorted(
        [*((f"hdi/b{n}", str(n).encode()) for n in range(9)), ("hdi/b1", None)], key=str
    )
    assert [value for key, value in held if key == "hdi/b1"] == [b"1", None]


def test_an_empty_topic_is_read_at_once(broker: Broker, topic: Topic) -> None:
    create_topics(broker, [topic], 3, 1)
    assert broker.read(topic) == []


def test_a_topic_that_is_not_there_is_told(engines: Stack, topic: Topic) -> None:
    with pytest.raises(CannotReach, match="does not exist"):
        KafkaBroker([engines.layout.urls["kafka"]]).append(topic, [Outgoing("a/b", b"1", b"test/1")])
