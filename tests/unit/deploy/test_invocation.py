"""A message names the command as the reader can type it."""

from pathlib import Path

import pytest

from deploy.embedded.invocation import command


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`.venv/bin/thidua` below the working directory, and a PATH that holds nothing."""
    file = tmp_path / ".venv" / "bin" / "thidua"
    file.parent.mkdir(parents=True)
    file.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    return file


@pytest.mark.parametrize("is_absolute", [True, False])
def test_off_the_path_the_program_is_named_by_where_it_is(program: Path, is_absolute: bool) -> None:
    assert command("up", str(program) if is_absolute else ".venv/bin/thidua") == ".venv/bin/thidua up"


def test_on_the_path_the_name_is_enough(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    assert command("up", str(program)) == "thidua up"


def test_another_program_that_says_it_names_it_plainly(program: Path) -> None:
    assert command("up", "/usr/bin/python3") == "thidua up"
