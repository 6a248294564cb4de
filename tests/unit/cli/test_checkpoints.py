"""Where checkpoints stand is told by partition; a place that is no longer in the topic is no checkpoint."""

from services.cli.broker import Committed
from services.cli.checkpoints import checkpoints
from services.cli.topics import create_topics
from services.contracts.checkpoints import CONFIRMED_GROUP, Note, read_note, write_note
from services.contracts.topics import CHECKPOINTS, EVENTS
from tests.unit.cli.fakes import FakeBroker


def broker() -> FakeBroker:
    made = FakeBroker()
    create_topics(made, [EVENTS, CHECKPOINTS], 3, 1)
    made.ends = {
        (EVENTS.name, 0): 100,
        (EVENTS.name, 1): 50,
        (CHECKPOINTS.name, 0): 8,
        (CHECKPOINTS.name, 1): 5,
    }
    made.commits[CONFIRMED_GROUP, EVENTS.name] = {
        0: Committed(90, write_note(Note(7))),
        1: Committed(50, ""),
    }
    return made


def test_each_partition_has_a_row() -> None:
    assert checkpoints(broker()) == [
        {"partition": 0, "end": 100, "confirmed": 90, "checkpoint": 7},
        {"partition": 1, "end": 50, "confirmed": 50, "checkpoint": None},
        {"partition": 2, "end": 0, "confirmed": 0, "checkpoint": None},
    ]


def test_what_was_cut_off_is_no_checkpoint() -> None:
    made = broker()
    made.cut(CHECKPOINTS)
    assert [row["checkpoint"] for row in checkpoints(made)] == [None] * 3


def test_what_another_version_wrote_beside_an_offset_says_nothing() -> None:
    assert [read_note(text) for text in (None, "", "7", "{]", '{"other": 1}')] == [Note()] * 5
    assert read_note(write_note(Note(3))) == Note(3)
