"""What reached the board is told to the log in few records, and an outage costs measurements, not the board."""

from typing import Any

from kafka.errors import KafkaError

from services.api.sightings import SightingLog
from services.contracts.steps import Sighting, decode_sightings


class FakeProducer:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.down = self.closed = False

    def send(self, _topic: str, *, value: bytes, headers: list[tuple[str, bytes]]) -> Any:
        if self.down:
            raise KafkaError("no broker")
        self.sent.append(value)
        return self

    def get(self, timeout: float) -> None:
        pass

    def close(self, timeout: float) -> None:
        self.closed = True


def sighting(number: int) -> Sighting:
    return Sighting("mau/main", 3, number, 0, 1_000_000, "[1,0,[0,0,0],[]]")


def test_many_are_told_in_few_records_and_in_order() -> None:
    producer = FakeProducer()
    log = SightingLog(lambda: producer)
    for number in range(250):
        log.note(sighting(number))
    log.flush()
    records = [decode_sightings(value) for value in producer.sent]
    assert [len(one) for one in records] == [100, 100, 50]
    assert [one.offset for of in records for one in of] == list(range(250))


def test_after_an_outage_it_goes_on_with_a_new_producer() -> None:
    producers = [FakeProducer(), FakeProducer()]
    made = iter(producers)
    log = SightingLog(lambda: next(made))
    producers[0].down = True
    log.note(sighting(1))
    log.flush()
    log.note(sighting(2))
    log.flush()
    assert [one.offset for one in decode_sightings(producers[1].sent[0])] == [2]
    assert producers[0].closed


def test_what_waits_is_bounded() -> None:
    log = SightingLog(FakeProducer)
    for number in range(6_000):
        log.note(sighting(number))
    assert len(log._waiting) == 5_000
