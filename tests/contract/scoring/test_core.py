"""What the worker's core does under whatever loop drives it: under Faust, as it runs, and under a plain kafka-python loop."""

import pytest

from services.cli.publishing import published_packs
from services.contracts.checkpoints import CONFIRMED_GROUP
from services.contracts.routing import DEFAULT_PARTITIONS
from services.contracts.topics import EVENTS
from tests.contract.scoring.conftest import MONTHS, POISON, History
from tests.support.offline import fold_block

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


def test_every_evaluation_is_there_and_every_copy_is_what_one_fold_of_the_log_gives(history: History) -> None:
    copies, records = history.evaluations(), history.broker.read(EVENTS)
    packs = published_packs(history.broker)
    for block in history.blocks:
        own = [record for record in records if record.key == block]
        expected = fold_block(own, block, DEFAULT_PARTITIONS, packs)
        assert len(expected) == MONTHS
        assert {id: set(bodies) for id, bodies in copies[block].items()} == {
            id: {body} for id, body in expected.items()
        }


def test_two_workers_share_the_partitions(history: History) -> None:
    one, other = history.shares
    assert one and other and not one & other


def test_what_cannot_be_read_is_a_dead_letter_alone(history: History) -> None:
    letters = {letter.place: letter for letter in history.dead_letters()}
    (letter,) = letters.values()
    assert (letter.reason, letter.key) == ("bad-event", history.blocks[0])
    assert letter.body == POISON[1:-1]


def test_workers_that_are_told_to_end_do_so_with_everything_committed(history: History) -> None:
    assert history.exit_codes == [0, 0]
    committed = history.broker.committed(CONFIRMED_GROUP, EVENTS)
    ends = {partition: span.end for partition, span in history.broker.spans(EVENTS).items() if span.end}
    assert {partition: committed[partition].offset for partition in ends} == ends
