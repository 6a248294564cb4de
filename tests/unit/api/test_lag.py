"""How far the services are behind, as the broker says, and what is said when it does not."""

from collections.abc import Iterable

from kafka import TopicPartition
from kafka.errors import KafkaError

from services.api.lag import Committed, LagWatch, ends_by_topic
from services.api.settings import ApiSettings
from tests.support.boards import NOON

EVENTS = "campaign.events"


class FakeOffsets:
    def __init__(self, committed: dict[str, Committed], ends: Committed) -> None:
        self._committed = committed
        self._ends = ends
        self.down = False

    def committed(self, group: str) -> Committed:
        if self.down:
            raise KafkaError("no broker")
        return self._committed.get(group, {})

    def ends(self, partitions: Iterable[tuple[str, int]]) -> Committed:
        return {place: self._ends[place] for place in partitions}

    def close(self) -> None:
        pass


def watch(offsets: FakeOffsets) -> LagWatch:
    return LagWatch({"scoring": "g"}, offsets, lambda: NOON, every_s=60)


def test_it_is_the_end_less_what_is_committed_and_names_who_is_behind() -> None:
    offsets = FakeOffsets({"g": {(EVENTS, 0): 5, (EVENTS, 1): 9}}, {(EVENTS, 0): 12, (EVENTS, 1): 9})
    one = watch(offsets)
    one.ask()
    (group,) = one.lag.groups
    assert (one.lag.as_of, group.behind, group.unknown) == (NOON, 7, None)
    assert [(late.partition, late.behind) for late in group.partitions] == [(0, 7)]


def test_before_the_first_answer_and_without_a_commit_it_is_unknown_not_zero() -> None:
    one = watch(FakeOffsets({}, {}))
    assert (one.lag.as_of, one.lag.groups[0].behind) == (None, None)
    one.ask()
    assert one.lag.groups[0].behind is None
    assert "committed nothing" in (one.lag.groups[0].unknown or "")


def test_a_broker_that_does_not_answer_makes_it_unknown_and_then_known_again() -> None:
    offsets = FakeOffsets({"g": {(EVENTS, 0): 5}}, {(EVENTS, 0): 5})
    one = watch(offsets)
    offsets.down = True
    one.ask()
    assert one.lag.groups[0].behind is None
    offsets.down = False
    one.ask()
    assert one.lag.groups[0].behind == 0


def test_the_groups_are_those_of_the_settings() -> None:
    assert ApiSettings(api_lag_groups="a=b, c=d").lag_groups() == {"a": "b", "c": "d"}


class ForgetfulConsumer:
    """As kafka-python 3: what it does not know is left out, and only a question about nothing known makes it learn."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        if not any(place.topic in self._known for place in partitions):
            self._known |= {place.topic for place in partitions}
        found = {place: 7 for place in partitions if place.topic in self._known}
        return {place: found[place] for place in partitions}


def test_a_kept_consumer_learns_of_a_topic_beside_one_that_it_knows() -> None:
    consumer = ForgetfulConsumer()
    assert ends_by_topic(consumer, [(EVENTS, 0)]) == {(EVENTS, 0): 7}
    both = [("campaign.flags", 0), (EVENTS, 1), ("campaign.flags", 1)]
    assert ends_by_topic(consumer, both) == dict.fromkeys(both, 7)
