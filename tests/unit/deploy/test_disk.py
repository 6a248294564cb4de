"""How much room is left: each file system once, and what to do when it is little."""

from pathlib import Path

from deploy.embedded.disk import Disk, disks
from deploy.embedded.layout import Layout
from deploy.embedded.ports import Ports


def test_a_file_system_that_holds_everything_is_told_once(tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path, Ports.from_base(18000))
    layout.create_folders()
    (layout.kafka_dir / "log").mkdir()
    (disk,) = disks(layout, wanted_bytes=1)
    assert disk.holds == ("Kafka's log", "ClickHouse", "logs")
    assert not disk.is_low
    assert disk.advice == ""


def test_folders_that_are_not_there_yet_are_left_out(tmp_path: Path) -> None:
    assert disks(Layout(tmp_path / "new", tmp_path, Ports.from_base(18000)), wanted_bytes=1) == ()


def test_a_disk_with_little_room_says_how_much_is_missing() -> None:
    disk = Disk("/srv/thidua/kafka/log", ("Kafka's log",), free_bytes=250_000_000, wanted_bytes=2_000_000_000)
    assert disk.is_low
    assert "0.25 GB free at /srv/thidua/kafka/log (Kafka's log)" in str(disk)
    assert "at least 1.75 GB more" in disk.advice
