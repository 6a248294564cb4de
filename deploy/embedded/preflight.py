"""What is looked at before anything is started, so that a start fails with a sentence, not half way."""

import os
import shutil
from pathlib import Path

from deploy.embedded.errors import StackError
from deploy.embedded.invocation import command
from deploy.embedded.layout import Layout
from deploy.embedded.ports import Ports, holder, is_free

DISK_NEEDED_BYTES = 2 * 1024**3  # Kafka's index files are allocated ahead; a full disk stops the log


def check_writable(layout: Layout) -> None:
    if "%" in str(layout.data_dir):
        raise StackError(f"{layout.data_dir} holds a %, which supervisord cannot take: give another folder")
    folder = nearest_folder(layout.data_dir)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise StackError(
            f"{layout.data_dir} cannot be written: give another folder with --data-dir or THIDUA_DATA_DIR, "
            "or change the owner of this one"
        )


def nearest_folder(path: Path) -> Path:
    """The path itself, or the nearest of its parents that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def check_disk(layout: Layout) -> None:
    folder = nearest_folder(layout.data_dir)
    free = shutil.disk_usage(folder).free
    if free < DISK_NEEDED_BYTES:
        raise StackError(
            f"Only {free / 1e9:.1f} GB are free at {folder} and at least {DISK_NEEDED_BYTES / 1e9:.1f} GB are needed: "
            "make room, or give a folder on another disk with --data-dir"
        )


def check_ports(ports: Ports, names: set[str]) -> None:
    """The ports of these programs are free; the sentence names the first that is not, and who holds it."""
    for name, port in ports.items():
        if name in names and not is_free(port):
            by = holder(port)
            raise StackError(
                f"Port {port} ({name}) is taken{f' by {by}' if by else ''}: stop that process, or start on other "
                f"ports with `{command('up --port-base N')}` (or THIDUA_{name.upper()}_PORT)"
            )


def ports_of(programs: tuple[str, ...]) -> set[str]:
    """The names of the ports that these programs listen on."""
    return {name for name in Ports.__dataclass_fields__ if name.removesuffix("_controller") in programs}
