"""Dead letters of storage: a producer that failed is of no more use, and the same letter is sent by another."""

from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from services.storage.dead_letters import KafkaDeadLetters
from services.storage.errors import BrokerUnavailable
from tests.support.stored_records import record


class Sent:
    def __init__(self, fails: bool) -> None:
        self._fails = fails

    def get(self, timeout: float) -> None:
        if self._fails:
            raise KafkaTimeoutError("not acknowledged")


class Producer:
    """One that fails never sends again, as kafka-python's does."""

    def __init__(self, fails: bool) -> None:
        self._fails = fails
        self.values: list[bytes] = []
        self.closed = False

    def send(self, _topic: str, **sent: Any) -> Sent:
        self.values.append(sent["value"])
        return Sent(self._fails)

    def close(self, timeout: float) -> None:
        self.closed = True


def test_after_a_failure_the_same_letter_goes_out_by_another_producer() -> None:
    broken, good = Producer(fails=True), Producer(fails=False)
    producers = iter([broken, good])
    letters = KafkaDeadLetters(lambda: next(producers))
    bad = [(record("campaign.packs", b"no pack"), "no JSON")]
    with pytest.raises(BrokerUnavailable):
        letters.send(bad)
    letters.send(bad)
    assert broken.closed
    assert good.values == broken.values
    letters.send(bad)
    assert len(good.values) == 2


def test_without_a_broker_it_says_so_and_tries_again_the_next_time() -> None:
    def nobody() -> Producer:
        raise KafkaTimeoutError("no broker")

    letters = KafkaDeadLetters(nobody)
    for _ in range(2):
        with pytest.raises(BrokerUnavailable):
            letters.send([(record("campaign.packs", b"no pack"), "no JSON")])
    letters.close()
