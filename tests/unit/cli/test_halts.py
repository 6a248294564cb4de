"""Which blocks stand still, and which of them may be released."""

from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

from services.cli import halts
from services.cli.broker import Outgoing
from services.cli.failures import CalledWrongly, FoundWrong
from services.contracts.event_data import Place
from services.contracts.results import RANKING_SCHEMA, Halt, HaltReason, Ranking, encode_result
from services.contracts.topics import RANKINGS
from tests.support.boards import NOON, BoardBuilder, build_pack
from tests.unit.cli.fakes import FakeBroker

BOARD = BoardBuilder(build_pack("mau", 3))


def still(why: HaltReason = "engine_crashed") -> Ranking:
    halt = Halt(why, Place(3, 101, 2), NOON, "KeyError: 'x'")
    return msgspec.structs.replace(BOARD.ranking(), halted=True, halt=halt)


def broker_with(*rankings: Ranking) -> FakeBroker:
    broker = FakeBroker()
    broker.append(RANKINGS, [Outgoing(one.block, encode_result(one), RANKING_SCHEMA) for one in rankings])
    return broker


def test_a_block_stands_still_when_its_newest_ranking_says_so() -> None:
    assert [ranking.block for ranking, _ in halts.halted(broker_with(BOARD.ranking(), still()))] == [
        BOARD.block
    ]
    assert halts.halted(broker_with(still(), BOARD.ranking())) == []
    old = msgspec.structs.replace(BOARD.ranking(), cause=Place(3, 1, 0))
    assert len(halts.halted(broker_with(still(), old))) == 1


def test_only_a_crash_is_released_and_only_of_a_block_that_stands_still() -> None:
    assert halts.released_place(broker_with(still()), BOARD.block) == Place(3, 101, 2)
    with pytest.raises(CalledWrongly, match="does not stand still"):
        halts.released_place(broker_with(BOARD.ranking()), BOARD.block)
    with pytest.raises(CalledWrongly, match="THIDUA_SCORING_DEAD_LETTERS_IN_A_ROW"):
        halts.released_place(broker_with(still("too_many_refused")), BOARD.block)


def test_the_memories_of_all_workers_of_the_folder_are_held_and_one_that_runs_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halts, "_LOCK_WAIT_S", 0.05)
    (tmp_path / "scoring-1.lock").touch()
    with halts._unused(tmp_path) as memories:
        assert [path.name for path in memories] == ["scoring-0-crashes.json", "scoring-1-crashes.json"]
    with (
        FileLock(tmp_path / "scoring-1.lock", is_singleton=False),
        pytest.raises(FoundWrong, match="worker 1 runs"),
        halts._unused(tmp_path),
    ):
        pass
