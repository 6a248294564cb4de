"""When too many events are refused the fault is not in the events, and the worker stops."""

from datetime import UTC, datetime

import pytest

from services.contracts.event_data import Place
from services.contracts.results import DeadLetter
from services.scoring.worker.dead_letter_limit import DeadLetterLimit, TooManyDeadLetters

LETTER = DeadLetter(
    "t", Place(0, 1, 0), "k", "bad-event", "no such field", "mend it", b"{}", datetime(2026, 1, 1, tzinfo=UTC)
)


def test_refused_events_in_a_row_stop_the_worker_and_say_why():
    limit = DeadLetterLimit(in_a_row=3, window=100, share=0.5)
    limit.refused(LETTER)
    limit.refused(LETTER)
    with pytest.raises(TooManyDeadLetters, match="3 events in a row were refused.*no such field"):
        limit.refused(LETTER)


def test_an_applied_event_begins_a_new_row():
    limit = DeadLetterLimit(in_a_row=3, window=100, share=0.9)
    for _ in range(20):
        limit.refused(LETTER)
        limit.refused(LETTER)
        limit.applied()


def test_a_large_share_of_a_full_window_stops_the_worker():
    limit = DeadLetterLimit(in_a_row=100, window=10, share=0.5)
    with pytest.raises(TooManyDeadLetters, match="of the newest 10 events"):
        for _ in range(20):
            limit.applied()
            limit.refused(LETTER)
            limit.refused(LETTER)


def test_a_small_share_never_does():
    limit = DeadLetterLimit(in_a_row=100, window=10, share=0.5)
    for _ in range(200):
        limit.applied()
        limit.applied()
        limit.refused(LETTER)
