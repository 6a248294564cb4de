"""The third crash at one place halts that block, and a new engine version starts afresh."""

from pathlib import Path

from services.contracts.event_data import Place
from services.contracts.ids import BlockId
from services.scoring.worker.crash_memory import CrashMemory
from services.scoring.worker.halting import Crash

BLOCK = BlockId("tiny/a")


def test_two_crashes_do_not_halt_and_the_third_does(tmp_path: Path):
    file = tmp_path / "run" / "crashes.json"
    for count in (1, 2):
        assert CrashMemory(file, "1").remember(BLOCK, Place(0, 7, 2)) == count
        assert CrashMemory(file, "1").halts(0) == {}
    assert CrashMemory(file, "1").remember(BLOCK, Place(0, 7, 0), "KeyError: 'x'") == 3
    assert CrashMemory(file, "1").halts(0) == {BLOCK: Crash(Place(0, 7, 0), "KeyError: 'x'")}
    assert CrashMemory(file, "1").halts(1) == {}


def test_crashes_at_different_places_are_counted_apart(tmp_path: Path):
    memory = CrashMemory(tmp_path / "crashes.json", "1")
    for offset in (1, 2, 3):
        memory.remember(BLOCK, Place(0, offset, 0))
    assert memory.halts(0) == {}


def test_a_new_engine_version_forgets_the_crashes_of_the_old_one(tmp_path: Path):
    file = tmp_path / "crashes.json"
    for _ in range(3):
        CrashMemory(file, "1").remember(BLOCK, Place(0, 7, 0))
    assert CrashMemory(file, "2").halts(0) == {}


def test_a_new_engine_version_knows_from_where_a_halted_block_is_unpublished_until_it_is_published(
    tmp_path: Path,
):
    file = tmp_path / "crashes.json"
    for _ in range(3):
        CrashMemory(file, "1").remember(BLOCK, Place(0, 7, 0))
    assert CrashMemory(file, "1").mended(0) == {}
    CrashMemory(file, "2").remember(BLOCK, Place(0, 9, 0))
    assert CrashMemory(file, "2").mended(0) == {BLOCK: 7}
    assert CrashMemory(file, "2").mended(1) == {}
    CrashMemory(file, "2").forget_mended(0)
    assert CrashMemory(file, "2").mended(0) == {}


def test_a_release_ends_the_halt_and_leaves_what_is_unpublished(tmp_path: Path):
    file, place = tmp_path / "crashes.json", Place(0, 7, 0)
    for _ in range(3):
        CrashMemory(file, "1").remember(BLOCK, place)
    CrashMemory(file, "1").release(BLOCK, place)
    held = CrashMemory(file, "1")
    assert (held.halts(0), held.mended(0), held.released(0)) == ({}, {BLOCK: 7}, {(BLOCK, 7)})
    assert held.released(1) == frozenset()
    held.forget_mended(0)
    assert CrashMemory(file, "1").released(0) == {(BLOCK, 7)}


def test_a_released_block_is_halted_again_by_the_third_crash_there_and_not_before(tmp_path: Path):
    memory, place = CrashMemory(tmp_path / "crashes.json", "1"), Place(0, 7, 0)
    memory.release(BLOCK, place)
    for _ in range(2):
        memory.remember(BLOCK, place)
        assert memory.released(0) == {(BLOCK, 7)}
    memory.remember(BLOCK, place)
    assert (memory.released(0), set(memory.halts(0))) == (frozenset(), {BLOCK})


def test_a_file_cut_short_by_a_power_failure_is_begun_anew(tmp_path: Path):
    file = tmp_path / "crashes.json"
    for torn in (b"", b"\xff", b'{"engine":"1","cras'):
        file.write_bytes(torn)
        assert CrashMemory(file, "1").halts(0) == {}
        assert CrashMemory(file, "1").remember(BLOCK, Place(0, 7, 0)) == 1
