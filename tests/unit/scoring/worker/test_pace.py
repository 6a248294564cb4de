"""When a block is ranked less often."""

from services.scoring.worker.pace import BUSY_EVENTS, BUSY_SCORES_EVERY_S, SCORES_EVERY_S, Pace


def after(*counts: int) -> list[float]:
    """The pace after each second, at whose end so many events were applied."""
    pace, told = Pace(), []
    for second, count in enumerate(counts, 1):
        pace.note(count, float(second))
        told.append(pace.every_s)
    return told


def test_a_process_is_busy_while_events_pour_in_and_no_longer():
    calm, busy = SCORES_EVERY_S, BUSY_SCORES_EVERY_S
    counts = (100, 100 + BUSY_EVENTS, 100 + 2 * BUSY_EVENTS, 2 * BUSY_EVENTS + 200)
    assert after(*counts) == [calm, busy, busy, calm]


def test_a_burst_shorter_than_a_second_is_not_looked_at_by_itself():
    pace = Pace()
    pace.note(0, 10.0)
    pace.note(BUSY_EVENTS // 2, 10.1)
    assert pace.every_s == SCORES_EVERY_S
    pace.note(BUSY_EVENTS // 2, 11.0)
    assert pace.every_s == SCORES_EVERY_S


def test_partitions_that_are_lost_take_their_count_with_them():
    assert after(1_000_000, 10) == [BUSY_SCORES_EVERY_S, SCORES_EVERY_S]
