"""What only the store knows is asked seldom, and by one at a time."""

import threading

from services.api.problems import EvaluationsUnavailable
from services.api.stored_waits import StoredWaits
from services.contracts.stored_rows import StoredWait
from tests.support.api import FakeStore


def test_a_store_that_hangs_holds_one_thread_and_the_others_are_told_that_it_is_not_known() -> None:
    begun, hang = threading.Event(), threading.Event()

    class Hanging(FakeStore):
        def stored_waits(self, seconds: int) -> list[StoredWait]:
            begun.set()
            hang.wait(60)
            return []

    waits = StoredWaits(Hanging())
    first = threading.Thread(target=waits.now)
    first.start()
    assert begun.wait(60)
    assert waits.now() == ({}, "ClickHouse has not answered yet.")
    hang.set()
    first.join(60)
    assert waits.now() == ({60: {}, 300: {}}, None)


def test_a_refusal_serves_as_long_as_an_answer() -> None:
    now, asked = [0.0], []

    class Down(FakeStore):
        def stored_waits(self, seconds: int) -> list[StoredWait]:
            asked.append(seconds)
            raise EvaluationsUnavailable("down")

    waits = StoredWaits(Down(), lambda: now[0])
    for now[0] in (0.0, 1.0, 4.9, 5.0):
        assert "asked again" in (waits.now()[1] or "")
    assert asked == [60, 60]
