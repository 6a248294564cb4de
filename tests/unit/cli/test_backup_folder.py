"""A backup holds what was written into it, goes on where it was cut off, and tells of every damage before anything is restored."""

from pathlib import Path

import pytest

from services.cli.backup_folder import BackupFolder, Copied
from services.cli.failures import CalledWrongly, FoundWrong

TOPIC = "campaign.events"


def record(offset: int) -> Copied:
    return Copied(offset, 1_770_000_000_000 + offset, b"c/b", b"[%d]" % offset, [("schema", b"events/1")])


def folder(path: Path) -> BackupFolder:
    """Two segments of partition 0 and one of partition 2, of which the first offset holds no record."""
    made = BackupFolder.create_or_resume(path / "backup", partitions=3)
    made.write(TOPIC, 0, 0, 2, [record(0), record(1)])
    made.write(TOPIC, 2, 0, 2, [record(1)])
    made.write(TOPIC, 0, 2, 3, [record(2)])
    return made


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    folder(tmp_path)
    again = BackupFolder.open(tmp_path / "backup")
    assert [again.read(one) for one in again.segments(TOPIC, 0)] == [[record(0), record(1)], [record(2)]]
    again.check([TOPIC])


def test_a_backup_goes_on_where_its_list_ends(tmp_path: Path) -> None:
    folder(tmp_path)
    again = BackupFolder.create_or_resume(tmp_path / "backup", partitions=3)
    assert [again.next_offset(TOPIC, partition) for partition in range(3)] == [3, 0, 2]


def test_a_file_that_is_not_in_the_list_does_not_count(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made.path / TOPIC / "0000-000000000003.zst").write_bytes(b"half a segme")
    assert BackupFolder.open(made.path).next_offset(TOPIC, 0) == 3
    made.write(TOPIC, 0, 3, 4, [record(3)])
    BackupFolder.open(made.path).check([TOPIC])


def test_what_is_forgotten_is_gone_from_the_disk(tmp_path: Path) -> None:
    made = folder(tmp_path)
    made.forget(TOPIC)
    assert made.segments(TOPIC) == []
    assert list((made.path / TOPIC).iterdir()) == []


def test_nobody_else_may_look_into_a_backup(tmp_path: Path) -> None:
    assert folder(tmp_path).path.stat().st_mode & 0o077 == 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    made = folder(tmp_path)
    damaged = made.path / made.segments(TOPIC)[1].file
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    with pytest.raises(FoundWrong, match=r"0002-000000000000\.zst has another SHA-256"):
        made.check([TOPIC])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made.path / made.segments(TOPIC)[0].file).unlink()
    with pytest.raises(FoundWrong, match=r"0000-000000000000\.zst cannot be read"):
        made.check([TOPIC])


def test_a_segment_that_is_missing_from_the_list_is_told(tmp_path: Path) -> None:
    made = folder(tmp_path)
    del made.contents.segments[0]
    with pytest.raises(FoundWrong, match="begins at 2, the one before ends at 0"):
        made.check([TOPIC])


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(CalledWrongly, match="not empty"):
        BackupFolder.create_or_resume(tmp_path, partitions=3)
    with pytest.raises(CalledWrongly, match="holds no backup"):
        BackupFolder.open(tmp_path)


def test_a_backup_of_a_log_with_other_partitions_is_not_gone_on_with(tmp_path: Path) -> None:
    made = folder(tmp_path)
    with pytest.raises(CalledWrongly, match="with 3 partitions, this one has 12"):
        BackupFolder.create_or_resume(made.path, partitions=12)
