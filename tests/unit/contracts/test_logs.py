"""What a library says again and again is passed on now and then; what a service says, always."""

import logging

from services.contracts.logs import Sparing


def line(logger: str, number: int, message: str = "Unable to connect to %s") -> logging.LogRecord:
    return logging.LogRecord(logger, logging.ERROR, "client.py", number, message, ("node 1",), None)


def test_the_same_line_of_a_library_comes_once_in_a_while() -> None:
    now = [0.0]
    sparing = Sparing(every_s=5.0, monotonic_s=lambda: now[0])
    assert [sparing.filter(line("aiokafka", 435)) for _ in range(3)] == [True, False, False]
    assert sparing.filter(line("aiokafka", 436))
    now[0] = 5.0
    assert sparing.filter(line("aiokafka", 435))


def test_a_services_own_lines_are_all_there() -> None:
    sparing = Sparing()
    assert all(sparing.filter(line("thidua.ingest", 1)) for _ in range(3))


def test_the_memory_of_what_was_said_is_bounded() -> None:
    sparing = Sparing(monotonic_s=lambda: 0.0)
    for number in range(3 * Sparing.MOST_KINDS):
        sparing.filter(line("kafka", number))
    assert len(sparing._said_s) <= Sparing.MOST_KINDS
