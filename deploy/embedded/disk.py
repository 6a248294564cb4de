"""How much room is left on the file systems that hold the log, the store and the programs' output."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.layout import Layout


@dataclass(frozen=True)
class Disk:
    """One file system of the stack. `holds` names what of the stack lies on it; below `wanted_bytes` it is time to make room."""

    folder: str
    holds: tuple[str, ...]
    free_bytes: int
    wanted_bytes: int

    @property
    def is_low(self) -> bool:
        return self.free_bytes < self.wanted_bytes

    def __str__(self) -> str:
        return f"{self.free_bytes / 1e9:.2f} GB free at {self.folder} ({', '.join(self.holds)})"

    @property
    def advice(self) -> str:
        """What to do; empty while there is room. Kafka ends itself on a full disk, ClickHouse refuses what it is given."""
        if not self.is_low:
            return ""
        missing = (self.wanted_bytes - self.free_bytes) / 1e9
        return f"make room there, at least {missing:.2f} GB more; what has stopped for want of it goes on by itself then"


def disks(layout: Layout, wanted_bytes: int) -> tuple[Disk, ...]:
    """Each file system once, in the order of what it holds. Folders that are not there yet are left out."""
    folders = {
        "Kafka's log": layout.kafka_dir / "log",
        "ClickHouse": layout.clickhouse_dir,
        "logs": layout.log_dir,
    }
    by_device: dict[int, tuple[Path, list[str]]] = {}
    for what, folder in folders.items():
        if folder.exists():
            by_device.setdefault(folder.stat().st_dev, (folder, []))[1].append(what)
    return tuple(
        Disk(str(folder), tuple(holds), shutil.disk_usage(folder).free, wanted_bytes)
        for folder, holds in by_device.values()
    )
