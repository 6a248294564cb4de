"""A worker that stood still for two thirds of its session ends before it sends anything."""

import pytest

from services.scoring.worker.watchdog import Watchdog


class Ended(Exception):
    pass


def end(message: str):
    raise Ended(message)


class Ticking:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_gap_within_two_thirds_of_the_session_is_fine():
    clock = Ticking()
    watchdog = Watchdog(6.0, clock, end)
    for _ in range(10):
        clock.now += 3.9
        watchdog.check()


def test_a_longer_gap_ends_the_process():
    clock = Ticking()
    watchdog = Watchdog(6.0, clock, end)
    clock.now += 4.1
    with pytest.raises(Ended, match=r"stood still for 4\.1 s"):
        watchdog.check()
