"""When the log takes nothing more: too much waits, or the oldest has waited too long."""

import pytest

from services.contracts.problems import LogUnavailable
from services.ingest.pending import Pending


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_has_ended_makes_room() -> None:
    pending = Pending(10)
    with pending.held(10):
        pass
    with pending.held(10):
        assert not pending.is_stalled


def test_more_bytes_than_may_wait_are_refused_and_do_not_count() -> None:
    pending = Pending(10)
    with pending.held(6):
        with pytest.raises(LogUnavailable), pending.held(5):
            pass
        with pending.held(4):
            pass


def test_behind_an_append_that_hangs_others_are_refused_at_once() -> None:
    clock = Clock()
    pending = Pending(10, clock)
    with pending.held(1):
        clock.now += 3.5
        assert pending.is_stalled
        with pytest.raises(LogUnavailable), pending.held(1):
            pass
    with pending.held(1):
        assert not pending.is_stalled


def test_an_append_is_late_before_it_counts_as_hanging() -> None:
    clock = Clock()
    pending = Pending(10, clock)
    assert not pending.is_late
    with pending.held(1):
        assert not pending.is_late
        clock.now += 1.0
        assert pending.is_late
        assert not pending.is_stalled
        with pending.held(1):
            pass
    assert not pending.is_late


def test_a_failed_append_makes_room_as_well() -> None:
    pending = Pending(1)
    with pytest.raises(ZeroDivisionError), pending.held(1):
        raise ZeroDivisionError
    with pending.held(1):
        pass
