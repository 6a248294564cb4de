"""The fold of the followed topics."""

from datetime import timedelta

import pytest

from services.api.fold import CampaignFold, Change
from services.api.positions import Positions
from services.contracts.flags import FlagState
from services.contracts.ids import BlockId
from services.contracts.results import Ranking
from services.contracts.topics import EVALUATIONS, FLAGS, PACKS, RANKINGS
from tests.support.boards import NOON, BoardBuilder, Clock, Topics, build_pack


@pytest.fixture
def board() -> BoardBuilder:
    return BoardBuilder(build_pack("mau", 8))


class Folded:
    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.fold = CampaignFold(Clock(), self.changes.append)
        self.topics = Topics()

    def feed(self, *results: object) -> None:
        for result in results:
            self.fold.apply(self.topics.result(result))  # type: ignore[arg-type]


@pytest.fixture
def folded() -> Folded:
    return Folded()


def everything(block: BlockId) -> bool:
    return True


def test_the_newest_ranking_is_held(folded: Folded, board: BoardBuilder) -> None:
    first = board.ranking()
    board.push("u003", 0.9)
    second = board.ranking()
    folded.feed(first, second)
    held = folded.fold.ranking(board.block)
    assert held is not None
    assert held.value == second
    assert len(folded.changes) == 2


def test_an_old_ranking_written_last_by_a_woken_zombie_changes_nothing(
    folded: Folded, board: BoardBuilder
) -> None:
    old = board.ranking()
    board.push("u003", 0.9)
    new = board.ranking()
    folded.feed(new, old)
    held = folded.fold.ranking(board.block)
    assert held is not None
    assert held.value == new
    assert len(folded.changes) == 1


def test_an_equal_copy_that_the_owner_sends_again_is_no_change(folded: Folded, board: BoardBuilder) -> None:
    folded.feed(board.ranking(), board.ranking(), board.ranking())
    assert len(folded.changes) == 1


def test_new_intervals_at_the_same_place_are_a_change(folded: Folded, board: BoardBuilder) -> None:
    first = board.ranking()
    board.coverage = dict.fromkeys(board.coverage, 1.0)
    second = board.ranking()
    assert first.cause == second.cause
    folded.feed(first, second)
    assert len(folded.changes) == 2


def test_an_old_state_of_a_flag_does_not_bring_it_back(folded: Folded, board: BoardBuilder) -> None:
    proposed = board.flag("leader", place=0, cause=50)
    ended = board.flag("leader", place=0, state="ended", cause=60)
    folded.feed(proposed, ended, proposed)
    assert [flag.state for flag in folded.fold.flags()] == ["ended"]


def test_open_flags_are_those_that_nobody_dismissed_and_that_have_not_ended(
    folded: Folded, board: BoardBuilder
) -> None:
    states: tuple[FlagState, ...] = ("proposed", "confirmed", "dismissed", "ended")
    folded.feed(*(board.flag("leader", place=place, state=state) for place, state in enumerate(states)))
    assert {flag.state for flag in folded.fold.open_flags()} == {"proposed", "confirmed"}


def test_open_flags_are_newest_first_and_confirmed_before_proposals_of_the_same_time(
    folded: Folded, board: BoardBuilder
) -> None:
    proposals = [board.flag("leader", place=place) for place in (0, 2)]
    confirmed = board.flag("leader", place=1, state="confirmed")
    later = board.flag("leader", place=3, as_of=NOON + timedelta(hours=1))
    folded.feed(*proposals, confirmed, later)
    first, second, *rest = folded.fold.open_flags()
    assert (first, second) == (later, confirmed)
    assert {flag.id for flag in rest} == {flag.id for flag in proposals}


def test_a_tombstone_removes_a_flag(folded: Folded, board: BoardBuilder) -> None:
    flag = board.flag("leader", place=0)
    folded.feed(flag)
    folded.fold.apply(folded.topics.raw(FLAGS.name, flag.id, None))
    assert folded.fold.flags() == []


@pytest.mark.parametrize("topic", [RANKINGS.name, FLAGS.name, EVALUATIONS.name, PACKS.name])
@pytest.mark.parametrize("value", [b'{"half": ', b'{"block":"\xff"}', b'{"x":' + b"[" * 100_000, b""])
def test_an_unreadable_record_is_counted_and_stops_nothing(
    folded: Folded, board: BoardBuilder, topic: str, value: bytes
) -> None:
    folded.fold.apply(folded.topics.raw(topic, "k", value))
    folded.feed(board.ranking())
    assert folded.fold.unreadable == 1
    assert folded.fold.ranking(board.block) is not None


def test_a_reader_without_an_id_has_missed_the_newest_of_each(folded: Folded, board: BoardBuilder) -> None:
    folded.feed(
        board.ranking(),
        board.flag("leader", place=0),
        board.evaluation("2026-09"),
        board.evaluation("2026-10"),
    )
    board.push("u001", 0.9)
    folded.feed(board.ranking())
    missed = folded.fold.missed(Positions(), everything)
    assert len(missed) == 3
    assert missed[-1].positions.encode() == folded.fold.positions.encode()


def test_a_reader_who_saw_everything_has_missed_nothing(folded: Folded, board: BoardBuilder) -> None:
    folded.feed(board.ranking(), board.flag("leader", place=0))
    assert folded.fold.missed(folded.changes[-1].positions, everything) == []


def test_a_reader_who_saw_the_first_ranking_gets_only_the_newest(folded: Folded, board: BoardBuilder) -> None:
    folded.feed(board.ranking())
    for score in (0.7, 0.8, 0.9):
        board.push("u001", score)
        folded.feed(board.ranking())
    (missed,) = folded.fold.missed(folded.changes[0].positions, everything)
    assert isinstance(missed.held.value, Ranking)
    assert missed.held.value.cause.offset == board.offset


def test_a_block_of_the_same_partition_that_was_written_later_is_not_lost_to_a_reader(
    folded: Folded, board: BoardBuilder
) -> None:
    """The id counts records of the topic, not causes: another block's older cause can be published later."""
    other = BoardBuilder(build_pack("khac", 8))
    board.offset = 500
    folded.feed(board.ranking())
    seen = folded.changes[-1].positions
    folded.feed(other.ranking())
    assert other.offset < board.offset
    assert [change.block for change in folded.fold.missed(seen, everything)] == [other.block]
