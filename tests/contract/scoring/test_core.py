"""What the worker's core does under whatever loop drives it: under Faust, as it runs, and under a plain kafka-python loop."""

import signal

import pytest

from services.contracts.checkpoints import CONFIRMED_GROUP
from services.contracts.topics import EVENTS
from tests.contract.scoring.history import MONTHS, POISON, History

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_every_evaluation_is_there_and_every_copy_is_what_one_fold_of_the_log_gives(history: History) -> None:
    expected = history.expected()
    assert {len(of_block) for of_block in expected.values()} == {MONTHS}
    assert history.evaluations() == expected


def test_two_workers_share_the_partitions(history: History) -> None:
    one, other = history.shares
    assert one and other and not one & other


def test_what_cannot_be_read_is_a_dead_letter_alone(history: History) -> None:
    letters = {letter.place: letter for letter in history.dead_letters()}
    (letter,) = letters.values()
    assert (letter.reason, letter.key) == ("bad-event", history.blocks[0])
    assert letter.body == POISON[1:-1]


def test_workers_that_are_told_to_end_do_so_with_everything_committed(history: History) -> None:
    assert history.group.exit_codes == [-signal.SIGKILL, 0, 0]
    committed = history.broker.committed(CONFIRMED_GROUP, EVENTS)
    ends = {partition: span.end for partition, span in history.broker.spans(EVENTS).items() if span.end}
    assert {partition: committed[partition].offset for partition in ends} == ends
