"""How a person calls `thidua` again: by its name where that is found, else by the path that this run was started by."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

_NAME: Final = "thidua"


def command(arguments: str, started_as: str | None = None) -> str:
    """The line to type, `thidua up` or `.venv/bin/thidua up`. `started_as` is `sys.argv[0]` unless given."""
    return f"{_program(sys.argv[0] if started_as is None else started_as)} {arguments}"


def _program(started_as: str) -> str:
    path = Path(started_as)
    if path.name != _NAME or not path.exists():
        return _NAME
    found = shutil.which(_NAME)
    if found is not None and path.samefile(found):
        return _NAME
    return os.path.relpath(path) if path.absolute().is_relative_to(Path.cwd()) else str(path)
