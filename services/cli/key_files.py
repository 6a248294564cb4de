"""Key files: one key each, readable by their owner only."""

import os
from pathlib import Path

from services.cli.failures import CalledWrongly, FoundWrong


def write_key(file: Path, key: str) -> None:
    """Creates the file with mode 0600, whole or not at all. Raises `FoundWrong` when it exists."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(key + "\n")
    try:
        os.link(unfinished, file)
    except FileExistsError:
        raise FoundWrong(f"{file} exists already.", "Give another file, or move this one away.") from None
    finally:
        unfinished.unlink()


def read_key(file: Path) -> str:
    """Raises `CalledWrongly` when there is no such file."""
    try:
        return file.read_text().strip()
    except OSError as error:
        raise CalledWrongly(
            f"The key file {file} cannot be read ({error.strerror}).",
            "Give a key file with --key-file; thidua keys demo issues those of a pack.",
        ) from None
